import type { HostLink } from "../../core/drift.ts";
import { itemKey } from "./fleet-record.ts";
import { HOST_STATES, STATE_WORDS } from "./host-state.ts";
import { html, joined, type Markup } from "./markup.ts";
import { offsetText } from "./measures.ts";
import { LINK_STATE_WORDS } from "./topology-words.ts";
import type { View, ViewHost } from "./view.ts";

/** Every host on a line, those that need somebody first. */
export function hostTable(view: View): Markup {
  const order = view.hosts
    .map((host, index) => ({ host, index }))
    .sort(
      (a, b) => HOST_STATES.indexOf(a.host.state) - HOST_STATES.indexOf(b.host.state) || a.index - b.index,
    );
  return html`<section id="hosts" aria-labelledby="hosts-title">
<h2 id="hosts-title">Hosts</h2>
<p class="found" id="hosts-found" hidden></p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="hosts-title"><table class="hosts-table">
<thead><tr><th scope="col">Host</th><th scope="col">Status</th><th scope="col">Found now</th><th scope="col">Clock</th><th scope="col">Time from</th><th scope="col">Logs to</th></tr></thead>
<tbody>${order.map(({ host, index }) => hostRow(view, host, index))}</tbody>
</table></div></section>`;
}

function hostRow(view: View, host: ViewHost, index: number): Markup {
  const { mark, word } = STATE_WORDS[host.state];
  const clock = host.clock
    ? html`stratum ${host.clock.stratum}, <span class="offset">${offsetText(host.clock.offset)}</span>${host.clock.leap !== "normal" && html`, ${host.clock.leap === "unsynchronised" ? "unsynchronised" : `leap second: ${host.clock.leap}`}`}`
    : html`<span class="none">–</span>`;
  return html`<tr id="host-${index}" class="${host.state}"><th scope="row"><a href="#host-${index}">${host.name}</a></th><td class="status"><span class="mark" aria-hidden="true">${mark}</span> ${word}</td><td>${foundNow(view, host)}</td><td class="clock">${clock}</td><td>${linkList(host.links, "ntp")}</td><td>${linkList(host.links, "syslog")}</td></tr>\n`;
}

function foundNow({ nights, problems }: View, host: ViewHost): Markup {
  const items = host.nights[nights.length - 1]?.items ?? [];
  if (items.length === 0) return html`<span class="none">–</span>`;
  const links = items.flatMap((key) => {
    const problem = host.problems.get(key);
    return problem
      ? [html`<a class="code" href="#problem-${problems.groupOf(itemKey(problem)) ?? 0}">${problem.code}</a>`]
      : [];
  });
  return joined(links, " ");
}

function linkList(links: readonly HostLink[], kind: HostLink["kind"]): Markup {
  const own = links.filter((link) => link.kind === kind);
  if (own.length === 0) return html`<span class="none">–</span>`;
  return joined(own.map(linkWords), ", ");
}

function linkWords({ to, state, detail }: HostLink): Markup {
  if (state === "in-use") return html`${to}`;
  const mark = state === "broken" ? "✕ " : state === "unknown" ? "? " : "";
  const why = state !== "standby" && detail !== undefined ? detail : LINK_STATE_WORDS[state];
  return html`<span class="link ${state}">${mark}${to} <small>(${why})</small></span>`;
}

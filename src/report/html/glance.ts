import { longDay, shortDay } from "./calendar.ts";
import { HOST_STATES, STATE_WORDS } from "./host-state.ts";
import { html, joined, type Markup } from "./markup.ts";
import { counted } from "./measures.ts";
import type { View } from "./view.ts";

/** The top of the page: one sentence that says how the fleet is, and the numbers behind it. */
export function glance(view: View): Markup {
  return html`<section id="glance" aria-labelledby="verdict">
${verdict(view)}
${shareBar(view)}
<dl class="tiles">${stateTiles(view)}${changeTiles(view)}</dl>
</section>`;
}

function verdict({ counts, hosts, nights }: View): Markup {
  const all = hosts.length;
  const looked = all - counts.absent;
  const { drifted, unknown } = counts;
  const last = nights[nights.length - 1];
  const tone = drifted > 0 ? "drifted" : unknown > 0 ? "unknown" : "fine";
  const sentence =
    drifted > 0
      ? `${drifted.toLocaleString("en")} of ${counted(looked, "host")} ${drifted === 1 ? "has" : "have"} drifted`
      : unknown > 0
        ? `Nothing drifted on the ${counted(looked - unknown, "host")} that could be looked at`
        : `${looked === 1 ? "The host is" : `All ${counted(looked, "host")} are`} as declared`;
  const more = [
    unknown > 0 &&
      `${counted(unknown, "host")} could not be looked at, so nothing is known of ${unknown === 1 ? "it" : "them"}.`,
    counts.absent > 0 && `The last run was not for ${counted(counts.absent, "other host")}.`,
  ].filter((one): one is string => one !== false);
  return html`<h2 id="verdict" class="${tone}"><span class="mark" aria-hidden="true">${STATE_WORDS[tone].mark}</span> ${sentence}</h2>
<p class="verdict-more">${last && `Night of ${longDay(last.day)}. `}${more.join(" ")}</p>`;
}

/** One bar for the whole fleet; each part has its mark, its pattern and its number. */
function shareBar({ counts, hosts }: View): Markup {
  const width = 1000;
  const shown = HOST_STATES.filter((state) => counts[state] > 0);
  // What is there stays visible: a part of 1 in 500 is still some pixels wide.
  const least = 12;
  const free = width - least * shown.length;
  let x = 0;
  const parts = shown.map((state) => {
    const part = least + (free * counts[state]) / Math.max(1, hosts.length);
    const rect = html`<rect class="${state}" x="${Math.round(x)}" width="${Math.max(1, Math.round(part) - 3)}" height="14" rx="3"/>`;
    x += part;
    return rect;
  });
  const words = shown.map((state) => `${counts[state]} ${STATE_WORDS[state].word}`).join(", ");
  return html`<svg class="share" viewBox="0 0 ${width} 14" preserveAspectRatio="none" role="img" aria-label="${words}">${parts}</svg>`;
}

function stateTiles({ counts }: View): Markup[] {
  return HOST_STATES.filter((state) => state !== "absent" || counts.absent > 0).map((state) => {
    const { mark, word, meaning } = STATE_WORDS[state];
    return html`<div class="tile ${state}"><dt><span class="mark" aria-hidden="true">${mark}</span> ${word}</dt><dd><b>${counts[state].toLocaleString("en")}</b> <span>${meaning}</span></dd></div>`;
  });
}

function changeTiles(view: View): Markup[] {
  const findings = view.problems.groups.filter(({ kind }) => kind === "finding");
  const fresh = findings.reduce((sum, group) => sum + group.fresh, 0);
  const now = findings.reduce((sum, group) => sum + group.now.length, 0);
  const gone = view.hosts.reduce((sum, host) => sum + host.resolved.length, 0);
  return [
    changeTile("new", "new findings", fresh, "not there at the look before"),
    changeTile("standing", "standing findings", now - fresh, "found before, too"),
    changeTile("resolved", "resolved", gone, "gone since the look before"),
  ];
}

function changeTile(name: string, word: string, count: number, meaning: string): Markup {
  return html`<div class="tile ${name}"><dt>${word}</dt><dd><b>${count.toLocaleString("en")}</b> <span>${meaning}</span></dd></div>`;
}

/** What the nights of the report are, in words: `30 nights, 25 Oct to 23 Nov`. */
export function nightsWords({ nights }: Pick<View, "nights">): string {
  const [first] = nights;
  const last = nights[nights.length - 1];
  if (!first || !last) return "no night";
  if (first === last) return `1 night, ${shortDay(last.day)}`;
  return `${nights.length} nights, ${shortDay(first.day)} to ${shortDay(last.day)}`;
}

/** Names of hosts as links, e.g. below a finding. */
export function hostLinks({ hosts }: Pick<View, "hosts">, indexes: readonly number[]): Markup {
  return joined(
    indexes.map((index) => html`<a href="#host-${index}">${hosts[index]?.name ?? ""}</a>`),
    ", ",
  );
}

import { hostLinks } from "./glance.ts";
import { html, type Markup } from "./markup.ts";
import { counted } from "./measures.ts";
import type { TopologyEdge } from "./topology.ts";
import { legendLine, topologyPicture } from "./topology-picture.ts";
import { KIND_WORDS, LINK_STATE_WORDS, nodeWords } from "./topology-words.ts";
import type { View } from "./view.ts";

/** Who takes time from whom and who sends logs to whom: as a picture, and the same as a list. */
export function topologySection(view: View): Markup {
  const { topology, hosts } = view;
  const { nodes, edges } = topology;
  const title = html`<h2 id="topology-title">Time and logs</h2>`;
  if (edges.length === 0) {
    return html`<section id="topology" aria-labelledby="topology-title">${title}<p class="empty">No host has told yet where it takes its time from or where it sends its messages.</p></section>`;
  }
  const broken = edges.reduce((sum, edge) => sum + edge.broken, 0);
  const label = `Time and logs flow from left to right. ${counted(nodes.length, "box", "boxes")}, ${counted(edges.length, "line")}, ${broken === 0 ? "none of them broken" : `${broken} broken`}. The list below says the same.`;
  return html`<section id="topology" aria-labelledby="topology-title">${title}
<p class="intro">Time flows from left to right, and so do messages. ${broken > 0 && html`<b class="broken-words">✕ ${counted(broken, "link")} broken.</b>`}</p>
${legend(edges)}
<div class="scroll" tabindex="0" role="region" aria-labelledby="topology-title">${topologyPicture(topology, hosts, label)}</div>
${topology.alone.length > 0 && html`<p class="alone">${counted(topology.alone.length, "host")} not drawn, because nothing is known of their links: ${hostLinks(view, topology.alone)}</p>`}
${list(view)}
</section>`;
}

function legend(edges: readonly TopologyEdge[]): Markup {
  const kinds = (["ntp", "syslog"] as const).filter((kind) => edges.some((edge) => edge.kind === kind));
  const has = (state: TopologyEdge["state"]) => edges.some((edge) => edge.state === state);
  const [kind = "ntp"] = kinds;
  const states = (["standby", "broken", "unknown"] as const).filter(has);
  return html`<p class="legend">${kinds.map((one) => html`<span>${legendLine(one, "in-use")} ${one === "ntp" ? "takes time" : "sends logs"}</span>`)}${states.map((state) => html`<span>${legendLine(kind, state)} ${LINK_STATE_WORDS[state]}</span>`)}</p>`;
}

function list(view: View): Markup {
  const { topology, hosts } = view;
  const names = topology.nodes.map((node) => nodeWords(node, hosts));
  const rows = topology.edges.map(({ from, to, kind, state, links, broken, details }) => {
    const how =
      state === "broken" && broken < links ? `${broken} of ${links} broken` : LINK_STATE_WORDS[state];
    const why = details.length > 0 && `: ${details.slice(0, 3).join("; ")}`;
    return html`<tr><td>${names[from]?.title}</td><td>${names[to]?.title}</td><td>${KIND_WORDS[kind]}</td><td>${state === "broken" && "✕ "}${how}${why}</td><td>${links}</td></tr>\n`;
  });
  const groups = topology.nodes
    .filter(({ kind }) => kind === "group")
    .map(
      (node) =>
        html`<li id="group-${node.id}"><b>${names[node.id]?.title}</b>, ${counted(node.hosts.length, "host")}: ${hostLinks(view, node.hosts)}</li>\n`,
    );
  return html`<details class="as-list"><summary>The same as a list</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Links as a list"><table><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">What</th><th scope="col">How it stands</th><th scope="col">Links</th></tr></thead><tbody>${rows}</tbody></table></div>
${groups.length > 0 && html`<h3>Hosts that share a box</h3><ul class="groups">${groups}</ul>`}
</details>`;
}

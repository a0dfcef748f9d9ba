import { countStates, HOST_STATES, type HostState } from "./host-state.ts";
import { html, joined, type Markup } from "./markup.ts";
import { counted } from "./measures.ts";
import type { Topology, TopologyEdge, TopologyHost, TopologyNode } from "./topology.ts";
import { layOut, type Point, type Size } from "./topology-layout.ts";
import { edgeLabel, KIND_WORDS, LINK_STATE_WORDS, type NodeWords, nodeWords } from "./topology-words.ts";

/** Text is laid out before anybody has drawn it: a little wider than most fonts make it. */
const TITLE_CHARACTER = 9;
const SMALL_CHARACTER = 7.3;
const LINE = 17;
/** Pictures up to here shrink to the page and stay readable. */
const LONG = 1500;

/** The picture as SVG, whose boxes are links to hosts; `label` says in words what it shows. */
export function topologyPicture(topology: Topology, hosts: readonly TopologyHost[], label: string): Markup {
  const words = topology.nodes.map((node) => nodeWords(node, hosts));
  const labels = topology.edges.map(edgeLabel);
  const boxes = words.map(boxSize);
  const places = layOut(
    topology,
    boxes,
    labels.map((text) => (text === undefined ? undefined : labelSize(text))),
  );
  const { width, height } = places;
  const lines = topology.edges.map((edge, index) => {
    const place = places.edges[index];
    return place && drawEdge(edge, place.points, titleOf(edge, words));
  });
  const marks = topology.edges.map((edge, index) => {
    const at = places.edges[index]?.label;
    const text = labels[index];
    return at && text !== undefined ? drawLabel(edge, text, at) : undefined;
  });
  const drawn = topology.nodes.map((node, index) => {
    const at = places.nodes[index] ?? { x: 0, y: 0 };
    return drawNode(node, words[index], boxes[index], at, toneOf(node, hosts));
  });
  return html`<svg class="picture${width > LONG && " long"}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${label}">
<defs>${MARKERS}</defs>
<g class="lines">${lines}</g>
<g class="boxes">${drawn}</g>
<g class="labels" aria-hidden="true">${marks}</g>
</svg>`;
}

/** A piece of line with its end, for the legend. */
export function legendLine(kind: TopologyEdge["kind"], state: TopologyEdge["state"]): Markup {
  const cross = state === "broken" && html`<text x="27" y="13" class="mark">✕</text>`;
  const question = state === "unknown" && html`<text x="27" y="13" class="mark">?</text>`;
  return html`<svg class="sample" width="56" height="18" viewBox="0 0 56 18" aria-hidden="true"><g class="line ${kind} ${state}"><path d="M2 9H46" marker-end="url(#${markerName(kind, state)})"/></g>${cross || question}</svg>`;
}

function drawNode(
  node: TopologyNode,
  words: NodeWords | undefined,
  size: Size | undefined,
  { x, y }: Point,
  state: string,
): Markup | undefined {
  if (!words || !size) return undefined;
  const { width, height } = size;
  const rows = [words.clock, words.state].filter((row) => row !== "");
  const name = [words.fullTitle, ...rows].join(", ");
  const lines = rows.map((row, index) => {
    const kind = row === words.state ? "stand" : "clock";
    return html`<text class="${kind}" x="16" y="${21 + LINE * (index + 1)}">${row}</text>`;
  });
  const stacked =
    node.kind === "group" &&
    html`<rect class="behind" x="4" y="-4" width="${width}" height="${height}" rx="7"/>`;
  const strip =
    node.kind !== "outside" &&
    html`<path class="strip" d="M7 0H5V${height}H7A7 7 0 0 1 0 ${height - 7}V7A7 7 0 0 1 7 0Z"/>`;
  const inside = html`<title>${name}</title>${stacked}<rect class="box" width="${width}" height="${height}" rx="7"/>${strip}<text class="title" x="16" y="21">${words.title}</text>${lines}`;
  const place = html`transform="translate(${round(x - width / 2)} ${round(y - height / 2)})" data-node="${node.id}"`;
  if (node.kind === "outside") return html`<g class="node outside" ${place}>${inside}</g>\n`;
  const target = node.kind === "host" ? `#host-${node.hosts[0]}` : `#group-${node.id}`;
  return html`<a class="node ${node.kind} ${state}" href="${target}" aria-label="${name}" ${place}>${inside}</a>\n`;
}

function drawEdge(edge: TopologyEdge, points: readonly Point[], title: string): Markup {
  const { kind, state, from, to } = edge;
  return html`<g class="line ${kind} ${state}" data-from="${from}" data-to="${to}"><title>${title}</title><path d="${pathOf(points)}" marker-end="url(#${markerName(kind, state)})"/></g>\n`;
}

function drawLabel({ state, from, to }: TopologyEdge, text: string, { x, y }: Point): Markup {
  const { width, height } = labelSize(text);
  const corner = html`x="${round(x - width / 2)}" y="${round(y - height / 2)}"`;
  return html`<g class="label ${state}" data-from="${from}" data-to="${to}"><rect ${corner} width="${width}" height="${height}" rx="9"/><text x="${x}" y="${round(y + 4)}">${text}</text></g>\n`;
}

/** `time: time1 → web1, in use`: what a line says to who points at it, and its row in the list. */
function titleOf(edge: TopologyEdge, words: readonly NodeWords[]): string {
  const { kind, state, from, to, links, broken, details } = edge;
  const parts = [`${KIND_WORDS[kind]}: ${words[from]?.title ?? ""} → ${words[to]?.title ?? ""}`];
  if (links > 1) parts.push(counted(links, "link"));
  parts.push(state === "broken" && links > 1 ? `${broken} broken` : LINK_STATE_WORDS[state]);
  return [parts.join(", "), ...details].join("; ");
}

/** A line that bends softly at each point between its ends. */
function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (!first || !last) return "";
  const bends = rest.map((point, index) => {
    const next = rest[index + 1];
    const end = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : last;
    return `Q${point.x} ${point.y} ${round(end.x)} ${round(end.y)}`;
  });
  return `M${first.x} ${first.y}${bends.join("")}${bends.length === 0 ? `L${last.x} ${last.y}` : ""}`;
}

/** The state that a box has the colour of: drift shows when one host has it, the others when all have. */
function toneOf({ hosts: members }: TopologyNode, hosts: readonly TopologyHost[]): HostState {
  const counts = countStates(members.flatMap((index) => hosts[index]?.state ?? []));
  if (counts.drifted > 0) return "drifted";
  return HOST_STATES.find((state) => counts[state] > 0 && counts[state] === members.length) ?? "fine";
}

function boxSize({ title, clock, state }: NodeWords): Size {
  const rows = [clock, state].filter((row) => row !== "");
  const width = Math.max(
    title.length * TITLE_CHARACTER,
    ...rows.map((row) => row.length * SMALL_CHARACTER),
    90,
  );
  return { width: Math.ceil(width) + 30, height: 32 + LINE * rows.length };
}

function labelSize(text: string): Size {
  return { width: Math.ceil(text.length * SMALL_CHARACTER) + 16, height: 20 };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function markerName(kind: TopologyEdge["kind"], state: TopologyEdge["state"]): string {
  return `end-${kind}-${state}`;
}

/** Time ends in a full arrow, messages in an open one, so that the two differ without their colours. */
const MARKERS = joined(
  (["ntp", "syslog"] as const).flatMap((kind) =>
    (["in-use", "standby", "broken", "unknown"] as const).map(
      (state) =>
        html`<marker id="${markerName(kind, state)}" class="end ${kind} ${state}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="${kind === "ntp" ? "M0 0L10 5L0 10Z" : "M1 1L9 5L1 9"}"/></marker>`,
    ),
  ),
  "\n",
);

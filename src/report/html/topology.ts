import type { HostClock, HostLink } from "../../core/drift.ts";
import type { HostState } from "./host-state.ts";

/** A host as the topology needs it. */
export interface TopologyHost {
  name: string;
  state: HostState;
  links: readonly HostLink[];
  clock: HostClock | undefined;
}

/** A box of the picture: one host, several that are alike, or an address outside the inventory. */
export interface TopologyNode {
  id: number;
  kind: "host" | "group" | "outside";
  /** Indexes in the report's list of hosts. */
  hosts: number[];
  /** Of a box outside: addresses with the same clients. */
  addresses: string[];
}

/** Time or messages that go from one box to another. */
export interface TopologyEdge {
  from: number;
  to: number;
  kind: HostLink["kind"];
  /** `broken` when one of its links is; `standby` or `unknown` only when all are. */
  state: HostLink["state"];
  /** How many links it stands for, and how many of them are broken. */
  links: number;
  broken: number;
  /** What the broken ones say, each once. */
  details: string[];
}

export interface Topology {
  nodes: TopologyNode[];
  edges: TopologyEdge[];
  /** Hosts without any link, from or to them: they stand in no picture. */
  alone: number[];
}

/** Up to here every host has its own box. */
const SINGLE_HOSTS = 12;
/** More boxes than this nobody reads: hosts are put together more coarsely. */
const MOST_NODES = 44;

/**
 * Who takes time from whom, and who sends messages to whom. In a large fleet hosts that are alike share a box: those
 * with the same servers and the same links broken; were that too many, those with the same servers; and if still too
 * many, all but the largest groups together.
 */
export function topologyOf(hosts: readonly TopologyHost[]): Topology {
  const linked = new Set(hosts.flatMap(({ links }) => links.map(({ to }) => to)));
  const isDrawn = (host: TopologyHost) => host.links.length > 0 || linked.has(host.name);
  const drawn = hosts.flatMap((host, index) => (isDrawn(host) ? [index] : []));
  const alone = hosts.flatMap((host, index) => (isDrawn(host) ? [] : [index]));
  if (drawn.length <= SINGLE_HOSTS) {
    const single = drawn.map((index) => [index]);
    return { ...draw(hosts, single, false), alone };
  }
  const servers = serverKeys(hosts, linked);
  let boxes: number[][] = [];
  for (const detail of DETAILS) {
    boxes = together(hosts, drawn, (host) => detail(host, servers.get(host.name)));
    if (boxes.length <= MOST_NODES) return { ...draw(hosts, boxes, true), alone };
  }
  return { ...draw(hosts, largestAlone(hosts, boxes, linked), true), alone };
}

/** From fine to coarse: what hosts in one box have in common. `server` tells apart what others depend on. */
const DETAILS: readonly ((host: TopologyHost, server: string | undefined) => string)[] = [
  (host, server) => server ?? sameness(host, (link) => [link.kind, link.to, trouble(link.state)]),
  (host, server) => server ?? sameness(host, (link) => [link.kind, link.to]),
  (host, server) =>
    (server === undefined ? "client" : "server") + sameness(host, (link) => [link.kind, link.to]),
];

/** A server has its own box: its name, which no description of links (a JSON list) can be. */
function serverKeys(hosts: readonly TopologyHost[], linked: ReadonlySet<string>): Map<string, string> {
  return new Map(hosts.filter(({ name }) => linked.has(name)).map(({ name }) => [name, `host ${name}`]));
}

function sameness(host: TopologyHost, of: (link: HostLink) => readonly string[]): string {
  return JSON.stringify(
    linksOf(host)
      .map((link) => JSON.stringify(of(link)))
      .sort(),
  );
}

function trouble(state: HostLink["state"]): string {
  return state === "broken" || state === "unknown" ? state : "fine";
}

function together(
  hosts: readonly TopologyHost[],
  drawn: readonly number[],
  keyOf: (host: TopologyHost) => string,
): number[][] {
  const boxes = new Map<string, number[]>();
  for (const index of drawn) {
    const host = hosts[index];
    if (!host) continue;
    const key = keyOf(host);
    const box = boxes.get(key);
    if (box) box.push(index);
    else boxes.set(key, [index]);
  }
  return [...boxes.values()];
}

/** The largest boxes as they are; the rest of the clients in one, and the rest of the servers in another. */
function largestAlone(
  hosts: readonly TopologyHost[],
  boxes: readonly number[][],
  linked: ReadonlySet<string>,
): number[][] {
  const bySize = [...boxes].sort((a, b) => b.length - a.length);
  const rest = bySize.slice(MOST_NODES - 2).flat();
  const isServer = (index: number) => linked.has(hosts[index]?.name ?? "");
  const merged = [rest.filter(isServer), rest.filter((index) => !isServer(index))];
  return [...bySize.slice(0, MOST_NODES - 2), ...merged.filter((box) => box.length > 0)];
}

function draw(
  hosts: readonly TopologyHost[],
  boxes: readonly number[][],
  gathersOutside: boolean,
): Omit<Topology, "alone"> {
  const nodes: TopologyNode[] = boxes.map((box, id) => ({
    id,
    kind: box.length === 1 ? "host" : "group",
    hosts: [...box].sort((a, b) => a - b),
    addresses: [],
  }));
  const nodeOf = new Map<string, number>();
  for (const node of nodes) for (const index of node.hosts) nodeOf.set(hosts[index]?.name ?? "", node.id);
  const links = nodes.flatMap(({ id, hosts: members }) =>
    members.flatMap((index) => linksOf(hosts[index]).map((link) => ({ own: id, ...link }))),
  );
  const outside = new Map<string, Set<string>>();
  for (const { own, kind, to, state } of links) {
    if (nodeOf.has(to)) continue;
    const uses = outside.get(to) ?? new Set();
    outside.set(to, uses.add(`${own} ${kind} ${gathersOutside ? trouble(state) : to}`));
  }
  const boxOf = new Map<string, TopologyNode>();
  for (const [address, uses] of outside) {
    const key = JSON.stringify([...uses].sort());
    const box = boxOf.get(key) ?? { id: nodes.length, kind: "outside", hosts: [], addresses: [] };
    if (!boxOf.has(key)) nodes.push(box);
    boxOf.set(key, box);
    box.addresses.push(address);
    nodeOf.set(address, box.id);
  }
  const edges = new Map<string, TopologyEdge>();
  for (const { own, ...link } of links) addLink(edges, own, nodeOf.get(link.to) ?? own, link);
  return { nodes, edges: [...edges.values()] };
}

/** A host that could not be looked at had these links once; how they stand, nobody knows. */
function linksOf(host: TopologyHost | undefined): readonly HostLink[] {
  if (host?.state !== "unknown") return host?.links ?? [];
  return host.links.map(({ kind, to }) => ({ kind, to, state: "unknown" }));
}

function addLink(
  edges: Map<string, TopologyEdge>,
  own: number,
  other: number,
  { kind, state, detail }: HostLink,
): void {
  if (own === other) return;
  // Time comes from the server, messages go to it.
  const [from, to] = kind === "ntp" ? [other, own] : [own, other];
  const key = `${from} ${to} ${kind}`;
  const edge = edges.get(key) ?? { from, to, kind, state, links: 0, broken: 0, details: [] };
  edges.set(key, edge);
  edge.state = TELLING_FIRST.find((one) => one === edge.state || one === state) ?? state;
  edge.links += 1;
  if (state !== "broken") return;
  edge.broken += 1;
  if (detail !== undefined && !edge.details.includes(detail)) edge.details.push(detail);
}

/** What a line shows that stands for several links: one that is broken counts, one of many that is unknown does not. */
const TELLING_FIRST: readonly HostLink["state"][] = ["broken", "in-use", "standby", "unknown"];

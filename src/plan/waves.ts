import { LfceError } from "../core/errors.ts";

/** `client` needs `server` to be right first. */
export interface Reference {
  client: string;
  server: string;
  kind: "ntp" | "syslog";
}

/** Hosts that can be worked on side by side; every server of theirs stands in an earlier wave or in this one. */
export interface Wave {
  hosts: string[];
  /** True when some host of the wave refers to another one of it (a cycle of logs, or of time and logs). */
  internalReferences: boolean;
}

/**
 * Orders hosts by their references: servers before clients, stratum by stratum. Hosts on a cycle share a
 * wave; a cycle of time references alone has no right order.
 * @throws LfceError `ntp-cycle` with the path
 */
export function wavesOf(hosts: readonly string[], references: readonly Reference[]): Wave[] {
  const known = new Set(hosts);
  const within = references.filter(
    ({ client, server }) => client !== server && known.has(client) && known.has(server),
  );
  refuseTimeCycle(
    hosts,
    within.filter(({ kind }) => kind === "ntp"),
  );
  const component = stronglyConnected(hosts, serversByClient(within));
  const level = levels(hosts, within, component);
  const waves: Wave[] = [];
  for (const host of hosts) {
    const depth = level.get(host) ?? 0;
    waves[depth] ??= { hosts: [], internalReferences: false };
    waves[depth].hosts.push(host);
  }
  for (const { client, server } of within) {
    const wave = waves[level.get(client) ?? 0];
    if (wave && level.get(client) === level.get(server)) wave.internalReferences = true;
  }
  return waves;
}

/** Client → its servers, in order of the references. */
export function serversByClient(references: readonly Reference[]): Map<string, string[]> {
  const next = new Map<string, string[]>();
  for (const { client, server } of references) {
    const servers = next.get(client);
    if (servers) servers.push(server);
    else next.set(client, [server]);
  }
  return next;
}

function refuseTimeCycle(hosts: readonly string[], references: readonly Reference[]): void {
  const cycle = findCycle(hosts, serversByClient(references));
  if (cycle) throw timeCycle(cycle);
}

/** The first circle of a graph, as the path that closes it (`a, b, a`); undefined when there is none. */
export function findCycle(
  hosts: readonly string[],
  next: ReadonlyMap<string, string[]>,
): string[] | undefined {
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (host: string): string[] | undefined => {
    const seenAt = path.indexOf(host);
    if (seenAt >= 0) return [...path.slice(seenAt), host];
    if (finished.has(host)) return undefined;
    path.push(host);
    for (const server of next.get(host) ?? []) {
      const cycle = visit(server);
      if (cycle) return cycle;
    }
    path.pop();
    finished.add(host);
    return undefined;
  };
  for (const start of hosts) {
    const cycle = visit(start);
    if (cycle) return cycle;
  }
  return undefined;
}

function timeCycle(path: readonly string[]): LfceError {
  return new LfceError({
    code: "ntp-cycle",
    message: `time servers refer to each other in a circle: ${path.join(" → ")}`,
    hint: "let one of them take its time from outside the circle, or make them peers ({peer: ADDRESS}), which gives no order",
  });
}

/** Tarjan's algorithm: host → number of its strongly connected component. */
function stronglyConnected(hosts: readonly string[], next: Map<string, string[]>): Map<string, number> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const component = new Map<string, number>();
  const stack: string[] = [];
  let components = 0;
  const visit = (host: string): void => {
    index.set(host, index.size);
    low.set(host, index.get(host) ?? 0);
    stack.push(host);
    for (const other of next.get(host) ?? []) {
      if (!index.has(other)) visit(other);
      if (!component.has(other)) low.set(host, Math.min(low.get(host) ?? 0, low.get(other) ?? 0));
    }
    if (low.get(host) !== index.get(host)) return;
    let member: string | undefined;
    do {
      member = stack.pop();
      if (member !== undefined) component.set(member, components);
    } while (member !== host && member !== undefined);
    components += 1;
  };
  for (const host of hosts) if (!index.has(host)) visit(host);
  return component;
}

/** Depth of each host: one more than the deepest server outside its own component. */
function levels(
  hosts: readonly string[],
  references: readonly Reference[],
  component: Map<string, number>,
): Map<string, number> {
  const depthOf = new Map<number, number>();
  // Tarjan numbers a component only after all it refers to: in that order every server is known already.
  const order = [...hosts].sort((a, b) => (component.get(a) ?? 0) - (component.get(b) ?? 0));
  const serversOf = serversByClient(references);
  const members = new Map<number, string[]>();
  for (const host of order) {
    const number = component.get(host) ?? 0;
    members.set(number, [...(members.get(number) ?? []), host]);
  }
  for (const [number, group] of [...members].sort((a, b) => a[0] - b[0])) {
    const outside = group
      .flatMap((host) => serversOf.get(host) ?? [])
      .map((server) => component.get(server) ?? 0)
      .filter((other) => other !== number);
    depthOf.set(
      number,
      outside.length === 0 ? 0 : 1 + Math.max(...outside.map((other) => depthOf.get(other) ?? 0)),
    );
  }
  return new Map(hosts.map((host) => [host, depthOf.get(component.get(host) ?? 0) ?? 0]));
}

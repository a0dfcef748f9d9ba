import { LfceError } from "../core/errors.ts";
import { components, findCycle } from "./graph.ts";

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
  const level = depths(hosts, serversByClient(within));
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

function timeCycle(path: readonly string[]): LfceError {
  return new LfceError({
    code: "ntp-cycle",
    message: `time servers refer to each other in a circle: ${path.join(" → ")}`,
    hint: "let one of them take its time from outside the circle, or make them peers ({peer: ADDRESS}), which gives no order",
  });
}

/** Depth of each host: one more than the deepest server that is not on a circle with it. */
function depths(hosts: readonly string[], serversOf: ReadonlyMap<string, string[]>): Map<string, number> {
  const depthOf = new Map<string, number>();
  for (const circle of components(hosts, serversOf)) {
    const members = new Set(circle);
    let depth = 0;
    for (const host of circle) {
      for (const server of serversOf.get(host) ?? []) {
        if (!members.has(server)) depth = Math.max(depth, 1 + (depthOf.get(server) ?? 0));
      }
    }
    for (const host of circle) depthOf.set(host, depth);
  }
  return depthOf;
}

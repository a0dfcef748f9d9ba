import type { Position, Warning } from "../core/errors.ts";
import { type AdviceContext, aboutHosts } from "./advice-context.ts";
import { adviseLogs } from "./advice-logs.ts";
import { adviseTime } from "./advice-time.ts";
import type { Inventory } from "./inventory-model.ts";
import type { Playbook } from "./playbook.ts";
import type { HostRoles } from "./role-settings.ts";

/**
 * What is allowed but unwise: too few time sources, files that nothing cleans up, clients that their server
 * would refuse, and the like. In the order of the playbook; the same advice for several hosts is given once.
 */
export function advise(
  playbook: Playbook,
  hostRoles: ReadonlyMap<string, HostRoles>,
  inventory: Inventory,
): Warning[] {
  const said = new Map<string, { hosts: Set<string>; warning: Omit<Warning, "at">; at: Position }>();
  const context: AdviceContext = {
    roles: hostRoles,
    inventory,
    timeServers: [...hostRoles.values()]
      .filter((one) => one.roles.ntp_server?.state === "present")
      .map((one) => one.host),
    say(host, { at, ...warning }) {
      const key = JSON.stringify([warning, at]);
      const entry = said.get(key) ?? { hosts: new Set<string>(), warning, at };
      said.set(key, entry);
      entry.hosts.add(host);
    },
    locate: (parameterAt, path, fallback) => locateInside(playbook, parameterAt, path) ?? fallback,
  };
  for (const one of hostRoles.values()) {
    adviseTime(one, context);
    adviseLogs(one, context);
  }
  return [...said.values()]
    .sort((left, right) => left.at.line - right.at.line || left.at.column - right.at.column)
    .map(({ hosts, warning, at }) => aboutHosts([...hosts], warning, at));
}

/** Finds the role that a merged parameter came from, by the parameter's position. */
function locateInside(
  playbook: Playbook,
  parameterAt: Position | undefined,
  path: readonly (string | number)[],
): Position | undefined {
  const uses = playbook.plays.flatMap((play) => play.roles);
  const use = uses.find((candidate) => {
    const at = candidate.positions[String(path[0])];
    return at?.line === parameterAt?.line && at?.column === parameterAt?.column && at !== undefined;
  });
  return use?.locate(path);
}

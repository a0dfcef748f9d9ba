import pLimit from "p-limit";
import { countHost, noTotals } from "../core/events.ts";
import type { RunEffects } from "./effects.ts";
import { startHost } from "./host-run.ts";
import { type RollbackRequest, rollbackHost } from "./rollback-host.ts";
import type { RunOutcome } from "./run-fleet.ts";
import { createSessions } from "./sessions.ts";

/**
 * Takes the last changes of all hosts of the run back, each by itself: what hosts are to each other says the
 * playbook as it is now, and the one that made the changes may have said something else.
 */
export async function rollbackFleet(request: RollbackRequest, effects: RunEffects): Promise<RunOutcome> {
  const chosen = new Set(request.hosts);
  const runs = [...request.fleet.hosts.values()].filter(({ host }) => chosen.has(host)).map(startHost);
  const sessions = createSessions(effects.connect, new Set(), effects.signal);
  const limit = pLimit(request.forks);
  const outcome: RunOutcome = { ...noTotals(), interrupted: false };
  const hosts = runs.map(({ declaration }) => declaration.host);
  effects.emit({ event: "wave-started", wave: 1, of: 1, hosts });
  try {
    await Promise.all(runs.map((run) => limit(() => rollbackHost(run, request, sessions, effects))));
  } finally {
    await sessions.closeAll();
  }
  for (const { status, checks } of runs) if (status) countHost(outcome, { status, checks });
  outcome.interrupted = effects.signal.aborted;
  return outcome;
}

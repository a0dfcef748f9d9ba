import { noTotals } from "../core/events.ts";
import type { RunEffects } from "./effects.ts";
import { startHost } from "./host-run.ts";
import { createPlaces } from "./places.ts";
import { type RollbackRequest, rollbackHost } from "./rollback-host.ts";
import { counting, type RunOutcome } from "./run-fleet.ts";
import { createSessions } from "./sessions.ts";

/**
 * Takes the last changes of all hosts of the run back, each by itself: what hosts are to each other says the
 * playbook as it is now, and the one that made the changes may have said something else.
 */
export async function rollbackFleet(request: RollbackRequest, given: RunEffects): Promise<RunOutcome> {
  const outcome: RunOutcome = { ...noTotals(), interrupted: false };
  const effects = counting(given, outcome);
  const chosen = new Set(request.hosts);
  const runs = [...request.fleet.hosts.values()].filter(({ host }) => chosen.has(host)).map(startHost);
  const sessions = createSessions(effects, new Set());
  const places = createPlaces(request.forks, effects);
  const hosts = runs.map(({ declaration }) => declaration.host);
  effects.emit({ event: "wave-started", wave: 1, of: 1, hosts });
  try {
    await Promise.all(
      runs.map((run) => places.take((place) => rollbackHost(run, request, sessions, effects, place))),
    );
  } finally {
    await sessions.closeAll();
  }
  outcome.interrupted = effects.signal.aborted;
  return outcome;
}

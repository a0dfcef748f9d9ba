import { countHost, noTotals, type Totals } from "../core/events.ts";
import { serversByClient, type Wave, wavesOf } from "../plan/waves.ts";
import { batchesByPlay } from "./budget.ts";
import type { RunEffects } from "./effects.ts";
import { isMending } from "./fix-host.ts";
import { startHost } from "./host-run.ts";
import { createLogServers } from "./log-servers.ts";
import { createLooksAhead } from "./look-ahead.ts";
import { createPlaces } from "./places.ts";
import { createProofs } from "./proofs.ts";
import type { RunRequest } from "./run-request.ts";
import { createSessions } from "./sessions.ts";
import { type PlaysContext, workInStages, workOnPlay } from "./work-on-play.ts";

/** How a run ended. */
export interface RunOutcome extends Totals {
  interrupted: boolean;
}

/**
 * Takes every host of the run to its end: wave by wave, batch by batch, at most `forks` hosts at once. What
 * goes wrong on one host is that host's result; the run itself rejects only for errors in the declaration.
 * @throws LfceError `ntp-cycle`
 */
export async function runFleet(request: RunRequest, given: RunEffects): Promise<RunOutcome> {
  const { fleet, command } = request;
  const outcome: RunOutcome = { ...noTotals(), interrupted: false };
  const logServers = createLogServers(request.hosts);
  const effects = counting(given, outcome, logServers.ended);
  const chosen = new Set(request.hosts);
  // Ordered as a whole: `--limit` neither changes the order nor hides a circle.
  const waves = wavesOf([...fleet.hosts.keys()], fleet.references)
    .map((wave) => ({ ...wave, hosts: wave.hosts.filter((host) => chosen.has(host)) }))
    .filter((wave) => wave.hosts.length > 0);
  const servers = new Set(fleet.references.map(({ server }) => server));
  const sessions = createSessions(effects, servers);
  const runs = new Map(
    [...fleet.hosts.values()].filter(({ host }) => chosen.has(host)).map((one) => [one.host, startHost(one)]),
  );
  const serversOf = serversByClient(fleet.references);
  const context: PlaysContext = {
    request,
    effects,
    sessions,
    looksAhead: createLooksAhead(request, sessions, effects),
    proofs: createProofs({ fleet, sessions, effects, runs, serversOf }),
    runs,
    serversOf,
    logServers,
    brokenTimeServers: new Set(),
    places: createPlaces(request.forks, effects),
    stopped: new Map(),
  };
  const ordered = command === "drift" && !isMending(request) ? sideBySide(waves) : waves;
  try {
    for (const [index, wave] of ordered.entries()) {
      effects.emit({ event: "wave-started", wave: index + 1, of: ordered.length, hosts: wave.hosts });
      const members = wave.hosts.flatMap((host) => runs.get(host)?.declaration ?? []);
      const plays = batchesByPlay(members, isMending(request));
      const work = wave.internalReferences
        ? workInStages(plays, context)
        : Promise.all(plays.map((play) => workOnPlay(play, context)));
      prepareNext(ordered[index + 1], request.forks - wave.hosts.length, context);
      await work;
      await context.proofs.endWave();
      context.looksAhead.forget();
    }
  } finally {
    await sessions.closeAll();
    effects.connect.close?.();
  }
  outcome.interrupted = effects.signal.aborted;
  return outcome;
}

/**
 * Connects to as many hosts of the next wave's first batches as there is room for, to be looked at while this wave is at
 * work: neither need wait for it, and nothing else is begun before it.
 */
function prepareNext(
  wave: Wave | undefined,
  room: number,
  { runs, looksAhead, request, stopped }: PlaysContext,
): void {
  if (!wave || room <= 0) return;
  const members = wave.hosts.flatMap((host) => runs.get(host)?.declaration ?? []);
  const plays = batchesByPlay(members, isMending(request)).filter(({ play }) => !stopped.has(play.id));
  const first = plays.flatMap(({ batches }) => batches[0] ?? []);
  for (const host of first.slice(0, room)) {
    const declaration = runs.get(host)?.declaration;
    if (declaration) looksAhead.prepare(declaration);
  }
}

/** Hosts that are only looked at need not wait for each other; their servers come first all the same. */
function sideBySide(waves: readonly Wave[]): readonly Wave[] {
  if (waves.length === 0) return waves;
  return [{ hosts: waves.flatMap(({ hosts }) => hosts), internalReferences: false }];
}

/**
 * The same effects; what hosts end as is counted when it is told, because nothing else of it is kept. `ended` is
 * called after that.
 */
export function counting(
  effects: RunEffects,
  totals: Totals,
  ended: (host: string) => void = () => {},
): RunEffects {
  return {
    ...effects,
    emit: (event) => {
      if (event.event === "host-finished") countHost(totals, event);
      effects.emit(event);
      if (event.event === "host-finished") ended(event.host);
    },
  };
}

import pLimit from "p-limit";
import type { LfceErrorData } from "../core/errors.ts";
import { countHost, noTotals, type Totals } from "../core/events.ts";
import { serversByClient, wavesOf } from "../plan/waves.ts";
import { batchesByPlay, batchStopsPlay, type PlayBatches } from "./budget.ts";
import { changeHost, settleHost } from "./change-host.ts";
import type { RunEffects } from "./effects.ts";
import { finishHost, type HostRun, hasFailed, startHost } from "./host-run.ts";
import { createProofs } from "./proofs.ts";
import type { RunContext, RunRequest } from "./run-context.ts";
import { createSessions } from "./sessions.ts";

/** How a run ended. */
export interface RunOutcome extends Totals {
  interrupted: boolean;
}

/**
 * Takes every host of the run to its end: wave by wave, batch by batch, at most `forks` hosts at once. What
 * goes wrong on one host is that host's result; the run itself rejects only for errors in the declaration.
 * @throws LfceError `ntp-cycle`
 */
export async function runFleet(request: RunRequest, effects: RunEffects): Promise<RunOutcome> {
  const { fleet } = request;
  const chosen = new Set(request.hosts);
  // Ordered as a whole: `--limit` neither changes the order nor hides a circle.
  const waves = wavesOf([...fleet.hosts.keys()], fleet.references)
    .map((wave) => ({ ...wave, hosts: wave.hosts.filter((host) => chosen.has(host)) }))
    .filter((wave) => wave.hosts.length > 0);
  const servers = new Set(fleet.references.map(({ server }) => server));
  const sessions = createSessions(effects.connect, servers, effects.signal);
  const runs = new Map(
    [...fleet.hosts.values()].filter(({ host }) => chosen.has(host)).map((one) => [one.host, startHost(one)]),
  );
  const proofs = createProofs({ fleet, sessions, effects, runs });
  const serversOf = serversByClient(fleet.references);
  const context: RunContext = { request, effects, sessions, proofs, runs, serversOf };
  const stoppedPlays = new Set<string>();
  const outcome: RunOutcome = { ...noTotals(), interrupted: false };
  const limit = pLimit(request.forks);
  try {
    for (const [index, wave] of waves.entries()) {
      effects.emit({ event: "wave-started", wave: index + 1, of: waves.length, hosts: wave.hosts });
      const members = wave.hosts.flatMap((host) => runs.get(host) ?? []);
      const plays = batchesByPlay(members.map(({ declaration }) => declaration));
      if (wave.internalReferences) {
        await workInStages(plays, context, limit, stoppedPlays);
      } else {
        await Promise.all(plays.map((play) => workOnPlay(play, context, limit, stoppedPlays)));
      }
      await proofs.endWave();
      for (const { status, checks } of members) if (status) countHost(outcome, { status, checks });
    }
  } finally {
    await sessions.closeAll();
    effects.connect.close?.();
  }
  outcome.interrupted = effects.signal.aborted;
  return outcome;
}

type Limit = ReturnType<typeof pLimit>;

async function workOnPlay(
  { play, batches }: PlayBatches,
  context: RunContext,
  limit: Limit,
  stopped: Set<string>,
): Promise<void> {
  for (const batch of batches) {
    const runs = runsOf(batch, context);
    if (stopped.has(play.id)) {
      skipStopped(runs, play, context);
      continue;
    }
    await Promise.all(
      runs.map((run) =>
        limit(async () => {
          await changeHost(run, context);
          await settleHost(run, context);
        }),
      ),
    );
    if (batchStopsPlay(play, runs.filter(hasFailed).length, runs.length)) stopped.add(play.id);
  }
}

/**
 * Hosts that need each other's proofs are all changed first and proven then; `serial` cannot part them. Their
 * failures count for their plays all the same.
 */
async function workInStages(
  plays: readonly PlayBatches[],
  context: RunContext,
  limit: Limit,
  stopped: Set<string>,
): Promise<void> {
  const working: { play: PlayBatches["play"]; runs: HostRun[] }[] = [];
  for (const { play, batches } of plays) {
    const runs = runsOf(batches.flat(), context);
    if (stopped.has(play.id)) skipStopped(runs, play, context);
    else working.push({ play, runs });
  }
  const all = working.flatMap(({ runs }) => runs);
  await Promise.all(all.map((run) => limit(() => changeHost(run, context))));
  await Promise.all(all.map((run) => limit(() => settleHost(run, context))));
  for (const { play, runs } of working) {
    if (batchStopsPlay(play, runs.filter(hasFailed).length, runs.length)) stopped.add(play.id);
  }
}

function runsOf(hosts: readonly string[], { runs }: RunContext): HostRun[] {
  return hosts.flatMap((host) => runs.get(host) ?? []);
}

function skipStopped(runs: readonly HostRun[], play: PlayBatches["play"], { effects }: RunContext): void {
  for (const run of runs) finishHost(run, "skipped", effects, playStopped(play.name));
}

function playStopped(play: string): LfceErrorData {
  return {
    code: "too-many-failures",
    message: `not touched: too many hosts of the play "${play}" failed before`,
    hint: "mend those first; raise `max_fail_percentage` only if they do not matter",
  };
}

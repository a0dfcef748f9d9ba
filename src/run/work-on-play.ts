import { errorData, type LfceErrorData } from "../core/errors.ts";
import { type BatchEnds, batchStopsPlay, type PlayBatches, spendsBudget } from "./budget.ts";
import { changeHost, settleHost } from "./change-host.ts";
import { isMending } from "./fix-host.ts";
import { type HostRun, hasFailed } from "./host-run.ts";
import { skipHost } from "./leave-host.ts";
import type { Places } from "./places.ts";
import type { RunContext } from "./run-context.ts";

/** What the plays of one run share. */
export interface PlaysContext extends RunContext {
  places: Places;
  /** Plays of which no other host must be begun: identifier → why. */
  stopped: Map<string, LfceErrorData>;
}

/** Takes the hosts of a play in one wave to their end, batch by batch. */
export async function workOnPlay({ play, batches }: PlayBatches, context: PlaysContext): Promise<void> {
  for (const [index, batch] of batches.entries()) {
    const runs = runsOf(batch, context);
    const ends: BatchEnds = { total: runs.length, failed: 0, skipped: 0 };
    await Promise.all(
      runs.map((run) =>
        context.places.take(async (place) => {
          const stopped = () => stoppedBy(play, ends, context);
          const stop = stopped();
          if (stop) return skipHost(run, context, stop);
          await changeHost(run, context, place, stopped);
          await settleHost(run, context);
          count(run, ends);
        }),
      ),
    );
    judge(play, ends, index === 0, context);
  }
}

/**
 * Hosts that need each other's proofs are all changed first and proven then; `serial` cannot part them. Their
 * failures count for their plays all the same.
 */
export async function workInStages(plays: readonly PlayBatches[], context: PlaysContext): Promise<void> {
  const working: { play: PlayBatches["play"]; runs: HostRun[] }[] = [];
  for (const { play, batches } of plays) {
    const runs = runsOf(batches.flat(), context);
    const stopped = context.stopped.get(play.id);
    if (!stopped) working.push({ play, runs });
    if (stopped) await Promise.all(runs.map((run) => skipHost(run, context, stopped)));
  }
  const all = working.flatMap(({ runs }) => runs);
  await Promise.all(all.map((run) => context.places.take((place) => changeHost(run, context, place))));
  await Promise.all(all.map((run) => context.places.take(() => settleHost(run, context))));
  for (const { play, runs } of working) {
    const ends: BatchEnds = { total: runs.length, failed: 0, skipped: 0 };
    for (const run of runs) count(run, ends);
    judge(play, ends, true, context);
  }
}

function runsOf(hosts: readonly string[], { runs }: PlaysContext): HostRun[] {
  return hosts.flatMap((host) => runs.get(host) ?? []);
}

/** Why no other host of the play is begun, if so: it was stopped before, or the batch in progress stops it now. */
function stoppedBy(
  play: PlayBatches["play"],
  ends: BatchEnds,
  { stopped, request }: PlaysContext,
): LfceErrorData | undefined {
  const known = stopped.get(play.id);
  if (known || play.maxFailPercentage === undefined || !isMending(request)) return known;
  return spendsBudget(play, ends) ? stop(play, ends, stopped) : undefined;
}

/** An interrupt leaves hosts alone for a reason of its own. */
function judge(
  play: PlayBatches["play"],
  ends: BatchEnds,
  isFirst: boolean,
  { stopped, request, effects }: PlaysContext,
): void {
  if (!isMending(request) || effects.signal.aborted || stopped.has(play.id)) return;
  if (batchStopsPlay(play, ends, isFirst)) stop(play, ends, stopped);
}

function count(run: HostRun, ends: BatchEnds): void {
  if (hasFailed(run)) ends.failed += 1;
  else if (run.status === "skipped") ends.skipped += 1;
}

function stop(
  play: PlayBatches["play"],
  { total, failed, skipped }: BatchEnds,
  stopped: Map<string, LfceErrorData>,
): LfceErrorData {
  const bad = failed > 0 ? `${failed} of ${total} hosts failed` : `${skipped} of ${total} hosts were skipped`;
  const reason = errorData(
    "too-many-failures",
    `not touched: ${bad} in a batch of the play "${play.name}"`,
    "mend those first, then run with --limit @failed; raise `max_fail_percentage` only if they do not matter",
  );
  stopped.set(play.id, reason);
  return reason;
}

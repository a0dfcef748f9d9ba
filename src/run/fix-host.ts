import type { DriftFinding } from "../core/drift.ts";
import { driftRequestFor } from "../plan/drift-request.ts";
import { findDrift } from "./drift-host.ts";
import { finishDrifted } from "./finish-drift.ts";
import type { HostRun } from "./host-run.ts";
import { lookAt } from "./look.ts";
import type { RunContext } from "./run-context.ts";
import type { RunRequest } from "./run-request.ts";

/** Whether this run changes hosts: `apply`, and `drift --fix`. */
export function isMending({ command, fix }: Pick<RunRequest, "command" | "fix">): boolean {
  return command === "apply" || (command === "drift" && fix === true);
}

/**
 * Ends a host on which `drift --fix` did what could be done: looks again, and tells apart what it mended and what
 * is still there, which no apply mends.
 */
export async function finishFixed(run: HostRun, context: RunContext): Promise<void> {
  const { effects, request, sessions } = context;
  const found = run.drift ?? [];
  const isChanged =
    run.pending !== undefined ||
    run.recovered.length + run.installed.length > 0 ||
    found.some(({ code }) => code === "transaction-left-over" || code === "change-put-back");
  if (!isMending(request) || !isChanged || effects.signal.aborted) {
    return finishDrifted(run, "unchanged", context);
  }
  const more = driftRequestFor(run.declaration, request.fleet, request.startedAt);
  const after = await lookAt(run.declaration, request.fleet, sessions, more);
  run.drift = await findDrift(run, after, context);
  const left = new Set(run.drift.map(keyOf));
  run.resolved = found
    .filter((finding) => !left.has(keyOf(finding)))
    .map(({ detail: _, ...finding }) => ({ ...finding, mended: true }));
  finishDrifted(run, "changed", context);
}

function keyOf({ code, item }: Pick<DriftFinding, "code" | "item">): string {
  return `${code} ${item}`;
}

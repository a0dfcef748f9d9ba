import type { LfceErrorData } from "../core/errors.ts";
import { finishHost, type HostRun } from "./host-run.ts";
import type { RunContext } from "./run-context.ts";

/** Lets go of what a host on its way needs: memory and connections must not grow with the fleet. */
export async function leaveHost(
  run: HostRun,
  { sessions, looksAhead }: Pick<RunContext, "sessions" | "looksAhead">,
): Promise<void> {
  delete run.view;
  looksAhead.drop(run.declaration.host);
  await sessions.release(run.declaration.host);
}

/** Ends a host before anything of it was begun but, perhaps, a look ahead. */
export async function skipHost(run: HostRun, context: RunContext, reason: LfceErrorData): Promise<void> {
  finishHost(run, "skipped", context.effects, reason);
  await leaveHost(run, context);
}

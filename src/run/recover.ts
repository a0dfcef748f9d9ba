import type { Change } from "../core/events.ts";
import type { ObservedHost } from "../core/observed.ts";
import type { PendingTransaction } from "../core/transaction.ts";
import { transactionOf } from "../plan/host-plan.ts";
import type { HostRun, HostView } from "./host-run.ts";
import { recordOf } from "./put-back-warning.ts";
import type { RunContext } from "./run-context.ts";

/** Seconds; nothing is proven while such a transaction waits for its verdict. */
const LEASE_SECONDS = 60;

/** States of left-overs that the next apply tidies up, and that no file is concerned in. */
const CHANGED_NOTHING = ["prepared", "locked"];

/** The change that a run which was cut off left open, as the one that comes before all others; else none. */
export function openChanges({ openTransaction }: ObservedHost): Change[] {
  if (!openTransaction || CHANGED_NOTHING.includes(openTransaction.state)) return [];
  const reason = `the interrupted change ${openTransaction.id} is put back first; what differs then is known after`;
  return [{ kind: "file", target: recordOf(openTransaction.id), diff: "", reason }];
}

/**
 * Puts back what a run that was cut off left open, so that the host can be planned from what is really there.
 * Otherwise the next change, be it weeks later, would begin with the files of that run.
 */
export async function putBackOpenChange(run: HostRun, view: HostView, context: RunContext): Promise<void> {
  const { openTransaction } = view.observed;
  if (!openTransaction) return;
  // apply.sh recovers before it looks at its own transaction, which here is empty and leaves no backup to go back to.
  const pending = await applyNothing(run, view, context, "only to put back an interrupted change");
  // Without a word of it, the run that was seen in the middle of its change has ended it by itself meanwhile.
  if (pending.notices.length === 0) return;
  const target = recordOf(openTransaction.id);
  run.recovered = [{ kind: "file", target, diff: "", reason: pending.notices.join("; ") }];
}

/**
 * Ends the warning about a change that the host put back by itself, where this apply has nothing to change: the
 * record of an empty transaction then stands after it. A change that is made ends it anyway.
 */
export async function acknowledgePutBack(run: HostRun, view: HostView, context: RunContext): Promise<void> {
  if (view.observed.putBack) await applyNothing(run, view, context, "only to note that the run told of it");
}

async function applyNothing(
  run: HostRun,
  view: HostView,
  { effects, request }: RunContext,
  reason: string,
): Promise<PendingTransaction> {
  const nothing = transactionOf({ host: run.declaration.host, services: [] }, view.observed, {
    id: effects.freshId(),
    playbook: request.playbookFile,
    leaseSeconds: LEASE_SECONDS,
    keepFailed: false,
  });
  const pending = await view.session.apply(nothing);
  await pending.rollback(reason);
  return pending;
}

import type { Command } from "../core/events.ts";
import type { RunOutcome } from "../run/run-fleet.ts";

/** The contract with scripts; see "Exit codes" in the README. */
export const EXIT = {
  ok: 0,
  /** An error of lfce itself. */
  internal: 1,
  /** Changes pending or drift found (`plan`, `drift`). */
  pending: 2,
  /** A host failed, was rolled back or was unreachable, or a proof failed. */
  failed: 3,
  /** Bad usage, playbook or inventory, or no host matched; no host was contacted. */
  usage: 64,
  interrupted: 130,
} as const;

/** The exit code of a run that reached its end; failures win over pending changes, an interrupt over both. */
export function exitCodeOf(command: Command, outcome: RunOutcome): number {
  const { hosts, checks } = outcome;
  if (outcome.interrupted) return EXIT.interrupted;
  if (hosts.failed + hosts.rolledBack + hosts.unreachable + checks.failed > 0) return EXIT.failed;
  if (command === "apply" && hosts.skipped > 0) return EXIT.failed;
  if (command !== "apply" && command !== "verify" && hosts.pending + hosts.drifted > 0) return EXIT.pending;
  return EXIT.ok;
}

import type { LfceErrorData, Warning } from "../core/errors.ts";
import type { HostStatus } from "../core/events.ts";
import type { HostWay } from "../core/host-keys.ts";
import { declinedJump } from "./trust-errors.ts";

/** How it went with one machine: `unchanged` (known), `changed` (its keys were written), or why not. */
export interface MachineResult {
  status: HostStatus;
  error?: LfceErrorData;
  warnings: readonly Warning[];
}

/** How it went with one host. */
export interface HostOutcome {
  status: HostStatus;
  warnings: Warning[];
  error?: LfceErrorData;
}

/**
 * A host is as good as the worst machine on the way to it; the first one that is not trusted says why. Machines
 * without a result were not asked, because the run was interrupted.
 */
export function outcomeOf(way: HostWay, results: ReadonlyMap<string, MachineResult>): HostOutcome {
  if ("error" in way) return { status: "failed", warnings: [], error: way.error };
  const warnings: Warning[] = [];
  let status: HostStatus = "unchanged";
  for (const machine of way.machines) {
    const result = results.get(machine.id);
    if (result === undefined) return { status: "skipped", warnings, error: INTERRUPTED };
    warnings.push(...result.warnings);
    if (result.error) {
      const isJump = machine !== way.machines.at(-1);
      const error = isJump && result.error.code === "declined" ? declinedJump(machine) : result.error;
      return { status: result.status, warnings, error };
    }
    if (result.status === "changed") status = "changed";
  }
  return { status, warnings };
}

const INTERRUPTED: LfceErrorData = {
  code: "interrupted",
  message: "the run was interrupted before its keys were written",
  hint: "run the same command again",
};

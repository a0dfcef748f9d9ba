import type { DriftFinding, ResolvedFinding } from "../core/drift.ts";
import type { HostFinished, HostStatus, LfceEvent } from "../core/events.ts";

/** A finding with the host that has it; without its evidence, which may be long. */
export type HostFinding = Omit<DriftFinding, "detail"> & { host: string };

export type HostResolved = ResolvedFinding & { host: string };

/** A host that a run could not look at: nobody knows whether it has drifted. */
export interface UnknownHost {
  host: string;
  status: HostStatus;
  /** When this began (RFC 3339, UTC). Absent: not recorded. */
  since?: string;
  /** Whether the run before still could, or never met it. */
  isNew: boolean;
  message?: string;
}

/** What a run of `lfce drift` found, against the looks before it at the same hosts. */
export interface RunChanges {
  new: HostFinding[];
  standing: HostFinding[];
  resolved: HostResolved[];
  unknown: UnknownHost[];
  /** Hosts that were unknown and could be looked at again. */
  knownAgain: string[];
}

/**
 * Sums up a run from its events, as the history has annotated them (`since`, `looks`, `resolved`, `unknownSince`): those
 * of a run in progress, or of one that was recorded. Hosts that were skipped are in none of the lists. Without a
 * history everything is new.
 */
export function collectChanges(): { handle(event: LfceEvent): void; changes: RunChanges } {
  const changes: RunChanges = { new: [], standing: [], resolved: [], unknown: [], knownAgain: [] };
  let started = "";
  return {
    changes,
    handle(event) {
      if (event.event === "run-started") started = event.time;
      if (event.event === "host-finished") addHost(changes, event, started);
    },
  };
}

/** Whether anything is other than it was: the condition for telling somebody. */
export function isChange(changes: RunChanges): boolean {
  const { resolved, unknown, knownAgain } = changes;
  return changes.new.length + resolved.length + knownAgain.length > 0 || unknown.some(({ isNew }) => isNew);
}

function addHost(changes: RunChanges, event: HostFinished, started: string): void {
  const { host, status } = event;
  if (event.drift === undefined) {
    if (status === "skipped") return;
    const since = event.unknownSince;
    changes.unknown.push({
      host,
      status,
      isNew: since === undefined || since === started,
      ...(since === undefined ? {} : { since }),
      ...(event.error ? { message: event.error.message } : {}),
    });
    return;
  }
  if (event.unknownSince !== undefined) changes.knownAgain.push(host);
  for (const { detail: _, ...finding } of event.drift) {
    changes[(finding.looks ?? 1) > 1 ? "standing" : "new"].push({ host, ...finding });
  }
  for (const finding of event.resolved ?? []) changes.resolved.push({ host, ...finding });
}

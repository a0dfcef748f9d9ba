import { errorData, type LfceErrorData } from "../core/errors.ts";
import type { HostCounts } from "../core/events.ts";
import {
  type HostFinding,
  type HostResolved,
  isChange,
  type RunChanges,
  type UnknownHost,
} from "../history/changes.ts";

/** When somebody is told: `change` of what is found, `drift` whenever there is some, `always`. */
export type NotifyOn = "change" | "drift" | "always";

/** How a run of `lfce drift` ended. */
export interface RunEnd {
  run: string;
  /** RFC 3339, UTC. */
  time: string;
  version: string;
  playbook: string;
  /** Name of the machine that lfce ran on. */
  controller: string;
  exitCode: number;
  durationMs: number;
  hosts: HostCounts;
  error?: LfceErrorData;
}

/** What is told: the JSON that commands and generic webhooks get. Fields are only ever added. */
export interface Notification extends RunEnd {
  event: "drift";
  /** Whether anything is other than in the run before. */
  changed: boolean;
  /** How many of each kind there are; the lists below hold the first 500. */
  counts: Record<keyof RunChanges, number>;
  new: HostFinding[];
  standing: HostFinding[];
  resolved: HostResolved[];
  unknown: UnknownHost[];
  knownAgain: string[];
}

const LISTED = 500;

const INTERRUPTED = 130;

/** Puts together what is told of a run. */
export function notificationOf(end: RunEnd, changes: RunChanges): Notification {
  const { new: found, standing, resolved, unknown, knownAgain } = changes;
  return {
    event: "drift",
    ...end,
    ...(end.error ? { error: withoutSource(end.error) } : {}),
    changed: isChange(changes),
    counts: {
      new: found.length,
      standing: standing.length,
      resolved: resolved.length,
      unknown: unknown.length,
      knownAgain: knownAgain.length,
    },
    new: found.slice(0, LISTED),
    standing: standing.slice(0, LISTED),
    resolved: resolved.slice(0, LISTED),
    unknown: unknown.slice(0, LISTED),
    knownAgain: knownAgain.slice(0, LISTED),
  };
}

/** A line of an inventory, which an error shows to whoever runs lfce, is not for everybody who is told. */
function withoutSource({ code, message, hint, at }: LfceErrorData): LfceErrorData {
  if (at === undefined || "host" in at) return errorData(code, message, hint, at);
  const { file, line, column } = at;
  return errorData(code, message, hint, { file, line, column });
}

/**
 * Whether somebody is to be told. A run that could not do its work is always told, every night: nothing was looked at.
 * One that was interrupted is not: whoever did that knows.
 */
export function isWorthTelling({ exitCode, changed, error, counts }: Notification, on: NotifyOn): boolean {
  if (exitCode === INTERRUPTED) return false;
  if (on === "always" || error !== undefined || changed) return true;
  return on === "drift" && (exitCode !== 0 || counts.new + counts.standing + counts.unknown > 0);
}

import type { Check } from "./checks.ts";
import type { DriftFinding, HostClock, HostLink, ResolvedFinding } from "./drift.ts";
import type { LfceErrorData, Warning } from "./errors.ts";

export type Command = "apply" | "plan" | "drift" | "verify" | "rollback";

export type HostStatus =
  | "unchanged"
  | "changed"
  | "pending"
  | "drifted"
  | "failed"
  | "rolled-back"
  | "unreachable"
  | "skipped";

/** One thing that was (or, in a plan, would be) done on a host. */
export interface Change {
  kind: "package" | "unit" | "file" | "restart";
  /** Package name, unit name or path. */
  target: string;
  /**
   * Unified diff of a file, for people (decoded, control characters escaped, secrets redacted). Empty: an
   * interrupted change is put back, and what its files then hold is known after.
   */
  diff?: string;
  reason: string;
}

export interface EventBase {
  /** RFC 3339, UTC. */
  time: string;
  /** Identifier of the run. */
  run: string;
}

export interface RunStarted extends EventBase {
  event: "run-started";
  version: string;
  command: Command;
  playbook: string;
  hosts: number;
}

export interface WaveStarted extends EventBase {
  event: "wave-started";
  wave: number;
  of: number;
  hosts: string[];
}

export interface HostStarted extends EventBase {
  event: "host-started";
  host: string;
}

export interface HostFinished extends EventBase {
  event: "host-finished";
  host: string;
  status: HostStatus;
  changes: Change[];
  /** In a plan: the proofs that apply would do, as result `unproven` with a detail that says so. */
  checks: Check[];
  /** Only of `drift`: every pending change has a finding as well. */
  drift?: DriftFinding[];
  /** Only of `drift`, where earlier runs are known. */
  resolved?: ResolvedFinding[];
  /**
   * Only of `drift`: items of which this run can say nothing, because it takes a server that could not be looked at. A
   * server's name stands for every item that begins with it and a colon.
   */
  unjudged?: string[];
  /**
   * Only of `drift`, from the history: the start of the first of the runs that could not look at the host, up to this
   * one (it is unreachable or failed), or up to the one before (then this one could again). RFC 3339, UTC.
   */
  unknownSince?: string;
  /** Only of `drift`: the host's part of the fleet's topology. */
  links?: HostLink[];
  /** Only of `drift`, where chronyd answered. */
  clock?: HostClock;
  warnings: Warning[];
  error?: LfceErrorData;
}

export interface HostCounts {
  unchanged: number;
  changed: number;
  pending: number;
  drifted: number;
  failed: number;
  rolledBack: number;
  unreachable: number;
  skipped: number;
}

/** Counts of a run in which nothing has happened yet. */
export function noHosts(): HostCounts {
  return {
    unchanged: 0,
    changed: 0,
    pending: 0,
    drifted: 0,
    failed: 0,
    rolledBack: 0,
    unreachable: 0,
    skipped: 0,
  };
}

/** What a run has come to so far: hosts by status, checks by result. */
export interface Totals {
  hosts: HostCounts;
  checks: { passed: number; failed: number; unproven: number };
}

/** Totals of a run in which nothing has happened yet. */
export function noTotals(): Totals {
  return { hosts: noHosts(), checks: { passed: 0, failed: 0, unproven: 0 } };
}

/** Counts one host that has finished. */
export function countHost(totals: Totals, { status, checks }: Pick<HostFinished, "status" | "checks">): void {
  totals.hosts[status === "rolled-back" ? "rolledBack" : status] += 1;
  for (const check of checks) totals.checks[check.result] += 1;
}

/** Findings of a run of `drift` against the runs before; hosts of which nobody knows whether they drifted. */
export interface DriftCounts {
  new: number;
  standing: number;
  resolved: number;
  unknownHosts: number;
}

export interface Summary extends EventBase {
  event: "summary";
  exitCode: number;
  durationMs: number;
  hosts: HostCounts;
  checks: { passed: number; failed: number; unproven: number };
  /** Only of `drift`, where earlier runs are known. */
  drift?: DriftCounts;
  /** What went wrong beside the hosts, so that it hides nothing of them: a notification that could not be sent. */
  warnings?: Warning[];
  error?: LfceErrorData;
}

/** The stream that the engine emits and reporters draw: the contract of `-o json`. */
export type LfceEvent = RunStarted | WaveStarted | HostStarted | HostFinished | Summary;

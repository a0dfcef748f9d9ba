import type { DirectoryChange, FileChange, HealthCheck, StagedTree, UnitChange } from "./host-plan.ts";

/** Everything apply.sh needs to carry out one host's plan: plain data, complete, idempotent by its checksums. */
export interface Transaction {
  /** Identifier, [A-Za-z0-9-] only; names the backup directory. */
  id: string;
  /** What made it, for the record on the host: the playbook as the user typed it. */
  playbook: string;
  /** The rest of what made it. */
  madeBy?: MadeBy;
  /** Identifiers of the committed transactions that this one takes back. */
  undoes?: readonly string[];
  /** Every file the plan was made from: a different checksum on the host stops the transaction untouched. */
  expect: { path: string; sha256: string | null }[];
  /** Include patterns and what they found then, sorted by byte: a new file among them stops the transaction, too. */
  expectMatches?: { pattern: string; paths: readonly string[] }[];
  directories: DirectoryChange[];
  files: FileChange[];
  staged: StagedTree[];
  units: UnitChange[];
  health: HealthCheck[];
  /** Unit → files it has loaded after the change, for the restart record. */
  loadedFiles: Record<string, string[]>;
  /** Seconds the host waits for the controller's verdict (commit or roll back) before it rolls back by itself. */
  leaseSeconds: number;
  /** Leave files and units as they are when a health check or proof fails. */
  keepFailed: boolean;
}

/** The command of lfce, the run's identifier and lfce's version that made a change on a host. */
export interface MadeBy {
  command: string;
  run: string;
  version: string;
}

/** What was put back, and whether the services came back. */
export interface RollbackOutcome {
  reason: string;
  restoredFiles: string[];
  restartedUnits: string[];
  /** False when a service did not come back: then the host needs a person. */
  healthy: boolean;
  detail?: string;
}

/** A transaction that was applied and is healthy, and waits for the verdict. */
export interface PendingTransaction {
  /** New messages of the daemons that are worth a warning though not an error. */
  notices: string[];
  commit(): Promise<void>;
  rollback(reason: string): Promise<RollbackOutcome>;
}

/** What was put back before `apply` rejected with this error; undefined when nothing had been changed. */
export function rollbackOf(error: Error): RollbackOutcome | undefined {
  const { cause } = error;
  return cause !== null && typeof cause === "object" && "restoredFiles" in cause
    ? (cause as RollbackOutcome)
    : undefined;
}

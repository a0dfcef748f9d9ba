import type { Command } from "../core/events.ts";
import type { MadeBy } from "../core/transaction.ts";
import type { FleetDeclaration } from "../plan/declaration.ts";
import type { Agreement } from "./agreement.ts";

/** What is asked of a run. */
export interface RunRequest {
  command: Command;
  fleet: FleetDeclaration;
  /** Hosts to work on (`--limit`); the others are at most read for proofs. */
  hosts: readonly string[];
  /** Hosts worked on at once. */
  forks: number;
  /** False: `--no-verify`. */
  verify: boolean;
  /** `drift --fix`: what drifted is applied at once. */
  fix?: boolean;
  /** `drift --probe`: the proofs are part of the look. */
  probe?: boolean;
  keepFailed: boolean;
  /** `--lease`: seconds that a host waits for its verdict; else it is derived from the proofs to be done. */
  leaseSeconds?: number;
  /** For the record on the hosts. */
  madeBy?: MadeBy;
  /** `--ask`: what was shown and agreed to; other changes than those are not made. */
  agreement?: Agreement;
  /** As the user typed it, for the record on the hosts. */
  playbookFile: string;
  /** When the run began (milliseconds since the epoch): log files may carry yesterday's date. Absent: not known. */
  startedAt?: number;
}

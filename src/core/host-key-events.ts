import type { EventBase, HostFinished, RunStarted, Summary } from "./events.ts";

/**
 * What became of a key that `lfce trust` saw: on record already, left out beside one that is, written down, not taken,
 * none that was expected of the host, or contradicted by what is on record.
 */
export type HostKeyResult =
  | "known"
  | "left-out"
  | "added"
  | "declined"
  | "unexpected"
  | "changed"
  | "revoked";

/** One key of a host or of a jump host, in the stream of `lfce trust -o json`. */
export interface HostKeyEvent extends EventBase {
  event: "host-key";
  /** The inventory name, or a jump host as it was written. */
  host: string;
  /** The name under which known_hosts has it. */
  name: string;
  type: string;
  /** As `ssh-keygen -l` prints it. */
  fingerprint: string;
  result: HostKeyResult;
  /** The file that it was written to. */
  file?: string;
  /** What is on record: `at` is FILE:LINE. */
  recorded?: { at: string; type: string; fingerprint: string }[];
  /** Other machines of this run that show the same key. */
  sameAs?: string[];
}

/** The stream of `lfce trust -o json`. */
export type TrustStreamEvent =
  | (Omit<RunStarted, "command"> & { command: "trust" })
  | HostKeyEvent
  | HostFinished
  | Summary;

import type { LfceErrorData, Warning } from "./errors.ts";

/** One machine whose host keys must be known: a host, or a jump host on the way to hosts. Plain data. */
export interface KeyedMachine {
  /** The same for the same machine on the same way. */
  id: string;
  /** The inventory name, or a jump host as it was written. */
  name: string;
  /** The name under which known_hosts has it: `10.0.0.1`, `[web1]:2222`. */
  knownAs: string;
  /** Ids of the jump hosts before it, in order: they must be trusted first. */
  behind: string[];
  /** The file that new keys are written to; undefined when the user has none. */
  file?: string;
}

/** What known_hosts says about a key: `other-type` is a new one beside keys on record that the machine shows as well. */
export type HostKeyState = "known" | "new" | "other-type" | "changed" | "revoked";

/** A key that a machine showed, and proved to be its own. */
export interface SeenHostKey {
  type: string;
  /** As `ssh-keygen -l` prints it. */
  fingerprint: string;
  /** The public key as it stands in known_hosts. */
  encoded: string;
  state: HostKeyState;
  /** What is on record in its place. */
  recorded?: { at: string; type: string; fingerprint: string }[];
  /** For a changed key: how to take the old one away. */
  removal?: string;
}

/** What a machine showed. */
export interface SeenMachine {
  keys: SeenHostKey[];
  warnings: readonly Warning[];
}

/** The machines on the way to a host, the host last; or why there is no way. */
export type HostWay = { host: string; machines: KeyedMachine[] } | { host: string; error: LfceErrorData };

/** Everything through which trust touches the world. */
export interface HostKeys {
  /** Asks a machine for its keys; those before it must be trusted by now. Rejects with an LfceError. */
  ask(machine: KeyedMachine, signal: AbortSignal): Promise<SeenMachine>;
  /** Writes keys down, all of one file at once. Rejects: known-hosts-not-writable. */
  write(entries: readonly { machine: KeyedMachine; keys: readonly SeenHostKey[] }[]): Promise<void>;
}

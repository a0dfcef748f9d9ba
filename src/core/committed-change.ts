import type { ByteText } from "./byte-text.ts";
import type { ServiceName } from "./host-plan.ts";

/** One file of a committed change, as its transaction on the host has it. */
export interface CommittedFile {
  /** Its number in the transaction, from 1. */
  number: number;
  path: string;
  /** SHA-256 of the content before and after; null: there was none. */
  before: string | null;
  after: string | null;
}

/** A change that was committed on a host, and what is known of who made it. */
export interface CommittedChange {
  id: string;
  /** Grows with every transaction of the host; clocks may be set meanwhile. */
  serial: number;
  playbook: string;
  /** RFC 3339, the host's clock. */
  madeAt?: string;
  who?: string;
  command?: string;
  run?: string;
  version?: string;
  /** Identifiers of the changes that this one took back. */
  undoes: string[];
  files: CommittedFile[];
  /** What was done to units, in this order. */
  units: { action: string; unit: string }[];
  /** How those units were before. */
  unitsBefore: { unit: string; active: string; enabled: string }[];
  /** Directories that it made. */
  created: string[];
  services: ServiceName[];
}

/** Which content of which committed file: what it replaced, or what it wrote. */
export interface BackupReference {
  id: string;
  number: number;
  kind: "before" | "after";
}

/** A content that a host has kept, with the rights of its file. */
export interface Backup extends BackupReference {
  content: ByteText;
  /** Octal, e.g. `0644`. */
  mode: string;
  owner: string;
  group: string;
}

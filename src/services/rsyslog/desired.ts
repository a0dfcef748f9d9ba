import type { Position } from "../../core/errors.ts";

export type SyslogProtocol = "tcp" | "udp";

export interface DesiredListener {
  protocol: SyslogProtocol;
  port: number;
  /** Local address to bind; undefined: all. */
  address?: string;
}

/** A host of the inventory whose messages a server receives. */
export interface SyslogSender {
  /** Inventory name: the `{host}` token. */
  host: string;
  /** Every address under which its messages arrive (its service address, resolved on the server). */
  addresses: string[];
}

/** Which messages one store rule is about. */
export type StoreSelection =
  | { kind: "any" }
  | { kind: "senders"; senders: SyslogSender[] }
  | { kind: "address"; address: string }
  | { kind: "network"; network: string }
  | { kind: "hostname"; hostname: string };

export interface DesiredRotation {
  /** Days. */
  keepDays: number;
  compress: boolean;
}

export interface DesiredStoreRule {
  from: StoreSelection[];
  /** Path with tokens as in the playbook: `{host}`, `{address}`, `{hostname}`, `{date}`, `{year}` … */
  file: string;
  stop: boolean;
  /** Octal, e.g. `0640`. */
  mode?: string;
  owner?: string;
  group?: string;
  rotate?: DesiredRotation;
  at?: Position;
}

export interface DesiredSyslogServer {
  state: "present" | "absent";
  listen: DesiredListener[];
  store: DesiredStoreRule[];
}

export interface DesiredQueue {
  /** queue.filename; already made unique a forward (NAME-1, NAME-2). */
  file: string;
  /** rsyslog size text, e.g. `1g`. */
  maxDisk: string;
  saveOnShutdown: boolean;
  /** Which of the three were written out in the playbook; only those count when comparing with what is there. */
  written: ("file" | "maxDisk" | "saveOnShutdown")[];
}

export interface DesiredForward {
  /** What is written as the target: an address or a name. */
  address: string;
  /** Every spelling that means the same target. */
  aliases: string[];
  host?: string;
  protocol: SyslogProtocol;
  port: number;
  /** Selectors joined with `;` semantics when several. */
  selector: string[];
  queue: DesiredQueue | false;
  /** action.resumeRetryCount; -1: for ever. */
  retry: number;
}

export interface DesiredSyslogClient {
  state: "present" | "absent";
  forwards: DesiredForward[];
  /** Seconds. */
  verifyTimeout: number;
}

/** What a playbook declares for rsyslog on one host. */
export interface DesiredRsyslog {
  playbook: string;
  server?: DesiredSyslogServer;
  client?: DesiredSyslogClient;
  at?: Position;
}

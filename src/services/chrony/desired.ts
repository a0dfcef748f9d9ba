import type { Position } from "../../core/errors.ts";

/** A network, address or name of an allow/deny list; `all` is everyone. Groups and hosts are resolved already. */
export type AccessEntry = string;

export type SourceKind = "server" | "pool" | "peer";

/** One time source as the playbook wants it on one host, its references resolved. */
export interface DesiredSource {
  kind: SourceKind;
  /** What lfce writes into the file when the source is missing there: an address or a name. */
  address: string;
  /** Every spelling that means the same server: service address, inventory name, what names resolve to on the host. */
  aliases: string[];
  /** chrony.conf(5) options written out in the playbook, by their own names; true for a flag, false for "not this flag". */
  options: Record<string, string | number | boolean>;
  /** Inventory name when the source is one of the playbook's hosts. */
  host?: string;
}

export interface DesiredDirective {
  name: string;
  /** Argument text, one line of the file each. */
  values: string[];
}

export interface DesiredNtpServer {
  state: "present" | "absent";
  allow: AccessEntry[];
  deny: AccessEntry[];
  localStratum?: number;
  orphan: boolean;
  /** Undefined: leave the sources as they are. */
  sources?: DesiredSource[];
  exclusive: boolean;
  directives: DesiredDirective[];
}

export interface DesiredNtpClient {
  state: "present" | "absent";
  sources: DesiredSource[];
  exclusive: boolean;
  /** Seconds. */
  maxOffset: number;
  /** Seconds. */
  verifyTimeout: number;
  directives: DesiredDirective[];
}

/** What a playbook declares for chrony on one host. Both roles may be there at once. */
export interface DesiredChrony {
  /** Name that marks lfce's blocks: the playbook's file name without directory and ending. */
  playbook: string;
  server?: DesiredNtpServer;
  client?: DesiredNtpClient;
  /** Where the roles stand in the playbook, for errors. */
  at?: Position;
}

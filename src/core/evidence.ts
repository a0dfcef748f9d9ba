import type { ObservedFirewall, ObservedListener } from "./observed.ts";

/** What a host says about its clock; raw chronyc output, interpreted by services/chrony/probes. */
export interface NtpEvidence {
  /** Milliseconds until an acceptable source was selected; absent when it did not happen in time. */
  selectedAfterMs?: number;
  /** `systemctl is-active` of the chrony unit. */
  unitState: string;
  /** Raw `chronyc -c -n sources -a`; without names that do not resolve on versions that lack `-a` (before 4.0). */
  sources: string;
  /** Raw `chronyc -c -N sources -a` (names as configured), empty on old versions. */
  namedSources: string;
  /** Raw `chronyc -c tracking`. */
  tracking: string;
  /** Raw `chronyc -c -n ntpdata` (root only), empty when refused. */
  ntpdata: string;
  /** Raw `chronyc -c activity`. */
  activity: string;
  /** Raw `chronyc -c -n selectdata`: why a source is not selected; empty before chrony 4.0. */
  selectdata: string;
  /** Address → text of `chronyc accheck ADDRESS`, for the addresses that were asked about. */
  accessChecks: Record<string, string>;
  /** Name → addresses on that host. */
  names: Record<string, string[]>;
  listeners: ObservedListener[];
  firewalls: ObservedFirewall[];
  /** chronyd's journal since the unit last started, bounded, control characters as they came. */
  journal: string[];
}

export interface NtpEvidenceRequest {
  unit: string;
  /** Seconds to wait for a selected source among `acceptable`; 0: look once. */
  waitSeconds: number;
  /** Addresses and names of declared sources; `*` accepts any selected source. */
  acceptable: string[];
  /** Seconds: a selected source further off than this is waited for as if it were not selected. */
  maxOffset?: number;
  /** Ask for a burst (4/4) at once: for sources without iburst. Otherwise only after 8 s without a selection. */
  burst: boolean;
  accessChecks: string[];
  names: string[];
  /**
   * Only what this proof needs when it passes, at once: `selection` (once a source is selected; else everything) the
   * state, sources and tracking; `serving` also access checks, listeners and firewalls. Without it: everything.
   */
  only?: "selection" | "serving";
}

/** What a host says about its logging; raw, interpreted by services/rsyslog/probes. */
export interface SyslogEvidence {
  unitState: string;
  /** rsyslogd's own messages since the unit last started. */
  journal: string[];
  listeners: ObservedListener[];
  firewalls: ObservedFirewall[];
  names: Record<string, string[]>;
  /** Established or attempted connections to the targets asked about: `tcp ESTAB 10.0.0.1:514`. */
  connections: { protocol: "tcp" | "udp"; state: string; address: string; port: number; sendQueue: number }[];
  /** Outcome of one short TCP connect to each target asked about. */
  reachable: {
    address: string;
    port: number;
    outcome: "open" | "refused" | "timeout" | "unreachable" | "unresolved" | "unknown";
  }[];
  /** Spool files of disk queues. */
  queueFiles: { path: string; size: number }[];
  /** Files in which one of the nonces asked about was found, wherever it was below the searched paths. */
  found: { nonce: string; path: string }[];
  /** Lines of the configuration that name one of the `found` files, or else its directory. */
  mentions: { path: string; file: string; line: number; text: string }[];
  /** rsyslogd's own messages of the last `recentSeconds`, the newest 500; absent when they were not asked for. */
  recent?: string[];
  /** The ends of the files of `tails` that are there, at most 64 KiB each. */
  tails?: { path: string; text: string }[];
  /** Of each watched path: whether it exists, size, mtime (seconds since the epoch). */
  files: { path: string; exists: boolean; size: number; mtime: number; owner: string; mode: string }[];
}

/** What a host has said of rsyslogd that was asked for nothing. */
export const NOTHING_SAID: SyslogEvidence = {
  unitState: "unknown",
  journal: [],
  listeners: [],
  firewalls: [],
  names: {},
  connections: [],
  reachable: [],
  queueFiles: [],
  found: [],
  mentions: [],
  files: [],
};

export interface SyslogEvidenceRequest {
  unit: string;
  targets: { address: string; protocol: "tcp" | "udp"; port: number }[];
  names: string[];
  spoolDirectory: string;
  /** Search these directories (bounded in depth, age and size) for these nonces. */
  searchDirectories: string[];
  nonces: string[];
  /** Paths to look at; %Y, %m and %d are filled with the host's own date. */
  files: string[];
  /** Configuration files (or globs) in which to look for the rule that names a found file. */
  configurations: string[];
  /** Asks for what rsyslogd said lately, however long it runs. */
  recentSeconds?: number;
  /** Files whose ends are wanted. */
  tails?: string[];
}

/** One open exec on a log server that looks for nonces as clients send them. */
export interface NonceWatch {
  /**
   * Waits until `nonce` stands in the file that `path` names, or `timeoutMs` passed (then undefined).
   * `path` may hold the strftime tokens %Y %m %d, filled with the server's own date.
   */
  expect(nonce: string, path: string, timeoutMs: number): Promise<{ path: string; line: string } | undefined>;
  close(): Promise<void>;
}

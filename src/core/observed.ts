import type { ByteText } from "./byte-text.ts";

/** One path on a host as `observe` saw it. */
export interface ObservedFile {
  path: string;
  kind: "file" | "directory" | "symlink" | "missing" | "other";
  /** Where a symbolic link finally points (`readlink -f`); its content and metadata are the target's. */
  target?: string;
  /** Octal permission bits, e.g. `0644`. */
  mode?: string;
  owner?: string;
  group?: string;
  /** Seconds since the epoch, with fractions. */
  mtime?: number;
  ctime?: number;
  /** Hexadecimal SHA-256 of the content. */
  sha256?: string;
  /** Only for regular files (and links to them) that were asked for with content. */
  content?: ByteText;
  /** Number of hard links. */
  links?: number;
  /** Bytes; only for regular files (and links to them). */
  size?: number;
  /**
   * Only false is ever said, and only of regular files that were asked for with content: not even root can write
   * it (immutable attribute, read-only file system).
   */
  writable?: false;
}

/** A systemd unit as `systemctl show` reports it. */
export interface ObservedUnit {
  unit: string;
  load: "loaded" | "not-found" | "masked" | "error" | "bad-setting";
  active: "active" | "inactive" | "failed" | "activating" | "deactivating" | "reloading" | "unknown";
  sub: string;
  /** UnitFileState: enabled, disabled, static, masked, alias, indirect, generated … or empty. */
  enabled: string;
  /** When the main process started, seconds since the epoch (with fractions); absent when it never ran. */
  startedAt?: number;
  /** Result: success, exit-code, signal, timeout, start-limit-hit … */
  result?: string;
  /** NRestarts: how often systemd has started it again by itself. */
  restarts?: number;
}

/** A socket that something on the host listens on (`ss -lntu`). */
export interface ObservedListener {
  protocol: "tcp" | "udp";
  address: string;
  port: number;
  /** Program name when it could be seen (root only). */
  process?: string;
}

/** A TCP connection that the host has, or tries to make, to another one. */
export interface ObservedConnection {
  protocol: "tcp";
  /** As the kernel names it, in lower case: established, syn-sent, close-wait … */
  state: string;
  /** The other end. */
  address: string;
  port: number;
  /** Bytes that wait to be sent or acknowledged. */
  sendQueue: number;
}

export interface ObservedFirewall {
  kind: "firewalld" | "ufw" | "nftables" | "iptables";
  /** Raw rules text, bounded, for the diagnosis to search. */
  rules: string;
  /** For firewalld: the zone of the default interface and its services and ports. */
  allowed?: string[];
}

/** What lfce wrote on the host after its own restart of a unit, to recognise a stale daemon later. */
export interface RestartRecord {
  unit: string;
  bootId: string;
  /** The unit's start time in seconds since the epoch at that moment. */
  startedAt: number;
  /** Path → sha256 of every file that the daemon had loaded. */
  checksums: Record<string, string>;
}

/** A directory in which a change would write. */
export interface ObservedPlace {
  path: string;
  writable: boolean;
  /** Room for ordinary users' files on its file system; absent where it was not asked for or df does not tell. */
  availableKiB?: number;
}

/** A change that its host put back by itself, because no verdict came. */
export interface PutBackChange {
  id: string;
  /** The playbook as the user had typed it. */
  playbook: string;
  /** Who had asked for it, and when (RFC 3339, the host's clock). */
  who?: string;
  madeAt?: string;
  /** When it was put back, by the host's clock; and why, as a sentence without a full stop. */
  at?: string;
  because: string;
  /** Paths. */
  restored: string[];
  /** What could not be put back as it was. */
  broken: string[];
  /** Absent: it was put back at boot, before they started. */
  servicesCameBack?: boolean;
}

/** Everything that one `observe` found out about a host. Plain data; nothing is decided here. */
export interface ObservedHost {
  /** The host's own clock, seconds since the epoch. */
  now: number;
  bootId: string;
  hostname: string;
  /** Effective user id of the scripts: 0 when root (or become) worked. */
  uid: number;
  osRelease: Record<string, string>;
  /** First program found of each name that was asked for: name → path. */
  programs: Record<string, string>;
  /** chrony: `4.3`; rsyslog: `8.2302.0`. Absent when not installed. */
  versions: { chrony?: string; rsyslog?: string };
  units: Record<string, ObservedUnit>;
  /** By path: main files, everything they include (in any depth), and whatever else was asked for. */
  files: Record<string, ObservedFile>;
  /** Include pattern as written → paths that it matched, sorted as the daemon reads them. */
  globs: Record<string, string[]>;
  /** Pattern of `ObserveRequest.list`, and path of `stat` with a date in it, as asked for → paths. */
  lists?: Record<string, string[]>;
  /** Name → addresses it resolves to on that host (empty: none). */
  names: Record<string, string[]>;
  /** The host's own addresses. */
  addresses: string[];
  /**
   * Raw `chronyc -c -N sources -a` (or the older form) and `chronyc -c tracking`, and by address what it
   * says to `accheck`; absent when it failed.
   */
  chronyc: { sources?: string; tracking?: string; accessChecks?: Record<string, string> };
  /** Of the tables that were asked for. */
  listeners: ObservedListener[];
  /** Of the tables that were asked for, in all states but those that end by themselves. Bounded: 2,000. */
  connections?: ObservedConnection[];
  /** Empty where they were not asked for. */
  firewalls: ObservedFirewall[];
  restartRecords: RestartRecord[];
  /** Of the directories that were asked for, those that are there. */
  places?: ObservedPlace[];
  /**
   * Left-overs of an interrupted transaction, if any: its identifier and state. `prepared`: it had changed nothing,
   * and what lies beside its targets is to be tidied up. `locked`: only its lock is left.
   */
  openTransaction?: { id: string; state: string };
  /** The change that was settled last, if the host put it back by itself. */
  putBack?: PutBackChange;
}

import type { Backup, BackupReference, CommittedChange } from "./committed-change.ts";
import type { ConnectionSettings } from "./connection.ts";
import type { Warning } from "./errors.ts";
import type {
  NonceWatch,
  NtpEvidence,
  NtpEvidenceRequest,
  SyslogEvidence,
  SyslogEvidenceRequest,
} from "./evidence.ts";
import type { ObservedHost } from "./observed.ts";
import type { PendingTransaction, Transaction } from "./transaction.ts";

export type PackageManager = "apt-get" | "dnf" | "zypper";

/** What `observe` should look at; candidates of all distributions, because the family is not known before. */
export interface ObserveRequest {
  /**
   * Main files to read together with everything they include, in the given daemon's include syntax; `usual` are
   * patterns that it mostly leads to, which saves a second look.
   */
  follow: { service: "chrony" | "rsyslog"; path: string; usual?: readonly string[] }[];
  /** Further paths or globs to read with content. */
  files: string[];
  /** Paths to look at without content (directories, executables); %Y, %m and %d are the host's own date. */
  stat: string[];
  /**
   * Patterns whose matches are reported without content, directories among them; %Y, %m and %d are the host's own
   * date. At most 1,000 matches each.
   */
  list?: string[];
  units: string[];
  /** Directories in which a change would write. */
  places?: string[];
  /** How much room these have, too: a process more on the host. */
  space?: boolean;
  /** The packet filters: up to a dozen processes on the host. */
  firewalls?: boolean;
  /** Addresses of which chronyd is asked whether it would let them in. */
  accessChecks?: readonly string[];
  /** Whose listeners, and of TCP whose connections, are wanted: the kernel goes through all it has for each. */
  sockets?: readonly ("tcp" | "tcp6" | "udp" | "udp6")[];
  /** All listeners with their programs: costs more than all the rest where many processes run. */
  socketPrograms?: boolean;
  /** Program names to look for in PATH and the sbin directories. */
  programs: string[];
  /** Names to resolve as the host does (getent ahosts). */
  names: string[];
  /** The shell of the look stays until something else is done on the host, so that `logNonce` needs no exec. */
  keepForMessages?: boolean;
}

/** Everything lfce does on one connected host. Each method is one exec of a static script, or less. */
export interface HostSession {
  /** Who is logged in, for messages. */
  user?: string;
  /** What the user must be told of how the connection was made. */
  warnings?: readonly Warning[];
  observe(request: ObserveRequest): Promise<ObservedHost>;
  /** Installs packages; resolves with the tail of the package manager's output. */
  install(packageManager: PackageManager, packages: readonly string[]): Promise<string>;
  /**
   * Resolves when the change is in place and healthy; rejects (LfceError) when nothing or everything was put back. `settling`
   * is called once everything is restarted and only has to show that it stays up.
   */
  apply(transaction: Transaction, settling?: () => void): Promise<PendingTransaction>;
  /** The committed changes that the host has kept, newest first, and of `wanted` what it still has. */
  committedChanges(
    wanted: readonly BackupReference[],
  ): Promise<{ changes: CommittedChange[]; backups: Backup[] }>;
  ntpEvidence(request: NtpEvidenceRequest): Promise<NtpEvidence>;
  /** Logs `nonce` through the local syslog socket with `priority` (facility.severity) and the tag `lfce`. */
  logNonce(nonce: string, priority: string): Promise<void>;
  watchForNonces(): Promise<NonceWatch>;
  syslogEvidence(request: SyslogEvidenceRequest): Promise<SyslogEvidence>;
  close(): Promise<void>;
}

/** Opens a session. Rejects with an LfceError whose code says why (unreachable, host key, authentication, sudo …). */
export interface Connect {
  (settings: ConnectionSettings, signal: AbortSignal): Promise<HostSession>;
  /** Closes what sessions share (connections to jump hosts), at the end of a run. */
  close?(): void;
}

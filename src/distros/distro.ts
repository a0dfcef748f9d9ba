import type { ServiceName } from "../core/host-plan.ts";
import type { PackageManager } from "../core/host-session.ts";

/** What a distribution family calls one service's parts. */
export interface ServiceNames {
  package: string;
  unit: string;
  /** The daemon's main configuration file. */
  mainFile: string;
  /** Patterns that it includes as packaged. */
  includes: readonly string[];
}

/** One family of distributions: how it is recognised and what it calls things. Pure data. */
export interface Distro {
  family: string;
  /** os-release IDs (also looked for in ID_LIKE). */
  ids: readonly string[];
  packageManager: PackageManager;
  services: Record<ServiceName, ServiceNames>;
  /** Where rsyslog keeps its disk queues when no work directory is set. */
  spoolDirectory: string;
  /** Owner and group of log files and directories that rsyslog must be able to write. */
  logOwner: string;
  logGroup: string;
  /** The ordinary file for system messages, for the diagnosis to search. */
  messagesFile: string;
}

import type { ByteText } from "./byte-text.ts";
import type { LfceErrorData, Warning } from "./errors.ts";

export type ServiceName = "chrony" | "rsyslog";

/** One file that a plan creates, rewrites or removes. */
export interface FileChange {
  path: string;
  /** What the plan was made from; null: the file does not exist yet. */
  before: { sha256: string; content: ByteText } | null;
  /** null: remove the file. */
  after: ByteText | null;
  /** Only for files that are created; an existing file keeps what it has. */
  mode?: string;
  owner?: string;
  group?: string;
  /** A sentence for people: why this file changes. */
  reason: string;
}

/** A directory that must exist before the files in it (log or spool directories). Created only when missing. */
export interface DirectoryChange {
  path: string;
  mode: string;
  owner: string;
  group: string;
  reason: string;
}

export interface UnitChange {
  unit: string;
  action: "enable" | "start" | "restart" | "disable" | "stop";
  reason: string;
}

/**
 * The tree that the real daemon must accept before anything is swapped in: every file the daemon would
 * load after the change, its include paths rewritten to `directory`.
 */
export interface StagedTree {
  service: ServiceName;
  /** The live main file: what is there is checked the same way first, and only new errors block. */
  main: string;
  /** Directory on the host (created for the check, removed after it) in which the daemon may read. */
  directory: string;
  /** Path below `directory` of the staged main file. */
  stagedMain: string;
  /** Path below `directory` → content. */
  files: Record<string, ByteText>;
}

export type HealthCheck =
  | { kind: "active"; unit: string }
  | { kind: "listening"; protocol: "tcp" | "udp"; port: number };

/** What one service's planner says about one host. Pure data: a dry run prints it, an apply carries it out. */
export interface ServicePlan {
  service: ServiceName;
  /** Packages to install first. When not empty, the rest is planned anew after the installation. */
  packages: string[];
  files: FileChange[];
  directories: DirectoryChange[];
  units: UnitChange[];
  /** Absent when no file changes. */
  staged?: StagedTree;
  health: HealthCheck[];
  /** Paths of every file that the daemon loads after the change (for the restart record). */
  loadedFiles: string[];
  warnings: Warning[];
  /** Not empty: this host cannot be changed as declared; nothing is applied on it. */
  errors: LfceErrorData[];
}

/** The plan of a service for which nothing has to be done. */
export function emptyPlan(service: ServiceName): ServicePlan {
  return {
    service,
    packages: [],
    files: [],
    directories: [],
    units: [],
    health: [],
    loadedFiles: [],
    warnings: [],
    errors: [],
  };
}

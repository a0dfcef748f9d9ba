import type { ByteText } from "../../core/byte-text.ts";
import type { LfceErrorData, Warning } from "../../core/errors.ts";
import type { DirectoryChange, HealthCheck } from "../../core/host-plan.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import type { DesiredRsyslog } from "./desired.ts";
import type { RsyslogModel } from "./in-force/in-force-model.ts";

/** What one role makes of one file. */
export interface FileEdit {
  path: string;
  /** The whole file; null: remove it. */
  after: ByteText | null;
  /** A sentence for people. */
  reason: string;
  /** Only for files that do not exist yet. */
  mode?: string;
  owner?: string;
  group?: string;
}

/** What one role changes on a host. */
export interface RoleEdits {
  /** Only files that differ from `texts`. */
  files: FileEdit[];
  directories: DirectoryChange[];
  health: HealthCheck[];
  warnings: Warning[];
  errors: LfceErrorData[];
  /** What is in force in the edited texts, or nearly: what it was made from is not read again. */
  model?: RsyslogModel;
}

/**
 * Plans one role. `texts` are the contents as the roles before it left them, `model` what is in force in
 * them. The roles of a host are applied one after the other to the same texts.
 */
export type RolePlan = (
  desired: DesiredRsyslog,
  observed: ObservedHost,
  distro: Distro,
  model: RsyslogModel,
  texts: ReadonlyMap<string, ByteText>,
) => RoleEdits;

export const noEdits: RoleEdits = { files: [], directories: [], health: [], warnings: [], errors: [] };

import { LfceError, type Position } from "../core/errors.ts";
import type { SourceFile } from "./inventory.ts";

export type RoleName = "ntp_server" | "ntp_client" | "syslog_server" | "syslog_client";

/** One entry of a play's `roles`, its templates not yet replaced. */
export interface RoleUse {
  role: RoleName;
  state: unknown;
  /** As written; strings may hold `{{ name }}`. */
  parameters: Record<string, unknown>;
  /** Of each given parameter: where its value stands. */
  positions: Record<string, Position>;
  /** Where a value inside this role stands, by its path from the role (`["sources", 0, "minpoll"]`). */
  locate: (path: readonly (string | number)[], target?: "key" | "value") => Position;
  at: Position;
}

export interface Play {
  name: string;
  /** A host pattern. */
  hosts: string;
  inventory?: string;
  become?: boolean;
  /** Batch sizes: numbers of hosts, or percentages such as `10%`; the last one repeats. */
  serial?: (number | string)[];
  maxFailPercentage?: number;
  vars: Record<string, unknown>;
  roles: RoleUse[];
  at: Position;
}

export interface Playbook {
  file: string;
  /** File name without directory and ending. */
  name: string;
  plays: Play[];
}

/** Reads a playbook. Throws `LfceErrors` with everything that is wrong in the file. */
export function loadPlaybook(_file: SourceFile): Playbook {
  throw new LfceError({ code: "config.not-built", message: "not built yet" });
}

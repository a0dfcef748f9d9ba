import type { ConnectionSettings } from "../core/connection.ts";
import { LfceError, type Position, type Warning } from "../core/errors.ts";

/** One host of the inventory with its merged variables. */
export interface Host {
  name: string;
  /** Every group it is in, directly or through children, without `all`; sorted by name. */
  groups: string[];
  /** Merged by Ansible's precedence, extra variables included, as written (not yet evaluated). */
  variables: Record<string, unknown>;
  /**
   * The address at which other hosts reach this one: `service_address`, else `ansible_host`, else the name.
   * Evaluated when it is read first: an `LfceError` with the variable's position when that is impossible.
   */
  serviceAddress: string;
  /** How lfce reaches it; evaluated when it is read first, like `serviceAddress`. */
  connection: ConnectionSettings;
  /** Where each variable was given, for errors. */
  origins?: Record<string, Position>;
}

export interface Group {
  name: string;
  /** All descendants, in inventory order. */
  hosts: string[];
  children: string[];
}

export interface Inventory {
  /** By name, in inventory order. */
  hosts: Map<string, Host>;
  groups: Map<string, Group>;
  warnings: Warning[];
  /** Variables of the command line; they win over those of a play. */
  extraVariables?: Record<string, unknown>;
}

/** A file that somebody else has read. */
export interface SourceFile {
  path: string;
  text: string;
}

/** Everything an inventory is made of, in the order of the command line's `-i`. */
export interface InventorySources {
  inventories: {
    file: SourceFile;
    /** Every file below group_vars/ and host_vars/ beside it, paths as on disk. */
    variableFiles: SourceFile[];
  }[];
  extraVariables: Record<string, unknown>;
  environment: { home: string; user: string; connectTimeoutMs: number };
}

/** Reads and merges inventories. Throws `LfceErrors` with everything that is wrong in the files. */
export function loadInventory(_sources: InventorySources): Inventory {
  throw new LfceError({ code: "config.not-built", message: "not built yet" });
}

import type { ConnectionSettings } from "../core/connection.ts";
import type { Position, Warning } from "../core/errors.ts";

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
  /** Where a variable was given, if in a file. */
  origin?: (variable: string) => Position | undefined;
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
  /** Grows when connections are evaluated: ignored ssh arguments are told then. */
  warnings: Warning[];
  /** Variables of the command line; they win over those of a play. */
  extraVariables?: Record<string, unknown>;
}

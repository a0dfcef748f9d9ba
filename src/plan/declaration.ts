import type { ConnectionSettings } from "../core/connection.ts";
import type { Warning } from "../core/errors.ts";
import type { DesiredChrony } from "../services/chrony/desired.ts";
import type { DesiredRsyslog } from "../services/rsyslog/desired.ts";
import type { Reference } from "./waves.ts";

/**
 * What a playbook wants of one host: plain data, complete but for names that only the host can resolve
 * (they stand in place of addresses until `resolveNames`).
 */
export interface HostDeclaration {
  host: string;
  connection: ConnectionSettings;
  /** The address at which other hosts reach this one: an address, or a name that each of them resolves. */
  serviceAddress: string;
  chrony?: DesiredChrony;
  rsyslog?: DesiredRsyslog;
  /** Names to be resolved on the host itself. */
  names: string[];
  warnings: Warning[];
  /** The first play that names the host: an identifier (names may repeat), its batch sizes and failure budget. */
  play: { id: string; name: string; serial: (number | string)[]; maxFailPercentage?: number };
}

/** What a playbook wants of all its hosts, always from the full inventory. */
export interface FleetDeclaration {
  /** File name of the playbook without directory and ending: marks lfce's blocks on the hosts. */
  playbook: string;
  /** In inventory order. */
  hosts: Map<string, HostDeclaration>;
  references: Reference[];
  /** Names that mean a host of the inventory wherever they stand for an address. */
  inventoryNames: Set<string>;
}

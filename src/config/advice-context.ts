import { errorData, type Position, type Warning } from "../core/errors.ts";
import type { Inventory } from "./inventory-model.ts";
import type { HostRoles } from "./role-settings.ts";
import { shortList } from "./suggestion.ts";

/** What advice about a fleet is made from. */
export interface AdviceContext {
  roles: ReadonlyMap<string, HostRoles>;
  inventory: Inventory;
  /** Hosts that the playbook makes an ntp_server. */
  timeServers: readonly string[];
  /** Says one piece of advice about a host; the same about others is joined with it. */
  say(host: string, warning: { code: string; message: string; hint: string; at: Position }): void;
  /** Where a value inside a role's parameter stands. */
  locate(parameterAt: Position | undefined, path: readonly (string | number)[], fallback: Position): Position;
}

/** A warning about several hosts names them all, or the first few. */
export function aboutHosts(hosts: readonly string[], warning: Omit<Warning, "at">, at: Position): Warning {
  return errorData(warning.code, `${shortList(hosts, 3)}: ${warning.message}`, warning.hint, at);
}

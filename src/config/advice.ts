import type { Warning } from "../core/errors.ts";
import type { HostRoles } from "./host-roles.ts";
import type { Inventory } from "./inventory.ts";
import type { Playbook } from "./playbook.ts";

/** What is allowed but unwise: said by `lfce validate`. */
export function advise(
  _playbook: Playbook,
  _hostRoles: Map<string, HostRoles>,
  _inventory: Inventory,
): Warning[] {
  return [];
}

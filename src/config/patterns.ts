import { LfceError, type Position } from "../core/errors.ts";
import type { Inventory } from "./inventory.ts";

/**
 * The hosts that an Ansible pattern names, in inventory order.
 * Throws `LfceError` when it is malformed or matches nothing.
 */
export function matchPattern(_inventory: Inventory, _pattern: string, _at?: Position): string[] {
  throw new LfceError({ code: "config.not-built", message: "not built yet" });
}

import assert from "node:assert/strict";
import type { Lab } from "../../lab/lab.ts";
import { inventoryOf, type Workplace, workplace } from "../lfce.ts";
import { assertClean } from "./see-kind.ts";

/**
 * Puts the machines of these groups back to stock, applies a playbook to them, and sees that nothing drifts then.
 * @param prepare what a machine has beforehand, such as files of its site's own
 */
export async function declaredFleet(
  lab: Lab,
  groups: Record<string, string[]>,
  playbook: string,
  prepare: () => Promise<unknown> = async () => {},
): Promise<Workplace> {
  const place = workplace(inventoryOf(lab, groups));
  const machines = [...new Set(Object.values(groups).flat())];
  await Promise.all(machines.map((machine) => lab.reset(machine)));
  await prepare();
  const applied = await place.json("apply", playbook);
  assert.equal(applied.code, 0, applied.trouble);
  assertClean(await place.json("drift"));
  return place;
}

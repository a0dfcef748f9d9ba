import type { FleetRecord, HostRecord } from "./fleet-record.ts";
import type { HostState } from "./host-state.ts";

/** Nights in a row on which the same was true of a host. */
export interface Spell {
  /** Index of the first night. */
  first: number;
  nights: number;
  state: HostState;
  /** `itemKey` of what was found on each of them. */
  items: readonly string[];
}

/** Hosts (by their index) with one and the same history. */
export interface SpellRow {
  hosts: number[];
  spells: Spell[];
}

/** A host's nights as spells; those on which it was fine, too. */
export function spellsOf({ nights }: FleetRecord, host: HostRecord): Spell[] {
  const spells: Spell[] = [];
  nights.forEach((_, index) => {
    const night = host.nights[index];
    const state = night?.state ?? "absent";
    const items = night?.items ?? [];
    const last = spells[spells.length - 1];
    if (last?.state === state && sameItems(last.items, items)) last.nights += 1;
    else spells.push({ first: index, nights: 1, state, items });
  });
  return spells;
}

/**
 * The histories of the hosts that ever drifted, equal ones together: those that have drifted now first, then by how
 * lately they had; inside that, the hosts in their own order.
 */
export function spellRows(record: FleetRecord, hosts: readonly HostRecord[]): SpellRow[] {
  const rows = new Map<string, SpellRow>();
  hosts.forEach((host, index) => {
    if (!host.nights.some((night) => night?.state === "drifted")) return;
    const spells = spellsOf(record, host);
    const key = JSON.stringify(spells);
    const row = rows.get(key);
    if (row) row.hosts.push(index);
    else rows.set(key, { hosts: [index], spells });
  });
  return [...rows.values()].sort(
    (a, b) => lastDrift(b) - lastDrift(a) || newest(b).items.length - newest(a).items.length,
  );
}

/** The index of the night after the last one on which it had drifted. */
function lastDrift({ spells }: SpellRow): number {
  const spell = spells.findLast(({ state }) => state === "drifted");
  return spell ? spell.first + spell.nights : 0;
}

function newest({ spells }: SpellRow): { items: readonly string[] } {
  return spells[spells.length - 1] ?? { items: [] };
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

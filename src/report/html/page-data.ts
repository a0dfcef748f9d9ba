import { longDay, weekday } from "./calendar.ts";
import { indexRanges } from "./host-names.ts";
import { HOST_STATES } from "./host-state.ts";
import { nodeWords } from "./topology-words.ts";
import type { View } from "./view.ts";

/**
 * What the page's script needs and no element says: the contract with browser/. Short names, because a fleet has many
 * hosts; hosts as ranges of indexes (`0-2,7`).
 */
export interface PageData {
  /** Nights: what to call them. */
  nights: string[];
  /** The index of a host is its place here; `v`: its variants (elements `variant-N`); `r`: its row of the timeline. */
  hosts: { n: string; v: readonly number[]; r: number }[];
  /** To which problem a variant belongs. */
  problems: number[];
  /** Rows of the timeline: spells as [first night, nights, index in HOST_STATES, problems]. */
  rows: { h: string; s: [number, number, number, number[]][] }[];
  /** Boxes of several hosts, by node: title and hosts. */
  groups: Record<string, { t: string; h: string }>;
  /** Hosts that an element is about, by its id: for searching. */
  members: Record<string, string>;
}

export function pageData(view: View): PageData {
  const { problems, rows, topology, hosts, nights } = view;
  const problemOf: number[] = [];
  const members: Record<string, string> = {};
  for (const { id, variants, now, before } of problems.groups) {
    for (const variant of variants) problemOf[variant.id] = id;
    members[`problem-${id}`] = indexRanges([...now, ...before]);
  }
  rows.forEach((row, index) => {
    members[`row-${index}`] = indexRanges(row.hosts);
  });
  for (const node of topology.nodes) members[`node-${node.id}`] = indexRanges(node.hosts);
  const rowOf = new Map(rows.flatMap((row, index) => row.hosts.map((host) => [host, index] as const)));
  return {
    nights: nights.map(({ day }) => `${weekday(day)}${longDay(day).slice(-5)}`),
    hosts: hosts.map(({ name }, index) => ({
      n: name,
      v: problems.variantsOf(index),
      r: rowOf.get(index) ?? -1,
    })),
    problems: problemOf,
    rows: rows.map((row) => ({
      h: indexRanges(row.hosts),
      s: row.spells.map(({ first, nights: count, state, items }) => [
        first,
        count,
        HOST_STATES.indexOf(state),
        items.flatMap((key) => problems.groupOf(key) ?? []),
      ]),
    })),
    groups: Object.fromEntries(
      topology.nodes
        .filter(({ kind }) => kind === "group")
        .map((node) => [node.id, { t: nodeWords(node, hosts).title, h: indexRanges(node.hosts) }]),
    ),
    members,
  };
}

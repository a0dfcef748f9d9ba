import { errorData, type LfceErrorData } from "../core/errors.ts";
import type { GroupDraft, InventoryDraft } from "./inventory-draft.ts";

/** How groups hang together: Ansible merges variables from the farthest ancestor down to the nearest group. */
export interface GroupTree {
  /** Of each group, the groups it is a child of; every group but `all` has one at least. */
  parents: Map<string, string[]>;
  /** Longest way from `all`, which is 0. */
  depths: Map<string, number>;
  /** Of each group, its children in the order in which they were named. */
  children: Map<string, string[]>;
}

/**
 * Puts `all` above every group and hosts without a group into `ungrouped`. A group that is its own
 * descendant is an error with the way around.
 */
export function buildGroupTree(draft: InventoryDraft): { tree: GroupTree; errors: LfceErrorData[] } {
  for (const name of ["all", "ungrouped"]) {
    if (!draft.groups.has(name)) draft.groups.set(name, implicitGroup(name));
  }
  const errors = findCycles(draft.groups);
  const tree: GroupTree = { parents: new Map(), depths: new Map(), children: new Map() };
  if (errors.length > 0) return { tree, errors };
  for (const group of draft.groups.values()) {
    tree.children.set(group.name, [...group.children.keys()]);
    for (const child of group.children.keys()) {
      tree.parents.set(child, [...(tree.parents.get(child) ?? []), group.name]);
    }
  }
  for (const name of draft.groups.keys()) {
    if (name === "all" || tree.parents.has(name)) continue;
    tree.parents.set(name, ["all"]);
    tree.children.set("all", [...(tree.children.get("all") ?? []), name]);
  }
  for (const name of draft.groups.keys()) depthOf(name, tree);
  const grouped = new Set(
    [...draft.groups.values()].flatMap((group) => (group.name === "all" ? [] : [...group.hosts])),
  );
  for (const host of draft.hosts.keys()) {
    if (!grouped.has(host)) draft.groups.get("ungrouped")?.hosts.add(host);
  }
  return { tree, errors };
}

function implicitGroup(name: string): GroupDraft {
  return { name, children: new Map(), hosts: new Set(), variables: new Map(), priority: 1 };
}

function depthOf(name: string, tree: GroupTree): number {
  const known = tree.depths.get(name);
  if (known !== undefined) return known;
  const above = (tree.parents.get(name) ?? []).map((parent) => depthOf(parent, tree));
  const depth = name === "all" ? 0 : Math.max(0, ...above) + 1;
  tree.depths.set(name, depth);
  return depth;
}

function findCycles(groups: Map<string, GroupDraft>): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  const done = new Set<string>();
  const walk = (name: string, path: readonly string[]) => {
    if (done.has(name)) return;
    for (const [child, at] of groups.get(name)?.children ?? []) {
      const start = [...path, name].indexOf(child);
      if (child === "all") {
        const message = "all cannot be a child: it holds every group";
        errors.push(errorData("inventory.cycle", message, "take it out of children", at()));
      } else if (start >= 0) {
        const way = [...path, name].slice(start);
        const message = `the group ${child} is inside itself: ${[...way, child].join(" → ")}`;
        errors.push(errorData("inventory.cycle", message, "take one of them out of children", at()));
      } else walk(child, [...path, name]);
    }
    done.add(name);
  };
  for (const name of groups.keys()) walk(name, []);
  return errors;
}

/** Every group above the given ones, and themselves, without `all`. */
export function withAncestors(names: Iterable<string>, tree: GroupTree): Set<string> {
  const found = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || name === "all") continue;
    found.add(name);
    waiting.push(...(tree.parents.get(name) ?? []));
  }
  return found;
}

/** Groups in the order in which their variables are laid over each other: the last one wins. */
export function inMergeOrder(names: Iterable<string>, tree: GroupTree, draft: InventoryDraft): string[] {
  const rank = (name: string) => [tree.depths.get(name) ?? 0, draft.groups.get(name)?.priority ?? 1] as const;
  return [...names].sort((left, right) => {
    const [one, two] = [rank(left), rank(right)];
    return one[0] - two[0] || one[1] - two[1] || (left < right ? -1 : 1);
  });
}

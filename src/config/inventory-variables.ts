import type { HostDraft, InventoryDraft, Variables } from "./inventory-draft.ts";
import { type GroupTree, inMergeOrder } from "./inventory-groups.ts";
import type { VariableDirectory } from "./variable-files.ts";

/**
 * Merges a host's variables by Ansible's precedence, each of these over the ones before: the inventory's
 * variables of `all`, of the other groups (farthest first), group_vars/all, group_vars of the groups, the
 * inventory's variables of the host, host_vars. Several inventories: file by file in each of these steps.
 */
export function hostVariables(
  draft: InventoryDraft,
  tree: GroupTree,
  directories: readonly VariableDirectory[],
): (host: HostDraft, groups: readonly string[]) => Variables {
  const byGroups = new Map<string, Variables>();
  return (host, groups) => {
    const key = groups.join("\n");
    const shared = byGroups.get(key) ?? groupVariables(groups, draft, tree, directories);
    byGroups.set(key, shared);
    const merged: Variables = new Map(shared);
    overlay(merged, host.variables);
    for (const directory of directories) overlay(merged, directory.read("host_vars", host.name));
    return merged;
  };
}

function groupVariables(
  groups: readonly string[],
  draft: InventoryDraft,
  tree: GroupTree,
  directories: readonly VariableDirectory[],
): Variables {
  const merged: Variables = new Map();
  const order = inMergeOrder(groups, tree, draft);
  for (const name of ["all", ...order]) overlay(merged, draft.groups.get(name)?.variables ?? new Map());
  for (const directory of directories) overlay(merged, directory.read("group_vars", "all"));
  for (const directory of directories) {
    for (const name of order) overlay(merged, directory.read("group_vars", name));
  }
  return merged;
}

function overlay(target: Variables, source: Variables): void {
  for (const [name, variable] of source) target.set(name, variable);
}

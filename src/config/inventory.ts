import { posix } from "node:path";
import type { ConnectionSettings } from "../core/connection.ts";
import { errorData, LfceErrors, type Position, type Warning } from "../core/errors.ts";
import { evaluateConnection, evaluateServiceAddress } from "./connection-settings.ts";
import { inOrder } from "./error-order.ts";
import { addInventoryFile, emptyDraft, type HostDraft, type InventoryDraft } from "./inventory-draft.ts";
import { buildGroupTree, type GroupTree, withAncestors } from "./inventory-groups.ts";
import type { Group, Host, Inventory } from "./inventory-model.ts";
import { hostVariables } from "./inventory-variables.ts";
import { isObject } from "./role-context.ts";
import { schemaCheck } from "./schema-check.ts";
import { recordScope } from "./scope.ts";
import type { SourceFile } from "./source-file.ts";
import { misspeltFiles, variableDirectory } from "./variable-files.ts";
import { parseYaml } from "./yaml-source.ts";

/** Everything an inventory is made of, in the order of the command line's `-i`. */
export interface InventorySources {
  inventories: {
    file: SourceFile;
    /** Every file below group_vars/ and host_vars/ beside it, paths as on disk. */
    variableFiles: SourceFile[];
  }[];
  extraVariables: Record<string, unknown>;
  environment: {
    home: string;
    /** `--timeout` in milliseconds, where it was given. */
    connectTimeoutMs?: number;
    /** Absolute; relative paths of inventories start there. Without it `inventory_dir` stays relative. */
    workingDirectory?: string;
  };
}

const checkSchema = schemaCheck("inventory");

/**
 * Reads and merges inventories. Throws `LfceErrors` with everything that is wrong in the files. What a host's
 * variables mean is looked at when its `connection` or `serviceAddress` is read: hosts that nobody uses may
 * hold whatever Ansible makes of it.
 */
export function loadInventory(sources: InventorySources): Inventory {
  const draft = emptyDraft();
  for (const { file } of sources.inventories) readInventory(draft, file);
  const { tree, errors } = buildGroupTree(draft);
  draft.errors.push(...errors);
  if (draft.errors.length > 0) throw new LfceErrors(inOrder(draft.errors));

  const groups = listGroups(draft, tree);
  const inventory: Inventory = {
    hosts: new Map(),
    groups,
    warnings: draft.warnings,
    extraVariables: sources.extraVariables,
  };
  const directories = sources.inventories.map(({ file, variableFiles }) =>
    variableDirectory(file.path, variableFiles, draft.errors, draft.warnings),
  );
  const variablesOf = hostVariables(draft, tree, directories);
  const magicGroups = Object.fromEntries([...groups].map(([name, group]) => [name, group.hosts]));
  const direct = directGroups(draft);
  for (const host of draft.hosts.values()) {
    const names = [...withAncestors(direct.get(host.name) ?? [], tree)].sort();
    const given = variablesOf(host, names);
    const variables = {
      ...Object.fromEntries([...given].map(([name, variable]) => [name, variable.value])),
      ...sources.extraVariables,
      ...magicVariables(host, names, magicGroups, sources.environment.workingDirectory),
    };
    const origin = (name: string) =>
      Object.hasOwn(sources.extraVariables, name) ? undefined : given.get(name)?.at();
    inventory.hosts.set(host.name, lazyHost(host, names, variables, origin, sources.environment, inventory));
  }
  if (draft.errors.length > 0) throw new LfceErrors(inOrder(draft.errors));
  for (const { file, variableFiles } of sources.inventories) {
    draft.warnings.push(...misspeltFiles(file.path, variableFiles, [...groups.keys()]));
  }
  return inventory;
}

function readInventory(draft: InventoryDraft, file: SourceFile): void {
  const place = { file: file.path, line: 1, column: 1, source: file.text.split(/\r?\n/, 1)[0] ?? "" };
  if (/^\s*\[[^\]\s,]+\]\s*([#;].*)?$/.test(firstLine(file.text))) {
    const hint = `convert it: ansible-inventory -i ${file.path} --list --yaml`;
    const message = "this looks like an INI inventory; lfce reads Ansible's YAML inventory";
    draft.errors.push(errorData("inventory.format", message, hint, place));
    return;
  }
  try {
    const source = parseYaml(file);
    const problems =
      source.data === null
        ? [errorData("inventory.empty", "the inventory is empty", "begin with all: and hosts:", place)]
        : checkSchema(source.data, source.locate, { root: "the inventory" });
    draft.errors.push(...problems);
    if (isObject(source.data)) addInventoryFile(draft, source);
  } catch (error) {
    if (!(error instanceof LfceErrors)) throw error;
    draft.errors.push(...error.errors);
  }
}

/** The first line that is neither empty nor a comment. */
function firstLine(text: string): string {
  return text.split("\n").find((line) => !/^\s*([#;].*)?$/.test(line)) ?? "";
}

function listGroups(draft: InventoryDraft, tree: GroupTree): Map<string, Group> {
  const members = new Map<string, Set<string>>();
  for (const [name, group] of draft.groups) {
    for (const above of ["all", ...withAncestors([name], tree)]) {
      const set = members.get(above) ?? new Set<string>();
      for (const host of group.hosts) set.add(host);
      members.set(above, set);
    }
  }
  const order = [...draft.hosts.keys()];
  return new Map(
    [...draft.groups.keys()].map((name) => {
      const hosts = name === "all" ? order : order.filter((host) => members.get(name)?.has(host));
      return [name, { name, hosts, children: tree.children.get(name) ?? [] }];
    }),
  );
}

function directGroups(draft: InventoryDraft): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const group of draft.groups.values()) {
    for (const host of group.hosts) found.set(host, [...(found.get(host) ?? []), group.name]);
  }
  return found;
}

/** The variables that Ansible makes up for every host, as far as plain values go. */
function magicVariables(
  host: HostDraft,
  groups: readonly string[],
  members: Record<string, string[]>,
  workingDirectory = "",
): Record<string, unknown> {
  return {
    inventory_hostname: host.name,
    inventory_hostname_short: host.name.split(".")[0],
    inventory_file: absolute(workingDirectory, host.file),
    inventory_dir: posix.dirname(absolute(workingDirectory, host.file)),
    group_names: groups,
    groups: members,
  };
}

/** As in Ansible, where these paths are absolute. `posix.resolve` would ask the process for its directory. */
function absolute(workingDirectory: string, path: string): string {
  return posix.isAbsolute(path) ? path : posix.join(workingDirectory, path);
}

function lazyHost(
  draft: HostDraft,
  groups: string[],
  variables: Record<string, unknown>,
  origin: (name: string) => Position | undefined,
  environment: InventorySources["environment"],
  inventory: Inventory,
): Host {
  const context = {
    host: draft.name,
    scope: recordScope(variables, origin),
    ...environment,
    directory: posix.dirname(draft.file),
    warn: (warning: Warning) => warnOnce(inventory.warnings, warning),
  };
  let serviceAddress: string | undefined;
  let connection: ConnectionSettings | undefined;
  return {
    name: draft.name,
    groups,
    variables,
    get serviceAddress() {
      serviceAddress ??= evaluateServiceAddress(context);
      return serviceAddress;
    },
    get connection() {
      connection ??= evaluateConnection(context);
      return connection;
    },
    origin,
  };
}

/** An argument given for a group is one slip, not one for each of its hosts. */
function warnOnce(warnings: Warning[], warning: Warning): void {
  const text = JSON.stringify(warning);
  if (!warnings.some((known) => JSON.stringify(known) === text)) warnings.push(warning);
}

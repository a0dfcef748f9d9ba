import { errorData, type LfceErrorData, type Position, type Warning } from "../core/errors.ts";
import { expandHostName } from "./inventory-ranges.ts";
import { isObject } from "./role-context.ts";
import { suggest } from "./suggestion.ts";
import type { Path } from "./yaml-position.ts";
import type { YamlSource } from "./yaml-source.ts";

/** A variable as written, and where. Positions are worked out when somebody asks: there can be many. */
export interface Variable {
  value: unknown;
  at: () => Position | undefined;
}

export type Variables = Map<string, Variable>;

export interface GroupDraft {
  name: string;
  /** Child name → where it was made a child. */
  children: Map<string, () => Position>;
  /** Directly in this group. */
  hosts: Set<string>;
  variables: Variables;
  /** `ansible_group_priority`. */
  priority: number;
}

export interface HostDraft {
  name: string;
  variables: Variables;
  /** Path of the inventory file that named it first. */
  file: string;
}

/** What the inventory files say, before groups are put in order and variables merged. */
export interface InventoryDraft {
  hosts: Map<string, HostDraft>;
  groups: Map<string, GroupDraft>;
  errors: LfceErrorData[];
  warnings: Warning[];
}

export function emptyDraft(): InventoryDraft {
  return { hosts: new Map(), groups: new Map(), errors: [], warnings: [] };
}

/**
 * Adds one parsed inventory file to the draft. Later files add to groups and hosts of earlier ones. What is
 * not of the right type is passed over: the schema has reported it.
 */
export function addInventoryFile(draft: InventoryDraft, source: YamlSource): void {
  for (const [name, body] of Object.entries(source.data as Record<string, unknown>)) {
    addGroup(draft, source, name, body, [name]);
  }
}

function addGroup(draft: InventoryDraft, source: YamlSource, name: string, body: unknown, path: Path): void {
  const group = draft.groups.get(name) ?? newGroup(draft, name);
  if (/[\s:,&!*?[\]]/.test(name)) {
    const hint = "use letters, digits, _ and -";
    draft.errors.push(
      errorData("inventory.group-name", `${name} cannot be a group's name`, hint, source.locate(path, "key")),
    );
  }
  if (!isObject(body)) return;
  for (const [key, value] of Object.entries(body)) {
    const inside = [...path, key];
    if (key === "vars") addGroupVariables(draft, source, group, value, inside);
    else if (key === "hosts") addHosts(draft, source, group, value, inside);
    else if (key === "children") {
      for (const [child, childBody] of Object.entries(isObject(value) ? value : {})) {
        const childPath = [...inside, child];
        group.children.set(child, () => source.locate(childPath, "key"));
        addGroup(draft, source, child, childBody, childPath);
      }
    } else unexpectedKey(draft, source, name, key, inside);
  }
}

function newGroup(draft: InventoryDraft, name: string): GroupDraft {
  const group = { name, children: new Map(), hosts: new Set<string>(), variables: new Map(), priority: 1 };
  draft.groups.set(name, group);
  return group;
}

/** Ansible skips such a key with a warning; what is probably a slip is an error, as it would lose hosts. */
function unexpectedKey(
  draft: InventoryDraft,
  source: YamlSource,
  group: string,
  key: string,
  path: Path,
): void {
  const message = `unknown key ${key} in the group ${group}`;
  const guess = suggest(key, ["hosts", "children", "vars"]);
  const at = source.locate(path, "key");
  if (guess !== undefined) {
    draft.errors.push(errorData("inventory.unknown-key", message, `did you mean ${guess}?`, at));
  } else {
    const hint = "a group has hosts, children and vars; a child group belongs under children";
    draft.warnings.push({ code: "inventory.unknown-key", message: `${message}, skipped`, hint, at });
  }
}

function addGroupVariables(
  draft: InventoryDraft,
  source: YamlSource,
  group: GroupDraft,
  value: unknown,
  path: Path,
): void {
  const given = variablesOf(source, value, path);
  const priority = given.get("ansible_group_priority");
  if (priority) {
    given.delete("ansible_group_priority");
    if (Number.isInteger(Number(priority.value))) group.priority = Number(priority.value);
    else {
      const message = "ansible_group_priority must be a whole number";
      draft.errors.push(errorData("inventory.value", message, "for example 10", priority.at()));
    }
  }
  for (const [name, variable] of given) group.variables.set(name, variable);
}

/** The variables of a mapping in a YAML file, each with its place. */
export function variablesOf(source: YamlSource, value: unknown, path: Path): Variables {
  const pairs = Object.entries(isObject(value) ? value : {});
  return new Map(
    pairs.map(([name, item]) => [name, { value: item, at: once(() => source.locate([...path, name])) }]),
  );
}

/** A group's variable is asked for by every host of it, and its place is searched for in the file. */
function once(find: () => Position): () => Position {
  let found: Position | undefined;
  return () => {
    found ??= find();
    return found;
  };
}

function addHosts(
  draft: InventoryDraft,
  source: YamlSource,
  group: GroupDraft,
  value: unknown,
  path: Path,
): void {
  for (const [text, body] of Object.entries(isObject(value) ? value : {})) {
    const hostPath = [...path, text];
    const expanded = expandHostName(text);
    if ("problem" in expanded) {
      const { problem, hint } = expanded;
      draft.errors.push(errorData("inventory.host-name", problem, hint, source.locate(hostPath, "key")));
      continue;
    }
    for (const name of expanded.names) {
      const host = draft.hosts.get(name) ?? { name, variables: new Map(), file: source.file.path };
      draft.hosts.set(name, host);
      group.hosts.add(name);
      if (expanded.port !== undefined) {
        host.variables.set("ansible_port", {
          value: expanded.port,
          at: () => source.locate(hostPath, "key"),
        });
      }
      for (const [key, variable] of variablesOf(source, body, hostPath)) host.variables.set(key, variable);
    }
  }
}

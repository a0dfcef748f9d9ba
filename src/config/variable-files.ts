import { posix } from "node:path";
import { type LfceErrorData, LfceErrors, type Warning } from "../core/errors.ts";
import { type Variables, variablesOf } from "./inventory-draft.ts";
import { schemaCheck } from "./schema-check.ts";
import type { SourceFile } from "./source-file.ts";
import { suggest } from "./suggestion.ts";
import { parseYaml } from "./yaml-source.ts";

const EXTENSIONS = ["", ".yml", ".yaml", ".json"];
const checkSchema = schemaCheck("variable_file");

/** The files below group_vars/ and host_vars/ beside one inventory; each is parsed when it is needed. */
export interface VariableDirectory {
  /** The variables of a group or host, of all its files in name order. */
  read(kind: "group_vars" | "host_vars", name: string): Variables;
}

/**
 * Finds the variable files of one inventory. As in Ansible, the first that exists of NAME, NAME/, NAME.yml,
 * NAME.yaml and NAME.json counts; of a directory every file does, in name order. Problems are collected.
 */
export function variableDirectory(
  inventoryPath: string,
  files: readonly SourceFile[],
  errors: LfceErrorData[],
  warnings: Warning[],
): VariableDirectory {
  const base = posix.dirname(inventoryPath);
  const byPath = new Map(files.map((file) => [posix.relative(base, file.path), file]));
  const byEntry = new Map<string, string[]>();
  for (const path of byPath.keys()) {
    const entry = path.split("/").slice(0, 2).join("/");
    byEntry.set(entry, [...(byEntry.get(entry) ?? []), path]);
  }
  const cache = new Map<string, Variables>();
  return {
    read(kind, name) {
      const stem = `${kind}/${name}`;
      const known = cache.get(stem);
      if (known) return known;
      const merged: Variables = new Map();
      for (const file of choose(stem, byPath, byEntry, warnings)) {
        for (const [key, variable] of parseVariables(file, errors)) merged.set(key, variable);
      }
      cache.set(stem, merged);
      return merged;
    },
  };
}

function choose(
  stem: string,
  byPath: Map<string, SourceFile>,
  byEntry: Map<string, string[]>,
  warnings: Warning[],
): SourceFile[] {
  const directory = (byEntry.get(stem) ?? []).filter((path) => path !== stem && isVariableFile(path, stem));
  const candidates = [
    ...(directory.length > 0 ? [directory.sort(byComponents)] : []),
    ...EXTENSIONS.map((extension) => [stem + extension]).filter(([path = ""]) => byPath.has(path)),
  ];
  const [first = [], ...ignored] = candidates;
  for (const path of ignored.flat()) {
    warnings.push({
      code: "inventory.ignored-file",
      message: `${byPath.get(path)?.path} is not read, because ${first[0]} is there`,
      hint: "put all variables into one of them, as Ansible reads only the first",
    });
  }
  return first.flatMap((path) => byPath.get(path) ?? []);
}

function isVariableFile(path: string, stem: string): boolean {
  const parts = path.slice(stem.length + 1).split("/");
  const name = parts.at(-1) ?? "";
  return (
    !parts.some((part) => part.startsWith(".") || part.endsWith("~")) &&
    EXTENSIONS.includes(posix.extname(name))
  );
}

function byComponents(left: string, right: string): number {
  const [one, two] = [left.split("/"), right.split("/")];
  for (let index = 0; index < Math.min(one.length, two.length); index++) {
    const [a = "", b = ""] = [one[index], two[index]];
    if (a !== b) return a < b ? -1 : 1;
  }
  return one.length - two.length;
}

function parseVariables(file: SourceFile, errors: LfceErrorData[]): Variables {
  try {
    const source = parseYaml(file);
    const problems = checkSchema(source.data, source.locate, { root: "a file of variables" });
    errors.push(...problems);
    return problems.length > 0 ? new Map() : variablesOf(source, source.data, []);
  } catch (error) {
    if (!(error instanceof LfceErrors)) throw error;
    errors.push(...error.errors);
    return new Map();
  }
}

/** Warns of files in group_vars/ that are probably meant for a group whose name is spelt otherwise. */
export function misspeltFiles(
  inventoryPath: string,
  files: readonly SourceFile[],
  groups: readonly string[],
): Warning[] {
  const base = posix.dirname(inventoryPath);
  const names = files
    .map((file) => posix.relative(base, file.path).split("/"))
    .filter(([kind, entry]) => kind === "group_vars" && entry !== undefined && !entry.startsWith("."))
    .map(([, entry = "", ...rest]) => (rest.length > 0 ? entry : entry.replace(/\.(ya?ml|json)$/, "")));
  return [...new Set(names)].flatMap((name) => {
    const guess = groups.includes(name) ? undefined : suggest(name, groups);
    if (guess === undefined) return [];
    const message = `group_vars/${name} beside ${inventoryPath} is for no group of the inventory`;
    return [{ code: "inventory.unused-file", message, hint: `did you mean ${guess}?` }];
  });
}

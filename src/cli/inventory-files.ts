import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import type { InventorySources } from "../config/inventory.ts";
import type { Playbook } from "../config/playbook.ts";
import type { SourceFile } from "../config/source-file.ts";
import { LfceError } from "../core/errors.ts";

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
};

/**
 * Reads a file that the user named.
 * @throws LfceError `file-not-readable`
 */
export function readSource(path: string, what: string): SourceFile {
  try {
    return { path, text: readFileSync(path, "utf8") };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LfceError({
      code: "file-not-readable",
      message: `cannot read the ${what} ${path}: ${UNREADABLE[code ?? ""] ?? message}`,
      hint: `paths are relative to the current directory, ${process.cwd()}`,
    });
  }
}

/**
 * The inventories of a run: `-i`, else the plays' `inventory:`, else by the playbook's name, else hosts.yml.
 * @throws LfceError when none is found (it lists what was tried), or when plays name different ones
 */
export function inventoryPaths(
  options: readonly string[],
  playbookPath: string,
  playbook: Playbook,
): string[] {
  if (options.length > 0) return options.flatMap(expandDirectory);
  const named = [...new Set(playbook.plays.flatMap((play) => play.inventory ?? []))];
  if (named.length > 1) {
    throw new LfceError({
      code: "several-inventories",
      message: `the plays of ${playbookPath} name different inventories: ${named.join(", ")}`,
      hint: "one playbook works on one inventory; name it once, or give -i",
    });
  }
  if (named[0] !== undefined) return expandDirectory(join(dirname(playbookPath), named[0]));
  const name = basename(playbookPath, extname(playbookPath));
  const folders = new Set(["inventories"]);
  const directory = dirname(resolve(playbookPath));
  // playbooks/ and inventories/ lie side by side, wherever lfce is called from.
  if (basename(directory) === "playbooks") {
    const beside = relative(".", join(directory, "..", "inventories"));
    folders.clear();
    folders.add(beside).add("inventories");
  }
  const tried = [`${name}.yml`, "hosts.yml"].flatMap((file) =>
    [...folders].map((folder) => join(folder, file)),
  );
  const found = tried.find((path) => existsSync(path));
  if (found !== undefined) return [found];
  throw new LfceError({
    code: "no-inventory",
    message: `no inventory: tried ${tried.join(", ")}`,
    hint: "give one with -i PATH, or name it in the play with `inventory:`",
  });
}

/** Reads inventories and the group_vars/ and host_vars/ beside each. */
export function readInventories(paths: readonly string[]): InventorySources["inventories"] {
  return paths.map((path) => ({
    file: readSource(path, "inventory"),
    variableFiles: ["group_vars", "host_vars"]
      .flatMap((folder) => filesBelow(join(dirname(path), folder)))
      .map((file) => readSource(file, "variables file")),
  }));
}

function expandDirectory(path: string): string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && !entry.name.endsWith("~"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * The inventories of a command that has no playbook: `-i`, else inventories/hosts.yml.
 * @throws LfceError `no-inventory`
 */
export function inventoryPathsWithoutPlaybook(options: readonly string[]): string[] {
  if (options.length > 0) return options.flatMap(expandDirectory);
  const usual = join("inventories", "hosts.yml");
  if (existsSync(usual)) return [usual];
  throw new LfceError({
    code: "no-inventory",
    message: `no inventory: there is no ${usual}`,
    hint: "give one: lfce inventory -i inventories/lab.yml",
  });
}

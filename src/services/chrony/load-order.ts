import type { BaseFile, BaseLine } from "./base.ts";

/** A line that is in force, in the order in which chronyd reads it. */
export interface LoadedLine {
  line: BaseLine;
  /** The `include`, `confdir` or `sourcedir` lines that lead to its file, outermost first. */
  via: BaseLine[];
  /** Whether it stands in a `.sources` file, of which chronyd takes sources only. */
  inSourceDirectory: boolean;
}

/** All that chronyd loads from one main file. */
export interface Loaded {
  lines: LoadedLine[];
  /** Paths of the files, each once, main file first. */
  files: string[];
  /** Lines that load files which nobody looked at (they were switched off when the host was observed). */
  unseen: BaseLine[];
}

/** chronyd refuses deeper nesting of include. */
const DEEPEST_INCLUDE = 10;

/**
 * Follows include, confdir and sourcedir as chronyd does: includes and confdirs where they stand, source
 * directories last. Lines in `off` are passed over.
 * @param globs include pattern → paths that it matched on the host, in reading order
 */
export function loadOrder(
  main: string,
  files: ReadonlyMap<string, BaseFile>,
  globs: Readonly<Record<string, readonly string[]>>,
  off: ReadonlySet<BaseLine>,
): Loaded {
  const loaded: Loaded = { lines: [], files: [], unseen: [] };
  const read = new Set<string>();
  const sourceDirectories: { line: BaseLine; via: BaseLine[] }[] = [];

  const readFile = (path: string, via: BaseLine[], inSourceDirectory: boolean) => {
    const file = files.get(path);
    // A file that is included again says nothing new; reading it once keeps loops and thickets harmless.
    if (!file || read.has(path) || via.length > DEEPEST_INCLUDE) return;
    read.add(path);
    loaded.files.push(path);
    for (const line of file.lines) {
      if (line.kind !== "directive" && line.kind !== "unknown") continue;
      if (off.has(line)) continue;
      // chronyd drops a last line without a newline, in `.sources` files only.
      if (inSourceDirectory && line.ending === "") continue;
      loaded.lines.push({ line, via, inSourceDirectory });
      if (inSourceDirectory) continue;
      if (line.name === "sourcedir") sourceDirectories.push({ line, via });
      if (line.name !== "include" && line.name !== "confdir") continue;
      const paths = pathsLoadedBy(line, files, globs);
      if (!paths) loaded.unseen.push(line);
      for (const next of paths ?? []) readFile(next, [...via, line], false);
    }
  };

  readFile(main, [], false);
  for (const { line, via } of sourceDirectories) {
    const paths = pathsLoadedBy(line, files, globs);
    if (!paths) loaded.unseen.push(line);
    for (const path of paths ?? []) readFile(path, [...via, line], true);
  }
  return loaded;
}

/** The glob patterns that an include, confdir or sourcedir line stands for. */
export function patternsOf(line: { name: string; arguments: readonly string[] }): string[] {
  if (line.name === "include") return line.arguments.slice(0, 1);
  const ending = line.name === "confdir" ? "conf" : "sources";
  return line.arguments.map((directory) => `${directory.replace(/\/+$/, "")}/*.${ending}`);
}

/** The files that a line loads, in reading order; undefined when the host was not asked about them. */
export function pathsLoadedBy(
  line: BaseLine,
  files: ReadonlyMap<string, BaseFile>,
  globs: Readonly<Record<string, readonly string[]>>,
): string[] | undefined {
  const found: string[][] = [];
  for (const pattern of patternsOf(line)) {
    const matches = globs[pattern] ?? (files.has(pattern) ? [pattern] : undefined);
    if (!matches) return undefined;
    found.push([...matches]);
  }
  if (found.length < 2) return found[0] ?? [];
  // Several directories are read as one, by file name; of equal names only the first directory's counts.
  const byName = new Map<string, string>();
  for (const path of found.flat()) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!byName.has(name)) byName.set(name, path);
  }
  return [...byName.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, path]) => path);
}

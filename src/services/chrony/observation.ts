import type { ByteText } from "../../core/byte-text.ts";
import type { ObservedHost } from "../../core/observed.ts";
import { filesNow } from "./base.ts";
import { loadOrder, patternsOf } from "./load-order.ts";
import { type ConfigLine, readLine } from "./parse.ts";

/** Whether chrony is there, by its version, its program or its unit. */
export function isInstalled(observed: ObservedHost, unit: string): boolean {
  return (
    observed.versions.chrony !== undefined ||
    observed.programs.chronyd !== undefined ||
    observed.units[unit]?.load === "loaded"
  );
}

/** Every file that the main file leads to, its switched-off loading lines among them, as far as observed. */
export function observedContents(main: string, observed: ObservedHost): Map<string, ByteText> {
  const contents = new Map<string, ByteText>();
  const follow = (path: string) => {
    const content = observed.files[path]?.content;
    if (content === undefined || contents.has(path)) return;
    contents.set(path, content);
    if (path.endsWith(".sources")) return;
    for (const line of loadingLines(content)) {
      for (const pattern of patternsOf(line)) {
        const matches = observed.globs[pattern] ?? [pattern];
        for (const match of matches) follow(match);
      }
    }
  };
  follow(main);
  return contents;
}

/** The lines that load other files, switched-off ones among them. Finds them without reading all the others. */
function loadingLines(content: ByteText): ConfigLine[] {
  const candidates = content.match(/^[^\n]*\b(?:include|confdir|sourcedir)\b[^\n]*/gim) ?? [];
  return candidates
    .map((text) => readLine(text, "\n"))
    .filter((line) => ["include", "confdir", "sourcedir"].includes(line.name));
}

/**
 * Directories out of which chronyd includes files, as far as observed. The one that holds the main file is
 * left out: its times change with every check of a candidate beside it.
 */
export function includeDirectories(main: string, observed: ObservedHost): string[] {
  const parent = (path: string) => path.slice(0, path.lastIndexOf("/"));
  const directories = new Set<string>();
  for (const [path, content] of observedContents(main, observed)) {
    if (path.endsWith(".sources")) continue;
    for (const line of loadingLines(content)) {
      if (line.kind !== "directive" || line.name === "sourcedir") continue;
      for (const pattern of patternsOf(line)) if (/[*?[]/.test(pattern)) directories.add(parent(pattern));
    }
  }
  directories.delete(parent(main));
  return [...directories];
}

/** Paths of the files that chronyd loads from the configuration that is on the host now, without `.sources`. */
export function loadedNow(main: string, observed: ObservedHost): string[] {
  const files = filesNow(observedContents(main, observed));
  return loadOrder(main, files, observed.globs, new Set()).files.filter((path) => !path.endsWith(".sources"));
}

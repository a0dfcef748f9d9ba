import type { ConfigurationTree } from "./in-force-model.ts";

/**
 * The paths that an include pattern matches, in the order in which rsyslogd reads them: those seen on the
 * host, and those of the tree's files that were planned since.
 */
export function expandInclude(pattern: string, tree: ConfigurationTree): string[] {
  const observed = tree.globs[pattern] ?? [];
  const known = new Set(observed);
  const matches = includeMatcher(pattern);
  const planned = [...tree.texts.keys()].filter((path) => !known.has(path) && matches(path));
  if (planned.length === 0) return observed;
  return [...observed, ...planned].sort(byBytes);
}

/** The directory that an include pattern looks into; undefined for a pattern in a directory's name. */
export function includeDirectory(pattern: string): string | undefined {
  const slash = pattern.lastIndexOf("/");
  const directory = slash <= 0 ? "/" : pattern.slice(0, slash);
  return /[*?[]/.test(directory) || !pattern.startsWith("/") ? undefined : directory;
}

/** glob(7) for one pattern as written; a pattern that ends in `/` means the files in that directory. */
export function includeMatcher(pattern: string): (path: string) => boolean {
  const whole = pattern.endsWith("/") ? `${pattern}*` : pattern;
  if (!/[*?[]/.test(whole)) return (path) => path === whole;
  const expression = new RegExp(
    `^${whole
      .split("/")
      .map((part) => (/^[*?[]/.test(part) ? "(?!\\.)" : "") + globPart(part))
      .join("/")}$`,
  );
  return (path) => expression.test(path);
}

function globPart(part: string): string {
  return part.replace(/\[(!?)([^\]]+)\]|[*?]|[.+^${}()|\\[\]]/g, (token, not?: string, set?: string) => {
    if (set !== undefined) return `[${not ? "^" : ""}${set.replace(/[\\[\]^]/g, "\\$&")}]`;
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    return `\\${token}`;
  });
}

function byBytes(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

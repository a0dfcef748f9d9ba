import { posix } from "node:path";

/**
 * The files that a pattern of glob(7) names: `*`, `?` and `[…]` in any part of an absolute path, sorted; names that
 * begin with a dot only where the pattern does. A path without wildcards is returned as it is, there or not.
 */
export async function expandGlob(
  pattern: string,
  list: (directory: string) => Promise<string[]>,
): Promise<string[]> {
  let found = ["/"];
  for (const part of pattern.split("/").filter((one) => one !== "")) {
    if (!/[*?[]/.test(part)) {
      found = found.map((directory) => posix.join(directory, part.replace(/\\(.)/g, "$1")));
      continue;
    }
    const fits = partExpression(part);
    const next: string[] = [];
    for (const directory of found) {
      const names = (await list(directory)).filter((name) => fits.test(name));
      next.push(...names.sort().map((name) => posix.join(directory, name)));
    }
    found = next;
  }
  return found;
}

function partExpression(part: string): RegExp {
  let source = part.startsWith(".") ? "" : "(?!\\.)";
  for (const [token] of part.matchAll(/\\.|\[[!^]?\]?[^\]]*\]|[\s\S]/g)) {
    if (token === "*") source += ".*";
    else if (token === "?") source += ".";
    else if (token.length > 2 && token.startsWith("[")) {
      const set = token
        .slice(1, -1)
        .replace(/^[!^]/, "")
        .replace(/[\\\]^[]/g, "\\$&");
      source += `[${/^\[[!^]/.test(token) ? "^" : ""}${set}]`;
    } else source += token.replace(/^\\(?=.)/, "").replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "su");
}

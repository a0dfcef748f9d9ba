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
  const parts = whole.split("/").map(globPart);
  return (path) => {
    const names = path.split("/");
    return names.length === parts.length && parts.every((part, index) => isMatch(part, names[index] ?? ""));
  };
}

/** One step of a pattern: `*`, or whether one character will do. */
type GlobStep = "*" | ((character: string) => boolean);

/** A wildcard at the beginning of a name does not stand for a dot there. */
interface GlobPart {
  steps: GlobStep[];
  hidesDot: boolean;
}

function globPart(part: string): GlobPart {
  const steps = (part.match(/\[!?[^\]]+\]|[\s\S]/g) ?? []).map((token): GlobStep => {
    if (token === "*") return "*";
    if (token === "?") return () => true;
    if (token.length === 1) return (character) => character === token;
    const negated = token[1] === "!";
    const set = token.slice(negated ? 2 : 1, -1);
    return (character) => isInSet(set, character) !== negated;
  });
  return { steps, hidesDot: /^[*?[]/.test(part) };
}

/** Whether a character is in the inside of `[a-z_]`. */
function isInSet(set: string, character: string): boolean {
  for (let at = 0; at < set.length; at++) {
    const first = set[at] as string;
    const isRange = set[at + 1] === "-" && at + 2 < set.length;
    const last = isRange ? (set[at + 2] as string) : first;
    if (first <= character && character <= last) return true;
    if (isRange) at += 2;
  }
  return false;
}

/**
 * Goes back to the last `*` only, never to one before it: a pattern of many stars, which a host may hold, costs no
 * more than its length times the name's.
 */
function isMatch({ steps, hidesDot }: GlobPart, name: string): boolean {
  if (hidesDot && name.startsWith(".")) return false;
  let step = 0;
  let star = -1;
  let resume = 0;
  for (let at = 0; at < name.length; ) {
    const one = steps[step];
    if (one === "*") {
      star = step++;
      resume = at;
    } else if (one?.(name[at] as string)) {
      step++;
      at++;
    } else if (star !== -1) {
      step = star + 1;
      at = ++resume;
    } else return false;
  }
  while (steps[step] === "*") step++;
  return step === steps.length;
}

function byBytes(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

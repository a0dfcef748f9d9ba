import { errorData, LfceError, type Position } from "../core/errors.ts";
import type { Inventory } from "./inventory-model.ts";
import { didYouMean, shortList } from "./suggestion.ts";

/**
 * The hosts that an Ansible pattern names, in inventory order: `all`, `*`, names, globs, `~regex`, groups with
 * `[0]`, `[-1]`, `[1:3]` (both ends count), joined by `:` or `,`, with `!` (not) and `&` (also in) before a
 * part. As in Ansible the parts with `&` come after the plain ones and those with `!` last, however written.
 * Throws `LfceError` when it is malformed, names a host or group that is not there, or matches nothing.
 */
export function matchPattern(inventory: Inventory, pattern: string, at?: Position): string[] {
  return matchPatterns(inventory, [{ pattern, ...(at ? { at } : {}) }], pattern);
}

/** A pattern, and where it stands if that is a file. */
export interface PlacedPattern {
  pattern: string;
  at?: Position;
}

/**
 * The hosts that several patterns name together, as if they were parts of one; `name` is what errors call them.
 * Throws as `matchPattern` does.
 */
export function matchPatterns(
  inventory: Inventory,
  patterns: readonly PlacedPattern[],
  name: string,
): string[] {
  const parts = patterns.flatMap(({ pattern, at }) =>
    splitPattern(inventory, pattern).map((part) => ({ part, at })),
  );
  const plain = parts.filter(({ part }) => !/^[!&]/.test(part));
  const chosen = new Set<string>();
  const first = plain.length > 0 || parts.length === 0 ? plain : [{ part: "all", at: undefined }];
  for (const { part, at } of first) {
    for (const host of matchPart(inventory, part, at)) chosen.add(host);
  }
  for (const { part, at } of parts.filter((candidate) => candidate.part.startsWith("&"))) {
    const also = new Set(matchPart(inventory, part.slice(1), at));
    for (const host of chosen) if (!also.has(host)) chosen.delete(host);
  }
  for (const { part, at } of parts.filter((candidate) => candidate.part.startsWith("!"))) {
    for (const host of matchPart(inventory, part.slice(1), at)) chosen.delete(host);
  }
  if (chosen.size === 0) {
    const message = parts.length === 0 ? "the host pattern is empty" : `no host matches ${name}`;
    throw new LfceError(errorData("pattern.no-hosts", message, whatThereIs(inventory), patterns[0]?.at));
  }
  return [...inventory.hosts.keys()].filter((host) => chosen.has(host));
}

/** Splits at `,`, or where there is none at `:` outside of brackets. A host's own name is never split. */
function splitPattern(inventory: Inventory, pattern: string): string[] {
  if (inventory.hosts.has(pattern.trim())) return [pattern.trim()];
  const parts = pattern.includes(",")
    ? pattern.split(",")
    : (pattern.match(/(?:[^:[\]]|\[[^\]]*\]|[[\]])+/g) ?? []);
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** One part without its `!` or `&`. */
function matchPart(inventory: Inventory, part: string, at: Position | undefined): string[] {
  if (part.startsWith("~")) return matchNames(inventory, regularExpression(part.slice(1), at));
  const [, base = part, index, from, to] = /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/.exec(part) ?? [];
  const hosts = matchName(inventory, base, at);
  if (index !== undefined) return [hosts.at(Number(index)) ?? []].flat();
  if (from === undefined) return hosts;
  return hosts.slice(Number(from), to === "" ? undefined : Number(to) + 1);
}

function matchName(inventory: Inventory, name: string, at: Position | undefined): string[] {
  if (name === "*") return [...inventory.hosts.keys()];
  if (/[*?[]/.test(name)) return matchNames(inventory, globExpression(name, at));
  const group = inventory.groups.get(name);
  if (group) return group.hosts;
  if (inventory.hosts.has(name)) return [name];
  const guess = didYouMean(name, [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  const message = `the inventory has no host or group ${name}`;
  throw new LfceError(errorData("pattern.unknown", message, guess ?? whatThereIs(inventory), at));
}

function matchNames(inventory: Inventory, expression: RegExp): string[] {
  const found = new Set<string>();
  for (const group of inventory.groups.values()) {
    if (expression.test(group.name)) for (const host of group.hosts) found.add(host);
  }
  return [...inventory.hosts.keys()].filter((host) => found.has(host) || expression.test(host));
}

function regularExpression(text: string, at: Position | undefined): RegExp {
  try {
    // Ansible's match begins at the start of the name, but need not reach its end.
    return new RegExp(`^(?:${text})`);
  } catch {
    const message = `~${text} is not a regular expression`;
    throw new LfceError(errorData("pattern.malformed", message, "check its brackets and backslashes", at));
  }
}

/** A shell glob: `*`, `?`, `[abc]`, `[!abc]`. */
function globExpression(glob: string, at: Position | undefined): RegExp {
  const source = glob.replace(/\[!?[^\]]+\]|[\s\S]/g, (piece) => {
    if (piece === "*") return ".*";
    if (piece === "?") return ".";
    if (piece.length > 1) return piece.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    return piece.replace(/[\\^$.|+(){}[\]/-]/, "\\$&");
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    const message = `${glob} is not a pattern for names`;
    throw new LfceError(errorData("pattern.malformed", message, "check its brackets", at));
  }
}

function whatThereIs(inventory: Inventory): string {
  const filled = [...inventory.groups.values()].filter((group) => group.hosts.length > 0);
  return `groups with hosts: ${shortList(filled.map((group) => group.name)) || "none"}`;
}

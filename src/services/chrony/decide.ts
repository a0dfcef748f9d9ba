import { networksOf, readAccess, readLocal } from "./access.ts";
import type { BaseLine } from "./base.ts";
import { type Claims, SOURCE_NAMES } from "./claims.ts";
import type { DesiredSource, SourceKind } from "./desired.ts";
import { sameArguments } from "./directives.ts";
import type { LoadedLine } from "./load-order.ts";
import { readLine } from "./parse.ts";
import { optionsSatisfied, readSource, sameAddress } from "./source-line.ts";

/** What of the loaded lines has to go, and what the claims need that no loaded line says. */
export interface Decision {
  off: BaseLine[];
  missing: {
    sources: DesiredSource[];
    allow: string[];
    deny: string[];
    local: boolean;
    /** Directive name → values that no line gives it. */
    directives: Map<string, string[]>;
  };
}

/**
 * Compares the lines in force with the claims. Lines that say what is declared stay, in whatever spelling;
 * other lines of a claimed setting go.
 * @param names addresses of names on the host, for names in allow and deny
 * @param version chrony's on the host; some defaults hang on it
 */
export function decide(
  claims: Claims,
  lines: readonly LoadedLine[],
  names: Record<string, string[]>,
  version?: string,
): Decision {
  const off: BaseLine[] = [];
  return {
    off,
    missing: {
      sources: claims.sources ? decideSources(claims.sources, lines, off, version) : [],
      ...(claims.access
        ? decideAccess(claims.access, lines, names, off)
        : { allow: [], deny: [], local: false }),
      directives: decideDirectives(claims, lines, off),
    },
  };
}

function decideSources(
  claim: NonNullable<Claims["sources"]>,
  lines: readonly LoadedLine[],
  off: BaseLine[],
  version: string | undefined,
): DesiredSource[] {
  const satisfied = new Set<DesiredSource>();
  for (const { line, inSourceDirectory } of lines) {
    if (line.name === "sourcedir" && !inSourceDirectory && claim.exclusive) off.push(line);
    if (!SOURCE_NAMES.has(line.name)) continue;
    // Exclusive roles switch the source directory off as a whole, so nothing in it counts.
    if (inSourceDirectory && claim.exclusive) continue;
    const written = readSource(line.name as SourceKind, line.arguments);
    const declared = written ? claim.wanted.filter((source) => sameAddress(source, written.address)) : [];
    const met = declared.filter(
      (source) => written && source.kind === written.kind && optionsSatisfied(source, written, version),
    );
    for (const source of met) satisfied.add(source);
    // A line for a declared address with other options would take the address from the line that is declared.
    if (met.length === 0 && (claim.exclusive || declared.length > 0) && !inSourceDirectory) off.push(line);
  }
  return claim.wanted.filter((source) => !satisfied.has(source));
}

function decideAccess(
  claim: NonNullable<Claims["access"]>,
  lines: readonly LoadedLine[],
  names: Record<string, string[]>,
  off: BaseLine[],
): { allow: string[]; deny: string[]; local: boolean } {
  const wanted = {
    allow: new Set(claim.allow.flatMap((entry) => networksOf(entry, names))),
    deny: new Set(claim.deny.flatMap((entry) => networksOf(entry, names))),
  };
  const kept = { allow: new Set<string>(), deny: new Set<string>() };
  let local = claim.local !== undefined;
  let first = true;
  for (const { line, inSourceDirectory } of lines) {
    if (inSourceDirectory) continue;
    if (line.name === "allow" || line.name === "deny") {
      const { networks, overridesEarlier } = readAccess(line.arguments, names);
      const opposite = wanted[line.name === "allow" ? "deny" : "allow"];
      // "allow all" undoes every deny read before it (and the other way round), our block among them.
      const harmless =
        !overridesEarlier || opposite.size === 0 || (first && line.file === lines[0]?.line.file);
      const declared =
        networks.length > 0 && networks.every((network) => wanted[line.name as "allow"].has(network));
      first = false;
      if (!declared || !harmless) off.push(line);
      else for (const network of networks) kept[line.name].add(network);
    } else if (line.name === "local") {
      const written = readLocal(line.arguments);
      const same =
        claim.local && written.stratum === claim.local.stratum && written.orphan === claim.local.orphan;
      if (same) local = false;
      else off.push(line);
    }
  }
  const unmet = (verb: "allow" | "deny") => {
    const said = new Set(kept[verb]);
    return claim[verb].filter((entry) => {
      const networks = networksOf(entry, names);
      const isMissing = networks.some((network) => !said.has(network));
      for (const network of networks) said.add(network);
      return isMissing;
    });
  };
  return { allow: unmet("allow"), deny: unmet("deny"), local };
}

function decideDirectives(
  claims: Claims,
  lines: readonly LoadedLine[],
  off: BaseLine[],
): Map<string, string[]> {
  const missing = new Map<string, string[]>();
  for (const [name, { values }] of claims.directives) {
    const unmet = new Map(values.map((value) => [value, readLine(`${name} ${value}`, "").arguments]));
    const wanted = [...unmet.values()];
    for (const { line, inSourceDirectory } of lines) {
      if (line.name !== name || inSourceDirectory) continue;
      if (!wanted.some((words) => sameArguments(name, words, line.arguments))) off.push(line);
      for (const [value, words] of unmet) {
        if (sameArguments(name, words, line.arguments)) unmet.delete(value);
      }
    }
    missing.set(name, [...unmet.keys()]);
  }
  return missing;
}

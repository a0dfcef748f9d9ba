import { errorData, type LfceErrorData } from "../../core/errors.ts";
import { type BaseFile, type BaseLine, positionOf } from "./base.ts";
import { ACCESS_NAMES, type Claims, SOURCE_NAMES } from "./claims.ts";
import { type Decision, decide } from "./decide.ts";
import { type Loaded, loadOrder } from "./load-order.ts";
import { sameAddress } from "./source-line.ts";

/** The outcome for all files: which lines are switched off, what is missing, what is loaded afterwards. */
export interface Settlement {
  off: Set<BaseLine>;
  missing: Decision["missing"];
  loaded: Loaded;
  errors: LfceErrorData[];
}

/**
 * Decides which lines go. Where a line that must go stands in a file that is not lfce's to edit, the line
 * that loads the file goes instead; when that would lose anything else, it is an error.
 * @param names addresses that names have on the host
 */
export function settle(
  main: string,
  files: ReadonlyMap<string, BaseFile>,
  globs: Readonly<Record<string, readonly string[]>>,
  names: Record<string, string[]>,
  claims: Claims,
  isEditable: (path: string) => boolean,
  version?: string,
): Settlement {
  const claimsAnything = Boolean(claims.sources || claims.access || claims.directives.size > 0);
  const loadersOff = new Set<BaseLine>();
  const errors: LfceErrorData[] = [];
  for (;;) {
    const loaded = loadOrder(main, files, globs, loadersOff);
    // A switched-off loading line that nobody followed stays off while a role is there: its files may hold
    // what it was switched off for.
    const unseen = loaded.unseen.filter((line) => line.marked && claimsAnything && !loadersOff.has(line));
    const { off, missing } = decide(claims, loaded.lines, names, version);
    const loaders = new Set(unseen.filter((line) => line.name !== "sourcedir"));
    for (const line of off) {
      if (line.foreign) errors.push(foreignLine(line));
      if (isEditable(line.file)) continue;
      const via = loaded.lines.find((entry) => entry.line === line)?.via ?? [];
      const loader = via.findLast((candidate) => isEditable(candidate.file));
      if (!loader) errors.push(notEditable(line));
      else loaders.add(loader);
    }
    if (errors.length === 0 && loaders.size > 0) {
      for (const loader of loaders) loadersOff.add(loader);
      continue;
    }
    for (const loader of loadersOff) errors.push(...losses(loader, main, files, globs, claims));
    const editable = off.filter((line) => isEditable(line.file));
    return {
      off: new Set([...loadersOff, ...editable]),
      missing,
      loaded: loadOrder(main, files, globs, new Set([...loadersOff, ...editable])),
      errors,
    };
  }
}

function losses(
  loader: BaseLine,
  main: string,
  files: ReadonlyMap<string, BaseFile>,
  globs: Readonly<Record<string, readonly string[]>>,
  claims: Claims,
): LfceErrorData[] {
  const below = loadOrder(main, files, globs, new Set()).lines.filter(({ via }) => via.includes(loader));
  const lost = below.find(({ line }) => {
    if (line.name === "include" || line.name === "confdir") return false;
    return !isClaimed(line.name, claims) || isSpareSource(line, claims);
  });
  if (!lost) return [];
  return [
    errorData(
      "chrony-file-not-editable",
      `${below[0]?.line.file ?? lost.line.file} sets what the playbook declares otherwise, and is not lfce's to edit; ` +
        `switching off the line that loads it would lose "${lost.line.name}" of ${lost.line.file}`,
      `move the other directives to a file of your own below /etc, or take the ${loader.name} line out by hand`,
      positionOf(loader),
    ),
  ];
}

function isClaimed(name: string, claims: Claims): boolean {
  if (SOURCE_NAMES.has(name) || name === "sourcedir") return claims.sources !== undefined;
  if (ACCESS_NAMES.has(name)) return claims.access !== undefined;
  return claims.directives.has(name);
}

/** A source beside the declared ones, which a role that is not exclusive leaves alone. */
function isSpareSource(line: BaseLine, claims: Claims): boolean {
  if (!SOURCE_NAMES.has(line.name) || !claims.sources || claims.sources.exclusive) return false;
  return !claims.sources.wanted.some((source) => sameAddress(source, line.arguments[0] ?? ""));
}

function notEditable(line: BaseLine): LfceErrorData {
  return errorData(
    "chrony-file-not-editable",
    `${line.file} must change, and lfce does not edit files below /usr or /run`,
    "copy it to its place below /etc, where it is yours",
    positionOf(line),
  );
}

function foreignLine(line: BaseLine): LfceErrorData {
  return errorData(
    "chrony-role-of-another-playbook",
    `this ${line.name} line stands in another role's block and is not what the playbook declares`,
    'give both roles the same setting, or apply "state: absent" on the role that the block belongs to',
    positionOf(line),
  );
}

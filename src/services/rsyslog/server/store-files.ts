import { largestSingly, renderLookup } from "./lookup.ts";
import { anyOf, renderAnyFile, renderUnitFile, type StoreStyle } from "./store-render.ts";
import { isGeneral, type StoreRule } from "./store-rules.ts";
import { mayBeLocal, type StoreUnit, storeUnits, storeUnitsByAddress } from "./store-units.ts";

/** Beginning of the path of every file of rules that lfce has for itself. */
export const filePrefix = "/etc/rsyslog.d/00-lfce-";
/** Sorts behind every address. */
export const anyFile = `${filePrefix}zz-any.conf`;
const lookupFile = `${filePrefix}clients.conf`;
/** From address to what is done: read by the file of rules for many senders. */
export const tableFile = `${filePrefix}clients.json`;

/** A file that the rules need, and whom it is for. */
export interface StoreFile {
  text: string;
  reason: string;
}

/** The file of rules for one sender. */
export function unitFilePath(unit: StoreUnit): string {
  return `${filePrefix}${unit.addresses[0]}.conf`;
}

/**
 * Every file that the rules need, by path. `elsewhere` says that a sender's rule stands in a file of another
 * name already; `mayUseTable` is false where the table would be read as configuration itself.
 */
export function storeFiles(
  rules: readonly StoreRule[],
  style: StoreStyle,
  elsewhere: (unit: StoreUnit) => boolean,
  mayUseTable: boolean,
): Map<string, StoreFile> {
  const files = new Map<string, StoreFile>();
  const units = storeUnits(rules).filter((unit) => !elsewhere(unit));
  const many = mayUseTable && units.length > largestSingly;
  const inTable = many ? new Set(units.filter((unit) => !mayBeLocal(unit))) : new Set<StoreUnit>();
  const excluded: string[] = [];
  for (const unit of units) {
    if (inTable.has(unit)) continue;
    const sender = unit.host ?? unit.addresses[0] ?? "";
    files.set(unitFilePath(unit), {
      text: renderUnitFile(unit, style),
      reason: `where messages of ${sender} go`,
    });
    if (unit.complete) excluded.push(anyOf("$fromhost-ip", unit.addresses));
  }
  if (many) {
    const addresses = new Set([...inTable].flatMap((unit) => unit.addresses));
    const single = storeUnitsByAddress(rules).filter((unit) => addresses.has(unit.addresses[0] ?? ""));
    const lookup = renderLookup(single, tableFile, style);
    files.set(lookupFile, { text: lookup.rules, reason: `where messages of ${inTable.size} senders go` });
    files.set(tableFile, { text: lookup.table, reason: `addresses of ${inTable.size} senders` });
    if (lookup.excluded !== undefined) excluded.push(lookup.excluded);
  }
  const general = rules.filter(isGeneral);
  if (general.length > 0) {
    const text = renderAnyFile(general, excluded.length === 0 ? undefined : excluded.join(" or "), style);
    files.set(anyFile, { text, reason: "where messages of networks, names and any other sender go" });
  }
  return files;
}

import { atLeast } from "../version-order.ts";
import { canonicalAddress } from "./address.ts";
import type { DesiredSource, SourceKind } from "./desired.ts";
import { isNumber } from "./directives.ts";

/**
 * Facts about the options of a source line (CPS_ParseNTPSourceAdd in chrony's cmdparse.c, NEWS): whether a
 * value follows, since which version it is there, and what chronyd assumes without it.
 */
interface OptionFacts {
  takesValue: boolean;
  since?: string;
  default?: number;
  /** What versions before `until` assume. */
  formerly?: { until: string; default: number };
}

const flag = (since?: string): OptionFacts => ({ takesValue: false, ...(since ? { since } : {}) });
const value = (fallback: number | undefined, since?: string): OptionFacts => ({
  takesValue: true,
  ...(since ? { since } : {}),
  ...(fallback === undefined ? {} : { default: fallback }),
});

const OPTIONS: Record<string, OptionFacts> = {
  asymmetry: value(undefined, "3.2"),
  auto_offline: flag(),
  burst: flag("3.3"),
  certset: value(0, "4.1"),
  copy: flag("4.1"),
  extfield: value(undefined, "4.2"),
  filter: value(undefined, "3.4"),
  iburst: flag("1.25"),
  ipv4: flag("4.6"),
  ipv6: flag("4.6"),
  key: value(undefined),
  maxdelay: { ...value(3), formerly: { until: "2.0", default: 16 } },
  maxdelaydevratio: value(10, "1.25"),
  maxdelayquant: value(undefined, "4.3"),
  maxdelayratio: value(0),
  maxpoll: value(10),
  maxsamples: value(undefined, "2.0"),
  maxsources: value(4, "2.0"),
  maxunreach: value(100_000, "4.8"),
  mindelay: value(0, "3.2"),
  minpoll: value(6),
  minsamples: value(undefined, "2.0"),
  minstratum: value(0, "1.25"),
  noselect: flag("1.25"),
  nts: flag("4.0"),
  ntsport: value(4460, "4.0"),
  offline: flag(),
  offset: value(0, "3.0"),
  polltarget: { ...value(8, "1.25"), formerly: { until: "3.0", default: 6 } },
  port: value(123),
  prefer: flag("1.25"),
  presend: value(undefined),
  require: flag("2.3"),
  trust: flag("2.3"),
  version: value(undefined, "2.0"),
  xleave: flag("3.0"),
};

/** Options that chronyd parses on a `peer` line and then ignores. */
const WITHOUT_EFFECT_ON_PEER = new Set(["iburst", "burst", "nts", "presend", "copy"]);

/** What a `server`, `pool` or `peer` line says. Of an option that is there twice, the last one counts. */
export interface SourceLine {
  kind: SourceKind;
  address: string;
  options: Map<string, string | true>;
}

/** Reads the arguments of a source line; undefined without an address. */
export function readSource(kind: SourceKind, words: readonly string[]): SourceLine | undefined {
  const address = words[0];
  if (address === undefined) return undefined;
  const options = new Map<string, string | true>();
  for (let index = 1; index < words.length; index += 1) {
    const name = (words[index] ?? "").toLowerCase();
    const next = words[index + 1];
    if (OPTIONS[name]?.takesValue && next !== undefined) {
      options.set(name, next);
      index += 1;
    } else {
      options.set(name, true);
    }
  }
  return { kind, address, options };
}

/** The chrony version that first knew a source option; undefined: all do, or there is no such option. */
export function sourceOptionSince(name: string): string | undefined {
  return OPTIONS[name]?.since;
}

/** Whether a written address means the declared source, under any of its spellings. */
export function sameAddress(source: DesiredSource, address: string): boolean {
  const written = canonicalAddress(address);
  return [source.address, ...source.aliases].some((alias) => canonicalAddress(alias) === written);
}

/**
 * Whether a line of the source's kind and address has every option as the playbook wrote it out. What it
 * leaves out is what this version of chronyd assumes.
 */
export function optionsSatisfied(source: DesiredSource, line: SourceLine, version?: string): boolean {
  return Object.entries(source.options).every(([name, wanted]) => {
    if (line.kind === "peer" && WITHOUT_EFFECT_ON_PEER.has(name)) return true;
    const written = line.options.get(name);
    if (typeof wanted === "boolean") return (written !== undefined) === wanted;
    const fallback = defaultOf(name, version);
    const found = written === undefined || written === true ? fallback : written;
    return found !== undefined && sameValue(name, String(wanted), String(found));
  });
}

function defaultOf(name: string, version: string | undefined): number | undefined {
  const facts = OPTIONS[name];
  const { formerly } = facts ?? {};
  return formerly && !atLeast(version, formerly.until) ? formerly.default : facts?.default;
}

function sameValue(name: string, left: string, right: string): boolean {
  if (name === "extfield") return Number.parseInt(left, 16) === Number.parseInt(right, 16);
  if (isNumber(left) && isNumber(right)) return Number(left) === Number(right);
  return left === right;
}

/** The line that lfce writes for a source; `iburst` unless the playbook says otherwise or a peer ignores it. */
export function writeSource(source: DesiredSource): string {
  const words: string[] = [source.kind, source.address];
  if (source.kind !== "peer" && source.options.iburst === undefined) words.push("iburst");
  for (const [name, wanted] of Object.entries(source.options)) {
    if (wanted === true) words.push(name);
    else if (wanted !== false) words.push(name, String(wanted));
  }
  return words.join(" ");
}

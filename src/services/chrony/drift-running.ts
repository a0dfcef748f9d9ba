import type { ObservedHost } from "../../core/observed.ts";
import type { LocatedFinding } from "../host-drift.ts";
import { atLeast } from "../version-order.ts";
import { canonicalAddress } from "./address.ts";
import { type ChronycSource, parseSources } from "./chronyc.ts";
import type { Claims } from "./claims.ts";
import type { DesiredChrony, DesiredSource } from "./desired.ts";
import { seconds } from "./diagnosis.ts";
import { clockFindings } from "./drift-clock.ts";
import { ntpPort } from "./probes-serving.ts";
import { sourceTitle } from "./probes-sources.ts";
import { sameAddress } from "./source-line.ts";

/** Seconds after its start in which chronyd may not have heard from every source yet. */
const WARMING_UP = 20;

/** What was found in files and units so far: it explains what the running daemon does. */
export interface Explained {
  /** Whether the daemon has not read the files that are there, or would do so only with a pending change. */
  isStale: boolean;
  isTold(code: RegExp, item?: string): boolean;
}

/** In what the running chronyd is not as declared, as far as the files and the unit do not explain it. */
export function runningFindings(
  desired: DesiredChrony,
  claims: Claims,
  observed: ObservedHost,
  located: readonly LocatedFinding[],
): LocatedFinding[] {
  const { sources } = observed.chronyc;
  if (sources === undefined) {
    return [found("chrony-no-answer", "chronyd", "chronyc could not ask chronyd for its sources")];
  }
  const explained: Explained = {
    isStale: located.some(({ code }) => code === "unit-stale"),
    isTold: (code, item) =>
      located.some((one) => code.test(one.code) && (item === undefined || one.item === item)),
  };
  const findings = sourceFindings(claims, parseSources(sources), observed, explained);
  findings.push(...clockFindings(desired, claims, observed, [...located, ...findings]));
  const server = desired.server?.state === "present" ? desired.server : undefined;
  if (server && server.allow.length > 0) findings.push(...portFindings(ntpPort(server), observed, explained));
  return findings;
}

/** A finding about the running daemon, which no change of a file covers. */
export function found(code: string, item: string, message: string, detail?: string): LocatedFinding {
  return { code, item, message, ...(detail === undefined ? {} : { detail }), covers: [] };
}

/** How the declared sources stand, in words: `10.0.0.1: no answer; 10.0.0.2: selected`. */
export function statesText(sources: readonly ChronycSource[]): string {
  return sources.map((source) => `${source.name}: ${stateText(source)}`).join("; ");
}

/** How chronyd sees one source, in words. */
export function stateText(source: ChronycSource): string {
  if (source.state === "unusable") return source.reach > 0 ? "not selectable" : "no answer";
  return source.state === "falseticker" ? "a falseticker" : source.state.replace("-", " ");
}

/** Whether a name that chronyc shows (as written in the file, or an address) means the declared source. */
export function means(
  source: DesiredSource,
  name: string,
  names: Readonly<Record<string, readonly string[]>>,
): boolean {
  if (sameAddress(source, name)) return true;
  return [source.address, ...source.aliases].some((alias) => names[alias]?.includes(name) ?? false);
}

function sourceFindings(
  claims: Claims,
  seen: readonly ChronycSource[],
  observed: ObservedHost,
  explained: Explained,
): LocatedFinding[] {
  const wanted = claims.sources?.wanted ?? [];
  if (!claims.sources || wanted.length === 0) return [];
  const isMeant = (one: DesiredSource) => (source: ChronycSource) =>
    source.mode !== "refclock" && means(one, source.name, observed.names);
  const declared = seen.filter((source) => wanted.some((one) => isMeant(one)(source)));
  const selected = seen.find(({ state }) => state === "selected");
  const findings: LocatedFinding[] = [];
  const isInUse =
    declared.some(({ state }) => state === "selected") ||
    // Beside a reference clock that is selected, a declared source only has to be sane.
    (selected?.mode === "refclock" && declared.some(isSane));
  for (const one of wanted) {
    const its = seen.filter(isMeant(one));
    findings.push(...oneSource(one, its, isInUse, observed, explained));
  }
  const spare = seen.filter(({ mode }) => mode !== "refclock").filter((one) => !declared.includes(one));
  if (claims.sources.exclusive && showsNames(observed) && !explained.isStale) {
    for (const { name, state } of spare) {
      if (explained.isTold(/^source-undeclared$/, name) || isToldByName(name, explained)) continue;
      const used = state === "selected" ? ", and has selected it" : "";
      const message = `the running chronyd has the source ${name}, which no file names and the playbook does not declare${used}`;
      findings.push(found("source-undeclared", canonicalAddress(name), message));
    }
  }
  if (isInUse || wanted.every(({ address }) => isMissing(address, explained, findings))) return findings;
  const isSpare = selected !== undefined && spare.includes(selected);
  // It has taken the place of sources that would do: that it is there at all is told already.
  if (isSpare && claims.sources.exclusive && declared.some(isSane)) return findings;
  const detail = statesText(declared) || "chronyd has none of the declared sources";
  if (isSpare && !claims.sources.exclusive) {
    const message = `the selected time source is ${selected.name}, which the playbook does not declare`;
    findings.push(found("chrony-wrong-source", "chronyd", message, detail));
  } else {
    findings.push(found("chrony-not-selected", "chronyd", "no declared time source is selected", detail));
  }
  return findings;
}

/** One declared source beside one that is in use. Without any in use, one finding tells of all. */
function oneSource(
  one: DesiredSource,
  its: readonly ChronycSource[],
  isInUse: boolean,
  observed: ObservedHost,
  explained: Explained,
): LocatedFinding[] {
  const title = sourceTitle(one);
  if (its.length === 0) {
    if (!showsNames(observed) || explained.isStale || explained.isTold(/^source-/, one.address)) return [];
    return [found("source-missing", one.address, `the running chronyd does not have the source ${title}`)];
  }
  if (!isInUse || startedWithin(WARMING_UP, observed)) return [];
  if (its.every(({ state }) => state === "falseticker")) {
    const off = seconds(its[0]?.offset ?? 0);
    const message = `${title} serves another time than the other sources (falseticker)`;
    return [found("falseticker", one.address, message, `off by ${off}`)];
  }
  if (its.every(({ reach, state }) => reach === 0 && state === "unusable")) {
    return [found("source-unreachable", one.address, `${title} does not answer`)];
  }
  return [];
}

function isMissing(address: string, explained: Explained, findings: readonly LocatedFinding[]): boolean {
  const said = findings.some(({ code, item }) => code === "source-missing" && item === address);
  return said || explained.isTold(/^source-missing$/, address);
}

/** The spelling in a file may differ from the one that chronyc shows. */
function isToldByName(name: string, explained: Explained): boolean {
  return explained.isTold(/^source-(undeclared|differs)$/, canonicalAddress(name));
}

/** Since 4.0 chronyc shows names as configured; older ones show what reverse DNS makes of the address. */
export function showsNames({ versions }: ObservedHost): boolean {
  return atLeast(versions.chrony, "4.0");
}

/** Whether chronyd would select a source if there were no better one. */
function isSane({ reach, state }: ChronycSource): boolean {
  return reach > 0 && (state === "combined" || state === "not-combined");
}

/** Whether chronyd started less than so many seconds ago. */
export function startedWithin(limit: number, { now, units }: Pick<ObservedHost, "now" | "units">): boolean {
  return Object.values(units).some(
    ({ unit, startedAt }) =>
      /^chronyd?(\.service)?$/.test(unit) && startedAt !== undefined && now - startedAt < limit,
  );
}

function portFindings(port: number, { listeners }: ObservedHost, explained: Explained): LocatedFinding[] {
  const isOpen = listeners.some((socket) => socket.protocol === "udp" && socket.port === port);
  // Without a socket at all the host could not list them; without an allow line chronyd opens none.
  if (listeners.length === 0 || isOpen || explained.isTold(/^access-missing$/)) return [];
  const message = `chronyd does not serve: nothing listens on udp port ${port}`;
  return [found("not-listening", `udp/${port}`, message)];
}

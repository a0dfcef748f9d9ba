import type { DriftFinding, HostClock, HostLink, ResolvedFinding } from "../../core/drift.ts";
import type { LfceErrorData } from "../../core/errors.ts";
import type { HostFinished, LfceEvent } from "../../core/events.ts";
import type { Calendar } from "./calendar.ts";
import { daysBetween } from "./calendar.ts";
import type { HostState } from "./host-state.ts";

/** A day on which at least one run began; the report's column. */
export interface Night {
  /** `2026-11-23`, in the report's time zone. */
  day: string;
  /** Start of the day's last run (RFC 3339). */
  started: string;
  /** Days without any run between the night before and this one. */
  missed: number;
}

/** What one night's last look at a host came to. */
export interface HostNight {
  state: Exclude<HostState, "absent">;
  /** `itemKey` of what was found, sorted. Of an unknown host: of its error. */
  items: readonly string[];
}

/** What stood against a host: a finding, a proof that failed, or the error that let nobody look. */
export interface Problem {
  kind: "finding" | "proof" | "error";
  code: string;
  item: string;
  message: string;
  detail?: string | undefined;
  hint?: string | undefined;
  since?: string | undefined;
  looks?: number | undefined;
  returned?: number | undefined;
}

export interface HostRecord {
  name: string;
  /** By the index of the night; without an entry the host was not looked at. */
  nights: (HostNight | undefined)[];
  /** The newest of everything that was ever found, by `itemKey`. */
  problems: Map<string, Problem>;
  /** What had gone at the last look of the newest night. */
  resolved: ResolvedFinding[];
  /** As they were told last, perhaps some nights ago. */
  links: readonly HostLink[];
  clock: HostClock | undefined;
}

/** The runs of some nights, put together host by host. */
export interface FleetRecord {
  playbook: string;
  /** The oldest first. */
  nights: Night[];
  hosts: Map<string, HostRecord>;
}

export function emptyRecord(): FleetRecord {
  return { playbook: "", nights: [], hosts: new Map() };
}

/**
 * Adds a run; runs come in the order in which they began. Of several runs of one day, each host's last look counts.
 * Only what the page shows is kept, so that memory grows with hosts and nights and not with what was said of them.
 */
export function addRun(record: FleetRecord, events: Iterable<LfceEvent>, calendar: Calendar): void {
  for (const event of events) {
    if (event.event === "run-started") {
      record.playbook = event.playbook;
      beginNight(record, event.time, calendar);
    }
    if (event.event === "host-finished" && record.nights.length > 0) addHost(record, event);
  }
}

/** Names a problem from night to night. */
export function itemKey({ kind, code, item }: Pick<Problem, "kind" | "code" | "item">): string {
  return JSON.stringify([kind, code, item]);
}

/** How a host stood on the newest night. */
export function stateNow(record: FleetRecord, host: HostRecord): HostState {
  return host.nights[record.nights.length - 1]?.state ?? "absent";
}

/** What stands against a host since the newest night, in the order in which it was told. */
export function problemsNow(record: FleetRecord, host: HostRecord): Problem[] {
  const night = host.nights[record.nights.length - 1];
  return (night?.items ?? []).flatMap((key) => host.problems.get(key) ?? []);
}

function beginNight({ nights, hosts }: FleetRecord, started: string, calendar: Calendar): void {
  const day = calendar.day(started);
  const last = nights[nights.length - 1];
  if (last?.day === day) {
    last.started = started;
    return;
  }
  const missed = last === undefined ? 0 : Math.max(0, daysBetween(last.day, day) - 1);
  nights.push({ day, started, missed });
  for (const host of hosts.values()) host.resolved = [];
}

function addHost(record: FleetRecord, event: HostFinished): void {
  if (event.status === "skipped" && event.drift === undefined) return;
  const host = hostOf(record, event.host);
  const problems = problemsOf(event);
  for (const problem of problems) host.problems.set(itemKey(problem), problem);
  host.nights[record.nights.length - 1] = {
    state: event.drift === undefined ? "unknown" : problems.length > 0 ? "drifted" : "fine",
    items: problems.map(itemKey).sort(),
  };
  host.resolved = event.resolved ?? [];
  if (event.links) host.links = event.links;
  if (event.drift !== undefined) host.clock = event.clock;
}

function hostOf({ hosts }: FleetRecord, name: string): HostRecord {
  const known = hosts.get(name);
  if (known) return known;
  const host: HostRecord = {
    name,
    nights: [],
    problems: new Map(),
    resolved: [],
    links: [],
    clock: undefined,
  };
  hosts.set(name, host);
  return host;
}

function problemsOf(event: HostFinished): Problem[] {
  const problems = (event.drift ?? []).map(findingProblem);
  for (const check of event.checks) {
    if (check.result !== "failed") continue;
    const { name: item, code = "proof-failed", detail, hint } = check;
    problems.push({ kind: "proof", code, item, message: `${item}: ${detail}`, hint });
  }
  // With a failed proof, the error says the same again.
  if (event.error && !problems.some(({ kind }) => kind === "proof")) {
    problems.push(errorProblem(event.error, event.drift ? undefined : event.unknownSince));
  }
  return problems;
}

function findingProblem({ code, item, message, detail, since, looks, returned }: DriftFinding): Problem {
  return { kind: "finding", code, item, message, detail, since, looks, returned };
}

function errorProblem({ code, message, hint }: LfceErrorData, since: string | undefined): Problem {
  return { kind: "error", code, item: "", message, hint, since };
}

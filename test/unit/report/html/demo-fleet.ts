import type { DriftFinding, HostLink } from "../../../../src/core/drift.ts";
import { type HostFinished, type LfceEvent, noTotals } from "../../../../src/core/events.ts";
import { type DemoHost, demoHosts } from "./demo-hosts.ts";
import { foundOn, type Story, stories } from "./demo-stories.ts";

export interface DemoOptions {
  hosts: number;
  nights: number;
  /** Nothing ever happens. */
  isCalm?: boolean;
}

const LAST_NIGHT = Date.UTC(2026, 10, 23, 1, 30);
const DAY = 86_400_000;

/** Nightly runs of `lfce drift` over an invented fleet, with what a history adds: the oldest first. */
export function demoRuns({ hosts: count, nights, isCalm = false }: DemoOptions): LfceEvent[][] {
  const hosts = demoHosts(count);
  const told = isCalm ? [] : stories(hosts, nights);
  const memory = new Map<string, Memory>(
    hosts.map(({ name }) => [name, { spells: new Map(), unknownSince: undefined }]),
  );
  return Array.from({ length: nights }, (_, night) => {
    const started = new Date(LAST_NIGHT - (nights - 1 - night) * DAY + ((night * 7) % 11) * 60_000);
    return demoRun(hosts, told, night, started, memory);
  });
}

interface Memory {
  spells: Map<
    string,
    { finding: DriftFinding; since: string; looks: number; returned: number; stands: boolean }
  >;
  unknownSince: string | undefined;
}

function demoRun(
  hosts: readonly DemoHost[],
  told: readonly Story[],
  night: number,
  started: Date,
  memory: ReadonlyMap<string, Memory>,
): LfceEvent[] {
  const time = started.toISOString();
  const run = `night-${night}`;
  const totals = noTotals();
  const finished = hosts.map((host) => demoHost(host, told, night, { time, run }, memory.get(host.name)));
  for (const { status } of finished) totals.hosts[status === "rolled-back" ? "rolledBack" : status] += 1;
  return [
    {
      event: "run-started",
      time,
      run,
      version: "0.1.0",
      command: "drift",
      playbook: "playbooks/production.yml",
      hosts: hosts.length,
    },
    ...finished,
    { event: "summary", time, run, exitCode: 2, durationMs: 14_200, ...totals },
  ];
}

function demoHost(
  host: DemoHost,
  told: readonly Story[],
  night: number,
  base: { time: string; run: string },
  memory: Memory = { spells: new Map(), unknownSince: undefined },
): HostFinished {
  const event: HostFinished = {
    event: "host-finished",
    ...base,
    host: host.name,
    status: "unchanged",
    changes: [],
    checks: [],
    warnings: [],
  };
  const { findings, error, broken } = foundOn(host, told, night);
  if (error) {
    memory.unknownSince ??= base.time;
    return { ...event, status: "unreachable", unknownSince: memory.unknownSince, error };
  }
  const resolved = remember(memory, findings, base.time);
  const drift = findings.map((finding) => {
    const spell = memory.spells.get(`${finding.code} ${finding.item}`);
    return {
      ...finding,
      since: spell?.since ?? base.time,
      looks: spell?.looks ?? 1,
      returned: spell?.returned ?? 0,
    };
  });
  return {
    ...event,
    status: drift.length > 0 ? "drifted" : "unchanged",
    drift,
    resolved,
    links: host.links.map((link) => brokenLink(link, broken)),
    clock: { stratum: host.stratum, offset: offset(host.name, night), leap: "normal" },
  };
}

function remember({ spells }: Memory, findings: readonly DriftFinding[], time: string): DriftFinding[] {
  const found = new Set(findings.map(({ code, item }) => `${code} ${item}`));
  const resolved: DriftFinding[] = [];
  for (const [key, spell] of spells) {
    if (!spell.stands || found.has(key)) continue;
    spell.stands = false;
    resolved.push({ ...spell.finding, detail: undefined, since: spell.since, looks: spell.looks });
  }
  for (const finding of findings) {
    const key = `${finding.code} ${finding.item}`;
    const spell = spells.get(key);
    if (spell?.stands) spell.looks += 1;
    else
      spells.set(key, {
        finding,
        since: time,
        looks: 1,
        returned: spell ? spell.returned + 1 : 0,
        stands: true,
      });
  }
  return resolved;
}

function brokenLink(link: HostLink, broken: ReadonlyMap<string, string>): HostLink {
  const detail = broken.get(link.to);
  return detail === undefined ? link : { ...link, state: "broken", detail };
}

/** Some tens of microseconds to some milliseconds, the same in each run of the tests. */
function offset(name: string, night: number): number {
  let state = night + 7;
  for (const character of name) state = (state * 31 + character.charCodeAt(0)) % 100_003;
  return ((state % 2_000) - 1_000) * 1.7e-6;
}

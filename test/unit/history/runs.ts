import type { DriftFinding } from "../../../src/core/drift.ts";
import { type HostFinished, type LfceEvent, noHosts } from "../../../src/core/events.ts";
import { runFileName } from "../../../src/history/run-files.ts";

/** A finding of this code about this item; its message repeats both. */
export function finding(code: string, item = "chrony"): DriftFinding {
  return { code, item, message: `${code} of ${item}` };
}

/** A host's end in a drift run: what was found there, or `unreachable`, or `skipped`. */
export function hostFinished(
  host: string,
  outcome: readonly DriftFinding[] | "unreachable" | "skipped",
  more: Partial<HostFinished> = {},
): HostFinished {
  const looked = typeof outcome !== "string";
  return {
    event: "host-finished",
    host,
    status: looked ? (outcome.length > 0 ? "drifted" : "unchanged") : outcome,
    changes: [],
    checks: [],
    ...(looked ? { drift: [...outcome] } : {}),
    warnings: [],
    time: "2026-11-01T02:31:00.000Z",
    run: "run",
    ...more,
  };
}

/** The start of the night's run, counted from 1 November 2026. */
export function night(number: number): string {
  return new Date(Date.UTC(2026, 10, 1 + number, 2, 30)).toISOString();
}

/** All events of a recorded run, and its file's name. */
export function wholeRun(started: string, hosts: readonly HostFinished[]) {
  const run = `run${started.replace(/\D/g, "")}`.slice(0, 14);
  const ended = new Date(Date.parse(started) + 60_000).toISOString();
  const events: LfceEvent[] = [
    {
      event: "run-started",
      time: started,
      run,
      version: "0.1.0",
      command: "drift",
      playbook: "site.yml",
      hosts: hosts.length,
    },
    ...hosts.map((event) => ({ ...event, run, time: ended })),
    {
      event: "summary",
      time: ended,
      run,
      exitCode: 2,
      durationMs: 60_000,
      hosts: noHosts(),
      checks: { passed: 0, failed: 0, unproven: 0 },
    },
  ];
  const id = `${started.slice(8, 10)}${started.slice(11, 13)}`;
  return {
    name: runFileName(ended, id),
    events,
    text: events.map((event) => `${JSON.stringify(event)}\n`).join(""),
  };
}

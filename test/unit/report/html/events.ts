import type { HostFinished, LfceEvent } from "../../../../src/core/events.ts";
import { calendarIn } from "../../../../src/report/html/calendar.ts";
import { addRun, emptyRecord, type FleetRecord } from "../../../../src/report/html/fleet-record.ts";

/** What is told of a host in a test; `drift` left out: it could not be looked at. */
export type Told = Partial<Omit<HostFinished, "event" | "host">>;

export const utc = calendarIn("UTC");

/** A run of some hosts that began at a time. */
export function runAt(time: string, hosts: Readonly<Record<string, Told>>): LfceEvent[] {
  const base = { time, run: time };
  return [
    {
      event: "run-started",
      ...base,
      version: "1",
      command: "drift",
      playbook: "lab.yml",
      hosts: Object.keys(hosts).length,
    },
    ...Object.entries(hosts).map(([host, told]): HostFinished => {
      const status =
        told.drift === undefined ? "unreachable" : told.drift.length > 0 ? "drifted" : "unchanged";
      return {
        event: "host-finished",
        ...base,
        host,
        status,
        changes: [],
        checks: [],
        warnings: [],
        ...told,
      };
    }),
  ];
}

/** Runs at 02:30 of the days of one month. */
export function recordOf(days: Readonly<Record<number, Readonly<Record<string, Told>>>>): FleetRecord {
  const record = emptyRecord();
  for (const [day, hosts] of Object.entries(days)) {
    addRun(record, runAt(`2026-03-${day.padStart(2, "0")}T02:30:00.000Z`, hosts), utc);
  }
  return record;
}

export const fine: Told = { drift: [] };
export const gone: Told = { error: { code: "connect-timeout", message: "no answer" } };

/** A host on which this was found. */
export function found(...codes: string[]): Told {
  return { drift: codes.map((code) => ({ code, item: "x", message: `${code} of x` })) };
}

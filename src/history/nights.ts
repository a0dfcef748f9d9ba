import type { HostStatus } from "../core/events.ts";
import type { RecordedRun } from "../core/history.ts";
import { readEvents } from "./run-files.ts";

/** What one run found on one host, in a word and three numbers. */
export interface NightOfHost {
  /** `looked`: it was looked at. `unknown`: it could not be. `skipped`: nobody tried. */
  state: "looked" | "unknown" | "skipped";
  status: HostStatus;
  /** Findings that stood after the run; how many of them were new; how many of the run before had gone. */
  found: number;
  fresh: number;
  resolved: number;
}

/** One recorded run with what it found on each host that it met. */
export interface Night {
  run: RecordedRun;
  hosts: Map<string, NightOfHost>;
}

/** The usual case, of which there are most: one object for all. */
const AS_DECLARED: NightOfHost = Object.freeze({
  state: "looked",
  status: "unchanged",
  found: 0,
  fresh: 0,
  resolved: 0,
});

/**
 * Reads a recorded run's outcome for each host; one file is read, a piece at a time.
 * @throws NodeJS.ErrnoException when the file has gone
 */
export function readNight(run: RecordedRun): Night {
  const hosts = new Map<string, NightOfHost>();
  for (const event of readEvents(run.path)) {
    if (event.event !== "host-finished") continue;
    const { host, status, drift, resolved = [] } = event;
    if (drift === undefined) {
      const state = status === "skipped" ? "skipped" : "unknown";
      hosts.set(host, { state, status, found: 0, fresh: 0, resolved: 0 });
    } else if (drift.length + resolved.length === 0 && status === "unchanged") {
      hosts.set(host, AS_DECLARED);
    } else {
      const fresh = drift.filter(({ looks = 1 }) => looks === 1).length;
      hosts.set(host, { state: "looked", status, found: drift.length, fresh, resolved: resolved.length });
    }
  }
  return { run, hosts };
}

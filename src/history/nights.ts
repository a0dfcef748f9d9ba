import type { HostFinished } from "../core/events.ts";
import type { Night, NightOfHost, RecordedRun } from "../core/history.ts";
import { readEvents } from "./run-files.ts";

/** Of the findings only these, and of the hosts; everything where nothing is said. */
export interface NightFilter {
  codes?: ReadonlySet<string>;
  host?: (name: string) => boolean;
}

/** The usual case, of which there are most: one object for all. */
const AS_DECLARED: NightOfHost = Object.freeze({ state: "looked", found: 0, fresh: 0, resolved: 0 });

/**
 * Reads a recorded run's outcome for each host; one file is read, a piece at a time.
 * @throws NodeJS.ErrnoException when the file has gone
 */
export function readNight(run: RecordedRun, filter: NightFilter = {}): Night {
  const hosts = new Map<string, NightOfHost>();
  for (const event of readEvents(run.path)) {
    if (event.event !== "host-finished") continue;
    if (filter.host?.(event.host) !== false) hosts.set(event.host, nightOf(event, filter));
  }
  return { run, hosts };
}

function nightOf({ status, drift, resolved = [] }: HostFinished, { codes }: NightFilter): NightOfHost {
  if (drift === undefined) {
    return { ...AS_DECLARED, state: status === "skipped" ? "skipped" : "unknown" };
  }
  const counts = ({ code }: { code: string }) => codes === undefined || codes.has(code);
  const found = drift.filter(counts);
  const gone = resolved.filter(counts).length;
  if (found.length + gone === 0) return AS_DECLARED;
  const fresh = found.filter(({ looks = 1 }) => looks === 1).length;
  return { state: "looked", found: found.length, fresh, resolved: gone };
}

import { errorData, type Warning } from "../core/errors.ts";
import type { DriftCounts, HostFinished, LfceEvent, RunStarted, Summary } from "../core/events.ts";
import { foldHost } from "../history/fold.ts";
import { playbookDirectory } from "../history/places.ts";
import {
  DEFAULT_RETENTION,
  prune,
  type Recording,
  type Retention,
  startRecording,
} from "../history/recording.ts";
import { keepRemembered, type Remembered, rememberedHosts } from "../history/remembered.ts";
import { jsonLine } from "../report/json.ts";

export interface DriftHistoryOptions {
  stateDirectory: string;
  playbookFile: string;
  /** What of it is given; else `DEFAULT_RETENTION`. */
  retention: Partial<Retention>;
  /** Whether this run is kept; it is compared with the earlier ones in any case. */
  record: boolean;
  /** Hears at once of what goes wrong; the summary says it once more, for programs. */
  tell: (warning: Warning) => void;
}

/** The history as a run of `lfce drift` goes through it. */
export interface DriftHistory {
  /**
   * Takes each event of the run before anybody else sees it, and gives it back with what the history adds. The summary
   * ends the record. What goes wrong here never hides drift: it becomes a warning of the summary.
   */
  take(event: LfceEvent): LfceEvent;
}

/** Compares a run with the earlier ones of its playbook, and records it. */
export function driftHistory(options: DriftHistoryOptions): DriftHistory {
  const directory = playbookDirectory(options.stateDirectory, options.playbookFile);
  const retention = {
    runs: options.retention.runs ?? DEFAULT_RETENTION.runs,
    days: options.retention.days ?? DEFAULT_RETENTION.days,
  };
  const warnings: Warning[] = [];
  const counts: DriftCounts = { new: 0, standing: 0, resolved: 0, unknownHosts: 0 };
  let started = "";
  let remembered: Remembered | undefined;
  let recording: Recording | undefined;

  const attempt = <Result>(describe: typeof notKept, work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      const warning = describe(error);
      warnings.push(warning);
      options.tell(warning);
      return undefined;
    }
  };
  const stopRecording = () => {
    const stopped = recording;
    recording = undefined;
    attempt(notKept, () => stopped?.discard());
  };
  const write = (event: LfceEvent) => {
    if (recording === undefined) return;
    const told = warnings.length;
    attempt(notKept, () => recording?.write(jsonLine(event)));
    if (warnings.length > told) stopRecording();
  };
  const begin = (event: RunStarted) => {
    started = event.time;
    remembered = attempt(notRead, () => rememberedHosts(directory));
    if (remembered && options.record) {
      recording = attempt(notKept, () => startRecording(directory, options.playbookFile, event.run));
    }
  };
  const end = (event: Summary) => {
    write(withWarnings(event, warnings));
    const whole = recording;
    const name = whole && attempt(notKept, () => whole.keep(event.time));
    if (name === undefined) return stopRecording();
    attempt(notTidied, () => {
      prune(directory, retention, name, Date.parse(event.time));
      if (remembered) keepRemembered(directory, { ...remembered, runs: [...remembered.runs, name] });
    });
  };

  return {
    take(event) {
      if (event.event === "run-started") begin(event);
      if (event.event === "summary") {
        const counted = remembered ? { ...event, drift: counts } : event;
        end(counted);
        return withWarnings(counted, warnings);
      }
      if (event.event !== "host-finished" || !remembered) {
        write(event);
        return event;
      }
      const folded = foldHost(remembered.hosts.get(event.host), event, started);
      if (folded.history) remembered.hosts.set(event.host, folded.history);
      count(counts, folded.event);
      write(folded.event);
      return folded.event;
    },
  };
}

function count(counts: DriftCounts, { status, drift, resolved = [] }: HostFinished): void {
  if (drift === undefined) {
    if (status !== "skipped") counts.unknownHosts += 1;
    return;
  }
  const standing = drift.filter(({ looks = 1 }) => looks > 1).length;
  counts.standing += standing;
  counts.new += drift.length - standing;
  counts.resolved += resolved.length;
}

function withWarnings(event: Summary, warnings: readonly Warning[]): Summary {
  return warnings.length === 0 ? event : { ...event, warnings: [...(event.warnings ?? []), ...warnings] };
}

function notKept(error: unknown): Warning {
  return errorData(
    "history-not-kept",
    `the history does not hold this run: ${messageOf(error)}`,
    "name a directory that you may write to by --state-dir, or leave the history out by --no-history",
  );
}

function notTidied(error: unknown): Warning {
  return errorData(
    "history-not-tidied",
    `the run is in the history, but old ones were not removed: ${messageOf(error)}`,
    "look into the directory of --state-dir",
  );
}

function notRead(error: unknown): Warning {
  return errorData(
    "history-not-read",
    `this run is neither kept nor compared with those before it: ${messageOf(error)}`,
    "name a directory that you may read by --state-dir",
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

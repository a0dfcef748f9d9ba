import { readFileSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { escapeLine } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import type { RecordedRun } from "../core/history.ts";
import { readEvents, recordedRuns } from "../history/run-files.ts";
import type { Calendar } from "../report/html/calendar.ts";
import { addRun, emptyRecord, type FleetRecord } from "../report/html/fleet-record.ts";
import { counted } from "../report/html/measures.ts";
import { type PageAssets, reportPage } from "../report/html/page.ts";
import type { Paint } from "../report/paint.ts";
import { EXIT } from "./exit-codes.ts";
import { fileOutput } from "./file-output.ts";
import { localCalendar } from "./local-calendar.ts";
import { recordedPlaybook } from "./recorded-playbook.ts";
import { stateDirectory } from "./state-directory.ts";
import { tellError } from "./tell-error.ts";
import { standardError } from "./terminal.ts";
import { version } from "./version.ts";

export interface ReportOptions {
  out: string;
  nights: number;
  stateDir?: string;
  debug?: boolean;
}

/** Writes the last nights of a playbook's history as one HTML file, whole or not at all. Returns the exit code. */
export function reportCommand(
  playbook: string | undefined,
  options: ReportOptions,
  paint: Paint,
  assets: () => PageAssets = pageAssets,
): number {
  try {
    const calendar = localCalendar();
    const state = stateDirectory(options.stateDir, process.env);
    const { directory } = recordedPlaybook(state, playbook, "`lfce report PLAYBOOK`");
    const record = readRuns(runsOfNights(directory, options.nights, calendar), calendar);
    const page = reportPage(record, {
      calendar,
      made: new Date().toISOString(),
      version: version(),
      assets: assets(),
    });
    writePage(options.out, page);
    if (options.out !== "-") tellWritten(options.out, page, record);
    return EXIT.ok;
  } catch (error) {
    return tellError(error, options, paint).exitCode;
  }
}

/** The runs of the last so many days on which there were any, the oldest first. */
function runsOfNights(directory: string, nights: number, calendar: Calendar): RecordedRun[] {
  const days = new Set<string>();
  const runs: RecordedRun[] = [];
  for (const run of recordedRuns(directory)) {
    days.add(calendar.day(run.started));
    if (days.size > nights) break;
    runs.push(run);
  }
  // Files are in the order in which runs ended; one that took long may have begun before another.
  return runs.sort((a, b) => Date.parse(a.started) - Date.parse(b.started));
}

function readRuns(runs: readonly RecordedRun[], calendar: Calendar): FleetRecord {
  const record = emptyRecord();
  for (const { path } of runs) {
    try {
      addRun(record, readEvents(path), calendar);
    } catch (error) {
      // Another run has just tidied it away.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return record;
}

/** What scripts/build-page.ts wrote beside this file. */
function pageAssets(): PageAssets {
  const text = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url), "utf8");
  return { style: text("page.css"), script: text("page.js") };
}

function writePage(out: string, page: string): void {
  if (out === "-") {
    process.stdout.write(page);
    return;
  }
  // What is renamed over a device takes the device away.
  const found = statSync(out, { throwIfNoEntry: false });
  if (found && !found.isFile()) {
    throw new LfceError({
      code: "report-not-written",
      message: `${escapeLine(out)} is there and is no file`,
      hint: "give another place with --out, or - for stdout",
    });
  }
  const file = fileOutput(found ? realpathSync(out) : out, "--out");
  file.write(page);
  const failure = file.commit();
  if (failure) throw new LfceError(failure);
}

function tellWritten(out: string, page: string, { hosts, nights }: FleetRecord): void {
  const size = `${Math.ceil(Buffer.byteLength(page) / 1000).toLocaleString("en")} kB`;
  const what = `${counted(hosts.size, "host")}, ${counted(nights.length, "night")}, ${size}`;
  standardError.write(`written: ${escapeLine(resolve(out))} (${what})\n`);
}

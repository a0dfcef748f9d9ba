import { mkdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { beginFile, writeWhole } from "./durable-file.ts";
import { PLAYBOOK_FILE } from "./places.ts";
import { runFileName, runFileNames } from "./run-files.ts";
import { removeLeftOvers } from "./temporary-files.ts";

const BUFFERED_CHARACTERS = 64 * 1024;

/** How many runs of a playbook are kept, and for how many days; the newest is kept always. */
export interface Retention {
  runs: number;
  days: number;
}

/** Half a year of nights; 10,000 hosts then take about a gigabyte. */
export const DEFAULT_RETENTION: Retention = { runs: 200, days: 180 };

/** The file of a run in progress. It counts as a run once `keep` has returned, and not before. */
export interface Recording {
  /** Takes a line with its end. Lines reach the disk in pieces while the run goes on. */
  write(line: string): void;
  /** Ends the file, gives it its name and returns that. */
  keep(ended: string): string;
  discard(): void;
}

/**
 * Begins to record a run. Makes the playbook's directory (0700), and tidies there what runs that were killed have left.
 * @throws NodeJS.ErrnoException, as every function of it
 */
export function startRecording(directory: string, playbookFile: string, run: string): Recording {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  removeLeftOvers(directory, Date.now());
  if (!statSync(join(directory, PLAYBOOK_FILE), { throwIfNoEntry: false })) {
    writeWhole(directory, PLAYBOOK_FILE, `${JSON.stringify(resolve(playbookFile))}\n`);
  }
  const file = beginFile(directory, `run-${run}`);
  let waiting = "";
  const flush = () => {
    file.write(waiting);
    waiting = "";
  };
  return {
    write: (line) => {
      waiting += line;
      if (waiting.length >= BUFFERED_CHARACTERS) flush();
    },
    keep: (ended) => {
      flush();
      const name = runFileName(ended, run);
      file.keep(join(directory, name));
      return name;
    },
    discard: () => file.discard(),
  };
}

/** Removes the oldest runs beyond what is to be kept; `kept` stays in any case. */
export function prune(directory: string, retention: Retention, kept: string, now: number): void {
  const names = runFileNames(directory);
  const oldest = new Date(now - retention.days * 24 * 3600 * 1000).toISOString().replaceAll(":", "");
  const surplus = names.slice(0, Math.max(0, names.length - retention.runs));
  const aged = names.filter((name) => name < oldest);
  for (const name of new Set([...surplus, ...aged])) {
    if (name !== kept) rmSync(join(directory, name), { force: true });
  }
}

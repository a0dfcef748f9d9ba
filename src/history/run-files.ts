import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { LfceEvent } from "../core/events.ts";
import type { RecordedRun } from "../core/history.ts";

/** What the files of recorded runs are called: when the run ended, then the beginning of its identifier. */
const RUN_FILE = /^\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z-[0-9A-Za-z-]{1,36}\.ndjson$/;

const CHUNK_BYTES = 256 * 1024;
const END_BYTES = 16 * 1024;

/** The name under which a run is kept: names sort as the runs ended. */
export function runFileName(ended: string, run: string): string {
  return `${ended.replaceAll(":", "")}-${run.replace(/[^0-9A-Za-z-]/g, "").slice(0, 8) || "0"}.ndjson`;
}

/** Names of the recorded runs in a playbook's directory, the oldest first; none where there is no directory. */
export function runFileNames(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => RUN_FILE.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The recorded runs of a playbook, the newest first, read one by one as they are asked for; damaged ones left out. */
export function* recordedRuns(directory: string): Generator<RecordedRun> {
  for (const name of runFileNames(directory).reverse()) {
    const run = readRunHead(join(directory, name));
    if (run) yield run;
  }
}

/** What a run's first and last line say. Undefined for a file that is gone, or is not a run from its start to its summary. */
export function readRunHead(path: string): RecordedRun | undefined {
  const ends = readEnds(path);
  const first = ends && parseEvent(ends.first);
  const last = ends && parseEvent(ends.last);
  if (first?.event !== "run-started" || last?.event !== "summary") return undefined;
  return {
    path,
    run: first.run,
    playbook: first.playbook,
    version: first.version,
    started: first.time,
    ended: last.time,
    exitCode: last.exitCode,
    hosts: last.hosts,
  };
}

/** The events of a recorded run, a piece of the file at a time. A line that is no event is left out. */
export function* readEvents(path: string): Generator<LfceEvent> {
  for (const line of readLines(path)) {
    const event = parseEvent(line);
    if (event) yield event;
  }
}

function* readLines(path: string): Generator<string> {
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      let bytes =
        rest.length === 0 ? chunk.subarray(0, size) : Buffer.concat([rest, chunk.subarray(0, size)]);
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
        yield bytes.toString("utf8", 0, end);
        bytes = bytes.subarray(end + 1);
      }
      rest = Buffer.from(bytes);
    }
  } finally {
    closeSync(file);
  }
}

/** The first and the last line, without what is between. */
function readEnds(path: string): { first: string; last: string } | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const start = readAt(file, 0, Math.min(size, END_BYTES));
    const end = readAt(file, Math.max(0, size - END_BYTES), Math.min(size, END_BYTES));
    if (!end.endsWith("\n")) return undefined;
    return {
      first: start.slice(0, start.indexOf("\n")),
      last: end.slice(end.lastIndexOf("\n", end.length - 2) + 1),
    };
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, position: number, length: number): string {
  const bytes = Buffer.alloc(length);
  return bytes.toString("utf8", 0, readSync(file, bytes, 0, length, position));
}

function parseEvent(line: string): LfceEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "event" in value ? (value as LfceEvent) : undefined;
  } catch {
    return undefined;
  }
}

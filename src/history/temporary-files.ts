import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** What of another machine (or container) is left behind is tidied when nobody has written to it for so long. */
const ABANDONED_MS = 24 * 3600 * 1000;

const TEMPORARY = /^\..+\.([0-9a-f]{12})\.(\d+)-(\d+)\.part$/;

/** A name, beside the file that it is to become, that tells which process writes it. */
export function temporaryName(purpose: string): string {
  return `.${purpose}.${machine()}.${process.pid}-${startOf(process.pid) ?? 0}.part`;
}

/** Removes what processes that no longer run have left in a directory. */
export function removeLeftOvers(directory: string, now: number): void {
  for (const name of readdirSync(directory)) {
    const [, where, pid, start] = TEMPORARY.exec(name) ?? [];
    if (where === undefined) continue;
    const path = join(directory, name);
    if (isLeft(path, where, Number(pid), Number(start), now)) rmSync(path, { force: true });
  }
}

function isLeft(path: string, where: string, pid: number, start: number, now: number): boolean {
  if (where === machine()) return startOf(pid) !== start;
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return written !== undefined && now - written > ABANDONED_MS;
}

/**
 * When a running process began, in the kernel's ticks, so that a number that was given out again is not taken for the
 * process that had it (proc(5), /proc/PID/stat). Undefined: it does not run. Where there is no /proc, 0 for all that do.
 */
function startOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return procIsThere() ? undefined : answers(pid);
  }
  // The name of the program, in parentheses, may hold anything.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || state === "X" ? undefined : Number(fields[18]);
}

function procIsThere(): boolean {
  return statSync("/proc/self/stat", { throwIfNoEntry: false }) !== undefined;
}

function answers(pid: number): number | undefined {
  try {
    process.kill(pid, 0);
    return 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH" ? undefined : 0;
  }
}

/** Where process numbers mean the same: one boot of one machine, and there one namespace of processes. */
function machine(): string {
  const facts = [hostname(), readable(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))];
  facts.push(readable(() => readlinkSync("/proc/self/ns/pid")));
  return createHash("sha256").update(facts.join("\n")).digest("hex").slice(0, 12);
}

function readable(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

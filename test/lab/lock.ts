import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { labError } from "./errors.ts";

/** `shared` lets others with `shared` in as well; `impatient` gives up after two seconds. */
export type LockOptions = {
  readonly shared?: boolean;
  readonly impatient?: boolean;
  readonly waiting?: () => void;
};

/** flock's exit code when the lock stays taken. A killed holder takes a moment to let go: hence the patience. */
const taken = 75;

/**
 * Does `work` while holding the lock on `file`. A child process holds it (flock(1)) for as long as this
 * process keeps its input open, so that a crash releases it. Returns undefined if `impatient` and taken.
 */
export async function withLock<T>(
  file: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T | undefined> {
  mkdirSync(dirname(file), { recursive: true });
  let release = await acquire(file, { ...options, impatient: true });
  if (!release && options.impatient) return undefined;
  if (!release) {
    options.waiting?.();
    release = await acquire(file, options);
  }
  if (!release) throw labError(`could not lock ${file}`);
  try {
    return await work();
  } finally {
    await release();
  }
}

function acquire(file: string, options: LockOptions): Promise<(() => Promise<void>) | undefined> {
  const flags = [
    options.shared ? "-s" : "-x",
    ...(options.impatient ? ["-w", "2"] : []),
    "-E",
    String(taken),
  ];
  return new Promise((resolve, reject) => {
    // A process group of its own: Ctrl-C must not release the lock before the clean-up is done.
    const holder = spawn("flock", [...flags, file, "sh", "-c", "echo locked; exec cat"], {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    const ended = new Promise<number | null>((done) => holder.on("close", done));
    holder.on("error", reject);
    createInterface({ input: holder.stdout }).once("line", () =>
      resolve(async () => {
        holder.stdin.end();
        await ended;
      }),
    );
    ended.then((code) =>
      code === taken ? resolve(undefined) : reject(labError(`flock ${file} failed: ${code}`)),
    );
  });
}

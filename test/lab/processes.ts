import { type SpawnOptions, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { labError } from "./errors.ts";

/** What a finished command left. `code` is 128 + the signal's number if a signal ended it. */
export type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** How to run a command; its standard input is empty unless `stdin` is given. */
export type RunOptions = {
  readonly stdin?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Ends the command with SIGTERM, or with `killSignal`. */
  readonly signal?: AbortSignal;
  readonly killSignal?: NodeJS.Signals;
  /** Gets each line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void;
};

/** Runs a command and collects its output; never throws for its exit code. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const [command, ...args] = argv;
  if (command === undefined) throw labError("no command given");
  options.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const { env, cwd, signal, killSignal } = options;
    const spawnOptions: SpawnOptions = { env, cwd, signal, killSignal };
    const child = spawn(command, args, { ...spawnOptions, stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let failure: Error | undefined;
    let unfinishedLine = "";
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      stderr.push(chunk);
      if (!options.onErrorLine) return;
      const lines = (unfinishedLine + chunk.toString()).split("\n");
      unfinishedLine = lines.pop() ?? "";
      for (const line of lines) options.onErrorLine(line);
    });
    // A command that ends without reading its input is no error.
    child.stdin.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") failure = error;
    });
    child.on("error", (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    child.on("close", (code, signal) => {
      if (failure) return reject(failure);
      resolve({
        code: code ?? 128 + signalNumber(signal),
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
    child.stdin.end(options.stdin ?? "");
  });
}

/**
 * A command that dies, with all it started, when this process is killed or `killSignal: "SIGKILL"` ends it: in
 * a process namespace of its own, whose first process the kernel kills along with its parent. What the command
 * mounts is seen by itself only, and goes with it.
 */
export function dyingWithUs(argv: readonly string[]): string[] {
  const isolate = ["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];
  return ["setpriv", "--pdeathsig", "KILL", "--", ...isolate, "--", ...argv];
}

/** Runs a command that must succeed, and returns its standard output. Throws with the end of its messages. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.code === 0) return result.stdout;
  const messages = (result.stderr || result.stdout).trim().split("\n").slice(-12).join("\n  ");
  throw labError(`${argv.slice(0, 3).join(" ")} … failed with exit code ${result.code}\n  ${messages}`);
}

/** Runs a command on this terminal, with its input and output, and returns its exit code. */
export function runAttached(argv: readonly string[], env?: NodeJS.ProcessEnv): Promise<number> {
  const [command, ...args] = argv;
  if (command === undefined) throw labError("no command given");
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env });
    // Ctrl-C reaches the command from the terminal; this process waits for what it makes of it.
    const ignore = () => {};
    const pass = () => child.kill("SIGTERM");
    process.on("SIGINT", ignore).on("SIGTERM", pass);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore).off("SIGTERM", pass);
      resolve(code ?? 128 + signalNumber(signal));
    });
  });
}

/** A process that cannot be mistaken for a later one with the same id: field 22 of proc_pid_stat(5). */
export type ProcessId = { readonly pid: number; readonly startTime: string };

/** Identifies a process that runs now; undefined if there is none (a zombie is none). */
export function identify(pid: number): ProcessId | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const startTime = fields[19];
  return startTime === undefined || state === "Z" || state === "X" ? undefined : { pid, startTime };
}

/** Whether exactly this process still runs. */
export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.startTime === id.startTime;
}

/** Kills exactly this process, if it still runs, and waits until it has gone. */
export async function kill(id: ProcessId): Promise<void> {
  if (!isAlive(id)) return;
  process.kill(id.pid, "SIGKILL");
  await waitFor(`process ${id.pid} to end`, () => !isAlive(id), { seconds: 20 });
}

/** Waits until `condition` holds; looks every 15 ms. Throws after `seconds`, naming what it waited for. */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limits: { readonly seconds: number; readonly signal?: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + limits.seconds * 1000;
  while (!(await condition())) {
    limits.signal?.throwIfAborted();
    if (performance.now() > deadline) throw labError(`waited ${limits.seconds} s in vain for ${what}`);
    await pause(15);
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return (signal && numbers[signal]) || 0;
}

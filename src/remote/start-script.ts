import { escapeControls } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import { encodeScript, execLine, START_MARKER } from "./exec-line.ts";
import type { ScriptExit } from "./run-script.ts";
import type { RemoteScript } from "./scripts.ts";
import { startFailure } from "./start-failure.ts";
import type { RemoteProcess, Transport } from "./transport.ts";

const MARKER = Buffer.from(`${START_MARKER}\n`);
/** Login shells may print a greeting; more than this is not one. */
const MAX_GREETING = 64 * 1024;
const MAX_STDERR = 64 * 1024;
/** How long sshd may take to start a command. */
const EXEC_TIMEOUT_MS = 30_000;

export interface StartOptions {
  host: string;
  become: boolean;
  maxOutputBytes: number;
  timeoutMs?: number;
  idleTimeoutMs?: number;
  signal?: AbortSignal;
  /** Gets the script's own stdout, without what came before it. */
  onStdout: (chunk: Buffer) => void;
}

export interface StartedScript {
  process: RemoteProcess;
  done: Promise<ScriptExit>;
  kill(): void;
}

/** Starts a script over a transport and watches it: limits, time-outs, abort, and why it did not start. */
export async function startScript(
  transport: Transport,
  script: RemoteScript,
  options: StartOptions,
): Promise<StartedScript> {
  const { host } = options;
  if (options.signal?.aborted) throw interrupted(host, script);
  const process = await execInTime(transport, script, options);
  let failure: LfceError | undefined;
  let rejectDone: (error: LfceError) => void = () => {};
  const cutOff = new Promise<never>((_, reject) => {
    rejectDone = reject;
  });
  cutOff.catch(() => {}); // done carries it; without this an early failure would count as unhandled
  const fail = (error: LfceError): void => {
    if (failure) return;
    failure = error;
    rejectDone(error);
    process.kill();
  };

  const deadline = timer(options.timeoutMs, () => fail(timedOut(host, script, options.timeoutMs ?? 0)));
  const idle = timer(options.idleTimeoutMs, () => fail(timedOut(host, script, options.idleTimeoutMs ?? 0)));
  const onAbort = (): void => fail(interrupted(host, script));
  options.signal?.addEventListener("abort", onAbort, { once: true });

  let greeting: Buffer = Buffer.alloc(0);
  let started = false;
  let received = 0;
  const take = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > options.maxOutputBytes) fail(outputTooLarge(host, script, options.maxOutputBytes));
    else options.onStdout(chunk);
  };
  process.stdout.on("data", (chunk: Buffer) => {
    if (failure) return;
    idle.restart();
    if (started) return take(chunk);
    greeting = Buffer.concat([greeting, chunk]);
    const at = markerAt(greeting);
    if (at === -1) {
      if (greeting.length > MAX_GREETING) fail(outputTooLarge(host, script, MAX_GREETING));
      return;
    }
    started = true;
    const rest = greeting.subarray(at + MARKER.length);
    if (rest.length > 0) take(rest);
  });
  let stderr: Buffer = Buffer.alloc(0);
  process.stderr.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_STDERR);
  });
  // A command that ends before it has read everything closes its stdin: how it ended says why.
  process.stdin.on("error", () => {});
  process.stdin.write(encodeScript(script.source));

  const ended = process.exited.then((exit): ScriptExit => {
    if (failure) throw failure;
    if (!started) {
      const said = { stderr: stderr.toString("utf8"), stdout: greeting.toString("utf8") };
      throw startFailure({ host, become: options.become, code: exit.code, ...said });
    }
    return { ...exit, stderr: escapeControls(stderr.toString("utf8")) };
  });
  const done = Promise.race([ended, cutOff]).finally(() => {
    deadline.stop();
    idle.stop();
    options.signal?.removeEventListener("abort", onAbort);
  });
  done.catch(() => {}); // whoever awaits it gets the error; nobody may await it after kill()
  return { process, done, kill: () => process.kill() };
}

/** A host that does not answer the request to run something costs its time-out, not the run. */
async function execInTime(
  transport: Transport,
  script: RemoteScript,
  options: StartOptions,
): Promise<RemoteProcess> {
  const limitMs = Math.min(options.timeoutMs ?? EXEC_TIMEOUT_MS, EXEC_TIMEOUT_MS);
  const pending = transport.exec(execLine(options.become));
  let giveUp: (error: LfceError) => void = () => {};
  const gaveUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const deadline = timer(limitMs, () => giveUp(timedOut(options.host, script, limitMs)));
  const onAbort = (): void => giveUp(interrupted(options.host, script));
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([pending, gaveUp]);
  } catch (error) {
    pending.then(
      (late) => late.kill(),
      () => {}, // the same failure, or one that comes too late to matter
    );
    throw error;
  } finally {
    deadline.stop();
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** The marker counts only at the start of a line. */
function markerAt(output: Buffer): number {
  let at = output.indexOf(MARKER);
  while (at > 0 && output[at - 1] !== 0x0a) at = output.indexOf(MARKER, at + 1);
  return at;
}

function timer(delayMs: number | undefined, expired: () => void): { restart(): void; stop(): void } {
  let handle = delayMs === undefined ? undefined : setTimeout(expired, delayMs);
  return {
    restart: () => handle?.refresh(),
    stop: () => {
      clearTimeout(handle);
      handle = undefined;
    },
  };
}

function timedOut(host: string, script: RemoteScript, limitMs: number): LfceError {
  return new LfceError({
    code: "script-timeout",
    message: `${script.name} on ${host} did not end within ${Math.round(limitMs / 1000)} s`,
    hint: "look at the host's load and journal: it may be overloaded, or hang on a disk or a name server",
  });
}

function outputTooLarge(host: string, script: RemoteScript, limit: number): LfceError {
  return new LfceError({
    code: "output-too-large",
    message: `${script.name} on ${host} printed more than ${limit} bytes and was cut off`,
    hint: "look at the host: its configuration files are far more or larger than lfce reads, or it does not answer as it should",
  });
}

function interrupted(host: string, script: RemoteScript): LfceError {
  return new LfceError({ code: "interrupted", message: `${script.name} on ${host} was interrupted` });
}

import { escapeControls } from "../core/byte-text.ts";
import type { LfceError } from "../core/errors.ts";
import type { Become } from "./become.ts";
import { createPasswordTalk } from "./become-password.ts";
import { encodeScript, execLine, START_MARKER } from "./exec-line.ts";
import type { ScriptExit } from "./run-script.ts";
import { interrupted, notBegun, outputTooLarge, timedOut } from "./script-errors.ts";
import type { RemoteScript } from "./scripts.ts";
import { watchTime } from "./ssh/time-watch.ts";
import { startFailure } from "./start-failure.ts";
import type { RemoteProcess, Transport } from "./transport.ts";

const MARKER = Buffer.from(`${START_MARKER}\n`);
/** Login shells may print a greeting; more than this is not one. */
const MAX_GREETING = 64 * 1024;
const MAX_STDERR = 64 * 1024;
/** Only the end of stderr is kept; a script that goes on for ever is ended all the same. */
const MAX_STDERR_EVER = 16 * 1024 * 1024;
/** How long sshd may take to start a command, and then the login shell to start the script: its own files may hang. */
const EXEC_TIMEOUT_MS = 30_000;
/** How long sshd may take to say that a channel that was dropped is closed. */
const CLOSE_GRACE_MS = 5_000;

/** How a script is run and watched; times in milliseconds. */
export interface StartOptions {
  host: string;
  /** How the script comes to run as root; undefined where it runs as the user. */
  become: Become | undefined;
  maxOutputBytes: number;
  timeoutMs?: number;
  idleTimeoutMs?: number;
  signal?: AbortSignal;
  /** Gets the script's own stdout, without what came before it. */
  onStdout: (chunk: Buffer) => void;
}

/** A script that the host has agreed to run. */
export interface StartedScript {
  process: RemoteProcess;
  /** Resolves when stdin is the script's own, so that its data may be written; never, where it does not start. */
  ready: Promise<void>;
  done: Promise<ScriptExit>;
  /** Ends the limit of `timeoutMs`: from now on the script may take as long as it likes. */
  untime(): void;
  /** Drops the channel; `done` settles soon after, whatever the host does. */
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
  const password = options.become?.password;
  const talk =
    password &&
    createPasswordTalk(
      host,
      password,
      (text) => process.stdin.write(text),
      (error) => fail(error),
      () => deadline?.excluding(() => {}) ?? (() => {}),
    );
  const process = await execInTime(
    transport,
    script,
    options,
    execLine(options.become?.method, talk?.prompt),
  );
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

  const { timeoutMs } = options;
  const deadline =
    timeoutMs === undefined ? undefined : watchTime(timeoutMs, () => fail(timedOut(host, script, timeoutMs)));
  // Under sudo the time before the script is not the host's alone: a directory may be asked, or a person.
  const beginMs = options.become ? undefined : EXEC_TIMEOUT_MS;
  const begin = timer(beginMs, () => fail(notBegun(host, script, EXEC_TIMEOUT_MS)));
  const idle = timer(options.idleTimeoutMs, () => fail(timedOut(host, script, options.idleTimeoutMs ?? 0)));
  const onAbort = (): void => fail(interrupted(host, script));
  options.signal?.addEventListener("abort", onAbort, { once: true });

  let stdinIsOurs: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    stdinIsOurs = resolve;
  });
  const sendScript = (): void => {
    process.stdin.write(encodeScript(script.source));
    stdinIsOurs();
  };

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
    begin.stop();
    if (talk) {
      talk.started();
      sendScript();
    }
    const rest = greeting.subarray(at + MARKER.length);
    if (rest.length > 0) take(rest);
  });
  let stderr: Buffer = Buffer.alloc(0);
  let complained = 0;
  process.stderr.on("data", (chunk: Buffer) => {
    complained += chunk.length;
    if (complained > MAX_STDERR_EVER) fail(outputTooLarge(host, script, MAX_STDERR_EVER));
    stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_STDERR);
    talk?.hear(chunk);
  });
  // A command that ends before it has read everything closes its stdin: how it ended says why.
  process.stdin.on("error", () => {});
  // While sudo may still ask, only an answer may stand on stdin.
  if (!talk) sendScript();

  // What stands before the prompt is sudo's lecture, at most; sudo-rs writes on behind it.
  const words = (): string => {
    const text = stderr.toString("utf8");
    if (!talk || !text.includes(talk.prompt)) return text;
    return (text.split(talk.prompt).at(-1) ?? "").replace(/^\] Password: \n?/, "");
  };
  let over = false;
  let closing: ReturnType<typeof timer> | undefined;
  const ended = process.exited.then((exit): ScriptExit => {
    if (failure) throw failure;
    if (!started) {
      const passwordRefused = talk?.ended(words()) === true;
      const said = { stderr: words(), stdout: greeting.toString("utf8") };
      throw startFailure({ host, become: options.become, passwordRefused, code: exit.code, ...said });
    }
    return { ...exit, stderr: escapeControls(words()) };
  });
  const done = Promise.race([ended, cutOff]).finally(() => {
    talk?.ended("");
    deadline?.stop();
    begin.stop();
    idle.stop();
    closing?.stop();
    over = true;
    options.signal?.removeEventListener("abort", onAbort);
  });
  done.catch(() => {}); // whoever awaits it gets the error; nobody may await it after kill()
  const kill = (): void => {
    process.kill();
    // A host that never answers must not be waited for.
    if (!over) closing ??= timer(CLOSE_GRACE_MS, () => fail(timedOut(host, script, CLOSE_GRACE_MS)));
  };
  return { process, ready, done, untime: () => deadline?.stop(), kill };
}

/** A host that does not answer the request to run something costs its time-out, not the run. */
async function execInTime(
  transport: Transport,
  script: RemoteScript,
  options: StartOptions,
  command: string,
): Promise<RemoteProcess> {
  const limitMs = Math.min(options.timeoutMs ?? EXEC_TIMEOUT_MS, EXEC_TIMEOUT_MS);
  const pending = transport.exec(command);
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

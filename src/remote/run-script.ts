import type { ByteText } from "../core/byte-text.ts";
import type { RemoteScript } from "./scripts.ts";

export interface RunScriptOptions {
  /** What the script reads on its stdin; closed after it. Nothing: the script meets the end of file at once. */
  stdin?: Buffer | AsyncIterable<Buffer>;
  /**
   * Keeps stdin open until the line `end` of the answer has come (frames.ts): for a script that knows by itself
   * where its input ends, and that waits for the end of stdin before it exits. Under sudo with I/O logging
   * the tail of a long answer is lost otherwise.
   */
  holdStdin?: boolean;
  /** Limit for the whole run, in milliseconds. */
  timeoutMs: number;
  /** More than this on stdout ends the script: `output-too-large`. */
  maxOutputBytes: number;
  signal?: AbortSignal;
  /** Sees stdout as it comes, before the script has ended. */
  onStdout?: (chunk: Buffer) => void;
}

export interface ScriptExit {
  /** Exit status; null when a signal ended the script. */
  code: number | null;
  /** Name of the signal that ended it (without SIG). */
  signal?: string;
  /** At most the last 64 KiB, control characters made visible: safe to show. */
  stderr: string;
}

export interface ScriptResult extends ScriptExit {
  stdout: Buffer;
}

/**
 * Runs a static script to its end. Any exit status resolves; it rejects with an LfceError when the script did
 * not run or did not end: sudo-needs-password, sudo-missing, sudo-denied, no-shell, connection-lost,
 * script-timeout, output-too-large, interrupted.
 */
export type RunScript = (script: RemoteScript, options: RunScriptOptions) => Promise<ScriptResult>;

export interface OpenScriptOptions {
  /** Ends the script when it printed nothing for so long; none: it may be silent for ever. */
  idleTimeoutMs?: number;
  /** Sees stdout first, until it returns true: `lines` begins behind that chunk. */
  answer?: (chunk: Buffer) => boolean;
  /** Limit in milliseconds until `answer` returns true: `script-timeout`. */
  answerTimeoutMs?: number;
  /** Limit for all of stdout over the script's life. */
  maxOutputBytes: number;
  signal?: AbortSignal;
}

/** A script that is talked with while it runs. */
export interface RunningScript {
  /** Resolves when the data was handed to the connection; rejects when the script has ended. */
  write(data: Buffer | string): Promise<void>;
  /** Closes the script's stdin. */
  end(): void;
  /**
   * Lines of stdout without their newline, one character a byte. To be iterated once. It ends when stdout
   * ends, and throws the LfceError that `done` rejects with when the script was cut off.
   */
  lines: AsyncIterable<ByteText>;
  /** Settles when the script has ended and its output was taken; rejects as RunScript does. */
  done: Promise<ScriptExit>;
  /** Drops the channel: the script sees the end of its stdin, SIGPIPE on its next output, perhaps SIGHUP. */
  kill(): void;
}

/** Starts a static script and leaves it running. Resolves as soon as the host accepted the exec. */
export type OpenScript = (script: RemoteScript, options: OpenScriptOptions) => Promise<RunningScript>;

/** The way to one host's shell, whatever lies beneath it. */
export interface ScriptChannel {
  /** Inventory name, for messages. */
  host: string;
  run: RunScript;
  open: OpenScript;
}

import { answerEnd } from "./answer-end.ts";
import { createByteCollector } from "./byte-collector.ts";
import type { RunningScript, ScriptChannel, ScriptResult } from "./run-script.ts";
import type { RemoteScript } from "./scripts.ts";

/** What to ask a script that stays, and how its answer ends. */
export interface Question {
  stdin: Buffer;
  /** Stands behind the answer and in no answer: with it the script says that it waits. */
  lastLine: string;
  /** Limit for the answer, in milliseconds. */
  timeoutMs: number;
  /** Limit for all of stdout over the script's life. */
  maxOutputBytes: number;
}

/** A script's answer, and the script where it waits for more; then `code` is 0. */
export interface Answer extends ScriptResult {
  waiting?: RunningScript;
}

/** Starts a static script, and leaves it running once it has answered. Rejects as RunScript does. */
export async function askScript(
  channel: ScriptChannel,
  script: RemoteScript,
  { stdin, lastLine, timeoutMs, maxOutputBytes }: Question,
): Promise<Answer> {
  const output = createByteCollector();
  const end = answerEnd(lastLine);
  const running = await channel.open(script, {
    maxOutputBytes,
    answerTimeoutMs: timeoutMs,
    answer: (chunk) => {
      output.add(chunk);
      return end.see(chunk);
    },
  });
  running.write(stdin).catch(() => {}); // a script that reads no more has ended: `done` says how
  const exit = await Promise.race([end.seen, running.done]);
  if (exit) return { ...exit, stdout: output.bytes() };
  const stdout = output.bytes().subarray(0, -(lastLine.length + 1));
  return { code: 0, stderr: "", stdout, waiting: running };
}

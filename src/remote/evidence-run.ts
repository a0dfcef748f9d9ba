import { escapeControls } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import { type Frame, parseFrames } from "./frames.ts";
import type { ScriptChannel } from "./run-script.ts";
import type { RemoteScript } from "./scripts.ts";

/** One line of a script's input: a key and its words. */
export type InputLine = readonly [key: string, ...words: (string | number)[]];

/**
 * Input for a script that reads `key value` lines. Throws an LfceError `unusable-value` for a value that would
 * end its line early: such a thing is no address, name or path that lfce can look for.
 */
export function inputLines(lines: readonly InputLine[]): Buffer {
  const text = lines.map(([key, ...words]) => {
    const line = [key, ...words].join(" ");
    if (/[\u0000-\u001f\u007f]/.test(line)) throw unusable(key, words.join(" "));
    return `${line}\n`;
  });
  return Buffer.from(text.join(""), "utf8");
}

/** A value that must be one word: an address, a host name or a unit name. */
export function word(key: string, value: string): InputLine {
  if (value === "" || value.startsWith("-") || /\s/.test(value)) throw unusable(key, value);
  return [key, value];
}

function unusable(key: string, value: string): LfceError {
  return new LfceError({
    code: "unusable-value",
    message: `"${escapeControls(value)}" cannot be used as ${key} on a host`,
    hint: "take spaces, line breaks and a leading hyphen out of it",
  });
}

/** Runs a script that only looks, and reads its frames. Rejects with an LfceError when it did not do its work. */
export async function runForFrames(
  channel: ScriptChannel,
  script: RemoteScript,
  stdin: Buffer,
  timeoutMs: number,
): Promise<Frame[]> {
  const result = await channel.run(script, { stdin, timeoutMs, maxOutputBytes: 8 * 1024 * 1024 });
  if (result.code === 0) return parseFrames(result.stdout);
  throw new LfceError({
    code: "script-failed",
    message: `${script.name} failed on ${channel.host} (${result.signal ?? `exit ${result.code}`}): ${
      result.stderr.trim().split("\n").at(-1) || "it said nothing"
    }`,
    hint: "run again with --debug to see everything that it said",
    at: { host: channel.host, phase: "prove" },
  });
}

/** The value of the first frame with this key, or empty text. */
export function textOf(frames: readonly Frame[], key: string): string {
  return frames.find((frame) => frame.key === key)?.value ?? "";
}

/** The values of all frames with this key. */
export function textsOf(frames: readonly Frame[], key: string): string[] {
  return frames.flatMap((frame) => (frame.key === key ? [frame.value] : []));
}

/** The lines of a block, without empty ones. */
export function linesOf(block: string): string[] {
  return block.split("\n").filter((line) => line !== "");
}

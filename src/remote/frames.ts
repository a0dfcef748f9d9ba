import type { ByteText } from "../core/byte-text.ts";
import { fromBytes } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";

/** One piece of a script's answer: a key and the text or bytes after it, one character a byte. */
export interface Frame {
  key: string;
  value: ByteText;
}

/** Far more than any host's configuration needs; each costs memory beyond its bytes. */
const MOST_FRAMES = 100_000;

const LINE = /^([a-z][a-z0-9-]{0,63})(?: (.*)|:([0-9]{1,9})|<([a-zA-Z0-9-]{16,64}))?$/s;

/**
 * Parses what the functions of scripts/frames.sh print: lines `key text`, blocks `key:LENGTH` followed by
 * LENGTH bytes and a newline, blocks `key<BOUNDARY` up to a line with that word, and `end` as the last line. Output that breaks this form, or that stops before
 * `end`, is an LfceError `garbled-output`. Never reads more than it was given, whatever lengths say.
 */
export function parseFrames(output: Uint8Array): Frame[] {
  const text = fromBytes(output);
  const frames: Frame[] = [];
  let offset = 0;
  while (offset < text.length) {
    if (frames.length >= MOST_FRAMES)
      throw garbled("it has more parts than anything that lfce asks for", offset);
    const newline = text.indexOf("\n", offset);
    if (newline === -1) throw garbled(`the last line is incomplete`, offset);
    const line = text.slice(offset, newline);
    const match = LINE.exec(line);
    if (!match) throw garbled(`line is not "key value"`, offset);
    const key = match[1] as string;
    if (key === "end" && line === "end") {
      if (newline + 1 !== text.length) throw garbled("more output after the end", newline + 1);
      return frames;
    }
    if (match[4] !== undefined) {
      const stop = text.indexOf(`\n${match[4]}\n`, newline);
      if (stop === -1) throw garbled(`block "${key}" has no end`, offset);
      frames.push({ key, value: text.slice(newline + 1, Math.max(stop, newline + 1)) });
      offset = stop + match[4].length + 2;
      continue;
    }
    if (match[3] === undefined) {
      frames.push({ key, value: match[2] ?? "" });
      offset = newline + 1;
      continue;
    }
    const start = newline + 1;
    const stop = start + Number(match[3]);
    if (stop >= text.length || text[stop] !== "\n")
      throw garbled(`block "${key}" has a wrong length`, offset);
    frames.push({ key, value: text.slice(start, stop) });
    offset = stop + 1;
  }
  throw garbled("the answer stops before its end", offset);
}

function garbled(what: string, offset: number): LfceError {
  return new LfceError({
    code: "garbled-output",
    message: `the host's answer cannot be read: ${what} (at byte ${offset})`,
    hint: "run again with --debug: something on the host may write into the output of non-interactive shells",
  });
}

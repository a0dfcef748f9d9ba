import type { ByteText } from "../../../core/byte-text.ts";
import type { SourceRange } from "./statements.ts";

/**
 * The text as rsyslogd's reader hands it to its parser: lines that end in a backslash joined with the next,
 * blanks at line ends dropped, each line ended by `\n`. `offsets[i]` is where character `i` stands in the file;
 * without offsets each stands where it stood.
 */
export interface LogicalText {
  text: string;
  offsets: Uint32Array | undefined;
  /** Offsets of the file's line ends. */
  lineEnds: number[];
}

const backslash = 0x5c;
/** A line that is not handed on as it stands. */
const touchedLine = /[\t\v\f\r \\](?:\n|$)/;

/**
 * Joins continuation lines. This happens before everything else, so that a comment that ends in a backslash
 * swallows the next line; a blank line ends a continuation.
 */
export function joinLines(source: ByteText): LogicalText {
  const lineEnds: number[] = [];
  if (!touchedLine.test(source)) {
    for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) lineEnds.push(at);
    const text = source === "" || source.endsWith("\n") ? source : `${source}\n`;
    return { text, offsets: undefined, lineEnds };
  }
  const pieces: string[] = [];
  const offsets = new Uint32Array(source.length + 1);
  let length = 0;
  let continued = false;
  for (let lineStart = 0; lineStart < source.length; ) {
    const newline = source.indexOf("\n", lineStart);
    const lineEnd = newline === -1 ? source.length : newline;
    if (newline !== -1) lineEnds.push(newline);
    let start = lineStart;
    if (continued) while (start < lineEnd && isSpace(source.charCodeAt(start))) start++;
    let end = lineEnd;
    while (end > start && isSpace(source.charCodeAt(end - 1))) end--;
    continued = end > start && source.charCodeAt(end - 1) === backslash;
    if (continued) end--;
    pieces.push(source.slice(start, end));
    for (let at = start; at < end; at++) offsets[length++] = at;
    if (!continued) {
      pieces.push("\n");
      offsets[length++] = lineEnd;
    }
    lineStart = lineEnd + 1;
  }
  return { text: pieces.join(""), offsets, lineEnds };
}

/** The range in the file of the logical characters from `start` to before `end`. */
export function sourceRange(logical: LogicalText, start: number, end: number): SourceRange {
  const { offsets } = logical;
  if (!offsets) return { start, end: Math.max(start, end) };
  const from = offsets[start] ?? 0;
  return { start: from, end: end > start ? (offsets[end - 1] ?? 0) + 1 : from };
}

/** isspace(3) in the C locale. */
export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

import type { ByteText } from "../../../core/byte-text.ts";
import { parseRsyslog } from "./parse.ts";
import type { ParsedFile, SourceRange, Statement } from "./statements.ts";

/** What is put before the first byte of each line of a switched-off statement. */
export const switchedOffMark = "#lfce# ";

/** The mark at the start of a line; `^` would also match behind a lone carriage return. */
const lineMark = /(?<![^\n])#lfce# /g;

/** The whole lines that `range` touches, the last one's line end left out. */
export function linesOf(text: ByteText, range: SourceRange): SourceRange {
  const start = range.start === 0 ? 0 : text.lastIndexOf("\n", range.start - 1) + 1;
  const newline = text.indexOf("\n", range.end);
  return { start, end: newline === -1 ? text.length : newline };
}

/**
 * Switches off every line that `range` touches. The caller has made sure that no other statement shares
 * those lines (`sharesLines`).
 */
export function switchOff(text: ByteText, range: SourceRange): ByteText {
  const lines = linesOf(text, range);
  const marked = text
    .slice(lines.start, lines.end)
    .split("\n")
    .map((line) => switchedOffMark + line)
    .join("\n");
  return text.slice(0, lines.start) + marked + text.slice(lines.end);
}

/** Switches on every marked line that `range` touches. */
export function switchOn(text: ByteText, range: SourceRange): ByteText {
  const lines = linesOf(text, range);
  const on = text.slice(lines.start, lines.end).replaceAll(lineMark, "");
  return text.slice(0, lines.start) + on + text.slice(lines.end);
}

/**
 * Whether anything but comments and blanks stands beside `range` on its lines, so that they cannot be
 * switched off alone.
 */
export function sharesLines(parsed: ParsedFile, range: SourceRange): boolean {
  const { text, comments } = parsed;
  const lines = linesOf(text, range);
  const beside = comments.filter(
    (comment) => comment.range.end > lines.start && comment.range.start < lines.end,
  );
  for (let at = lines.start; at < lines.end; at++) {
    if (at === range.start) at = range.end;
    if (at >= lines.end || /\s/.test(text[at] as string)) continue;
    if (!beside.some((comment) => comment.range.start <= at && at < comment.range.end)) return true;
  }
  return beside.some((comment) => comment.range.start < lines.start || comment.range.end > lines.end);
}

/** A statement whose lines are switched off. */
export interface SwitchedOff {
  /** Its marked lines in the file. */
  range: SourceRange;
  /** The statement as it is without the marks; its own ranges count in that text. */
  statement: Statement;
}

/** Every switched-off statement of a text, in order: what runs of marked lines say without their marks. */
export function switchedOffStatements(text: ByteText): SwitchedOff[] {
  if (!text.includes(switchedOffMark)) return [];
  const found: SwitchedOff[] = [];
  for (const run of text.matchAll(/(?:(?<![^\n])#lfce# [^\n]*(?:\n|$))+/g)) {
    const marked = run[0].split("\n");
    const parsed = parseOrphans(marked.map((line) => line.slice(switchedOffMark.length)).join("\n"));
    let counted = 0;
    let before = 0;
    for (const statement of parsed.statements) {
      const { start, end } = linesOf(parsed.text, statement.range);
      before += countNewlines(parsed.text.slice(counted, start));
      counted = start;
      const inside = countNewlines(parsed.text.slice(start, end));
      const shift = run.index + switchedOffMark.length * before;
      const range = { start: start + shift, end: end + shift + switchedOffMark.length * (inside + 1) };
      found.push({ range, statement });
    }
  }
  return found;
}

/** Parses marked lines; a `& action` whose first statement is not marked is read as an action of its own. */
function parseOrphans(text: ByteText): ParsedFile {
  let parsed = parseRsyslog(text);
  const most = Math.min(mostOrphans, Math.ceil(mostParsed / (text.length + 1)));
  for (let tries = 0; tries < most; tries++) {
    const orphan = parsed.statements.find((one) => one.kind === "unknown" && one.text.startsWith("&"));
    if (!orphan) break;
    const { start } = orphan.range;
    parsed = parseRsyslog(`${parsed.text.slice(0, start)} ${parsed.text.slice(start + 1)}`);
  }
  return parsed;
}

/** Each costs another parse of the marked lines; more than that are no work of lfce's. */
const mostOrphans = 100;
/** Characters that are parsed for their sake, whatever a host holds. */
const mostParsed = 2_000_000;

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

import { createTwoFilesPatch, FILE_HEADERS_ONLY, formatPatch } from "diff";
import { type ByteText, displayText } from "./byte-text.ts";
import { redactSecrets } from "./redact.ts";

/** Unchanged lines that are shown before and after a change. */
const CONTEXT = 3;

/** Lines that come and go up to which the shortest diff is looked for: the search takes the square of that. */
const MOST_EDITS = 2000;

const NO_NEWLINE = "\\ No newline at end of file";

/**
 * The unified diff of one file for people: decoded, control characters escaped, secrets hidden. A carriage
 * return is shown as `\x0d`, so that a change of line ends can be seen. Null stands for "no file". Where thousands of
 * lines differ everything between the first and the last of them is shown as replaced.
 */
export function unifiedDiff(path: string, before: ByteText | null, after: ByteText | null): string {
  const shown = (content: ByteText | null) =>
    content === null ? "" : redactSecrets(content.split("\n").map(displayText).join("\n"));
  const names = [before === null ? "/dev/null" : path, after === null ? "/dev/null" : path] as const;
  const texts = [shown(before), shown(after)] as const;
  const options = { context: CONTEXT, headerOptions: FILE_HEADERS_ONLY, maxEditLength: MOST_EDITS };
  return (
    createTwoFilesPatch(...names, ...texts, undefined, undefined, options) ?? replaced(...names, ...texts)
  );
}

/** A diff of one hunk: what lies between the lines that both texts begin and end with is taken out and put in. */
function replaced(oldName: string, newName: string, before: string, after: string): string {
  const old = linesOf(before);
  const now = linesOf(after);
  const shorter = Math.min(old.length, now.length);
  let first = 0;
  while (first < shorter && old[first] === now[first]) first += 1;
  let last = 0;
  while (last < shorter - first && old.at(-1 - last) === now.at(-1 - last)) last += 1;
  const start = Math.max(0, first - CONTEXT);
  const oldEnd = Math.min(old.length, old.length - last + CONTEXT);
  const newEnd = Math.min(now.length, now.length - last + CONTEXT);
  const lines = [
    ...marked(" ", old.slice(start, first)),
    ...marked("-", old.slice(first, old.length - last)),
    ...marked("+", now.slice(first, now.length - last)),
    ...marked(" ", old.slice(old.length - last, oldEnd)),
  ];
  const hunk = {
    oldStart: start + 1,
    oldLines: oldEnd - start,
    newStart: start + 1,
    newLines: newEnd - start,
    lines,
  };
  const patch = { oldFileName: oldName, newFileName: newName, hunks: [hunk] };
  return formatPatch(
    { ...patch, oldHeader: undefined, newHeader: undefined, index: undefined },
    FILE_HEADERS_ONLY,
  );
}

/** Lines with their line ends: one without is another line. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

function marked(mark: string, lines: readonly string[]): string[] {
  return lines.flatMap((line) =>
    line.endsWith("\n") ? [mark + line.slice(0, -1)] : [mark + line, NO_NEWLINE],
  );
}

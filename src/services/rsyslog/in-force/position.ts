import { displayText } from "../../../core/byte-text.ts";
import type { Position } from "../../../core/errors.ts";
import { linesOf } from "../syntax/edit.ts";
import type { ParsedFile } from "../syntax/statements.ts";
import type { Placed, RsyslogModel } from "./in-force-model.ts";

/** Where a statement stands on the host, with its first line, for errors and warnings. */
export function positionOf({ file, range }: Placed, model: RsyslogModel): Position {
  const parsed = model.parsed.get(file);
  if (!parsed) return { file, line: 1, column: 1 };
  const lines = linesOf(parsed.text, { start: range.start, end: range.start });
  const source = displayText(parsed.text.slice(lines.start, lines.end).replace(/\r$/, ""));
  return { file, line: lineNumber(parsed, range.start), column: range.start - lines.start + 1, source };
}

/** FILE:LINE of a statement on the host. */
export function placeOf({ file, range }: Placed, model: RsyslogModel): string {
  const parsed = model.parsed.get(file);
  return `${file}:${parsed ? lineNumber(parsed, range.start) : 1}`;
}

/** The number of the line, from 1, in which `offset` stands. */
export function lineNumber({ lineEnds }: ParsedFile, offset: number): number {
  let low = 0;
  for (let high = lineEnds.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((lineEnds[middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}

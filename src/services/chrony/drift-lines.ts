import { type ByteText, byteText, displayText, escapeLine } from "../../core/byte-text.ts";
import type { ObservedHost } from "../../core/observed.ts";
import { redactSecrets } from "../../core/redact.ts";
import { isEditable } from "../editable.ts";
import type { LocatedFinding } from "../host-drift.ts";
import type { LoadedLine } from "./load-order.ts";

/** The lines in force on a host, and which of them the claims would have switched off. */
export interface LinesInQuestion {
  /** Path of the main file. */
  main: string;
  observed: ObservedHost;
  lines: readonly LoadedLine[];
  wrong: readonly LoadedLine[];
}

/** A finding about a line that is there, in words that are fit for people. A file that is not lfce's to edit is mended where it is loaded from. */
export function wrongLine(
  { observed }: LinesInQuestion,
  { line, via }: LoadedLine,
  code: string,
  item: string,
  message: string,
): LocatedFinding {
  const covers = isEditable(line.file, observed) ? [line.file] : [line.file, ...via.map(({ file }) => file)];
  return {
    code,
    item,
    message,
    detail: `${line.file}:${line.number}: ${wordsOf(line.text)}`,
    at: { file: line.file, line: line.number },
    covers,
  };
}

/** A finding about a line that is not there; the plan writes it into the main file. */
export function missingLine(
  { main }: LinesInQuestion,
  code: string,
  item: string,
  message: string,
  line: string,
): LocatedFinding {
  return { code, item, message, adds: byteText(line), covers: [main] };
}

/** Words of a file as text for people: decoded, on one line, escaped and without secrets. */
export function wordsOf(text: ByteText): string {
  return redactSecrets(escapeLine(displayText(text)));
}

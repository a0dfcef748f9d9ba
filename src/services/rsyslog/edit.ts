import type { ByteText } from "../../core/byte-text.ts";
import type { LfceErrorData } from "../../core/errors.ts";
import type { SourceRange } from "./statements.ts";

/** What is put before the first byte of each line of a switched-off statement. */
export const switchedOffMark = "#lfce# ";

/**
 * Switches off every line that `range` touches. The caller has made sure that no other statement shares
 * those lines (`sharesLines`).
 */
export function switchOff(text: ByteText, range: SourceRange): ByteText {
  const start = text.lastIndexOf("\n", range.start - 1) + 1;
  const lines = text.slice(start, range.end).split("\n");
  return (
    text.slice(0, start) + lines.map((line) => switchedOffMark + line).join("\n") + text.slice(range.end)
  );
}

/** Switches on every marked line that `range` touches. */
export function switchOn(text: ByteText, range: SourceRange): ByteText {
  const start = text.lastIndexOf("\n", range.start - 1) + 1;
  const lines = text.slice(start, range.end).split("\n");
  const on = lines.map((line) =>
    line.startsWith(switchedOffMark) ? line.slice(switchedOffMark.length) : line,
  );
  return text.slice(0, start) + on.join("\n") + text.slice(range.end);
}

export type BlockRole = "syslog_client" | "syslog_server";

/** Where a block goes that is not there yet: before the byte at `offset` (a line's start), or at the end. */
export type BlockPlace = { kind: "offset"; offset: number } | { kind: "end" };

export type BlockResult = { text: ByteText } | { error: LfceErrorData };

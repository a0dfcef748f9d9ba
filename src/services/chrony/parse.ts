import type { ByteText } from "../../core/byte-text.ts";
import { keptLately } from "../../core/kept-lately.ts";
import { isDirective } from "./directives.ts";

/** What lfce puts before the first byte of a line that it switches off. */
export const SWITCHED_OFF_MARK = "#lfce# ";

export type LineKind = "directive" | "comment" | "blank" | "switched-off" | "block-marker" | "unknown";

/** The first or last line of a block that lfce wrote for a role. */
export interface BlockMarker {
  edge: "begin" | "end";
  role: string;
  /** Only on `begin`. */
  playbook?: string;
}

/**
 * One line of a chrony.conf or `.sources` file. `text` + `ending` are its bytes; the rest is what chronyd
 * makes of them (for `switched-off`: would make of them without the mark).
 */
export interface ConfigLine {
  text: ByteText;
  ending: "\n" | "\r\n" | "";
  kind: LineKind;
  /** Directive name in lower case; empty where there is none. */
  name: string;
  arguments: string[];
  marker?: BlockMarker;
}

export interface ConfigFile {
  lines: ConfigLine[];
}

/** Reads a file. Takes any bytes, loses none (`print(parse(text)) === text`) and never throws. */
export function parse(text: ByteText): ConfigFile {
  const pieces = text.split("\n");
  const last = pieces.pop() ?? "";
  const lines = pieces.map((piece) =>
    piece.endsWith("\r") ? readLine(piece.slice(0, -1), "\r\n") : readLine(piece, "\n"),
  );
  if (last !== "") lines.push(readLine(last, ""));
  return { lines };
}

/** As `parse`; what it returns is shared, and must not be changed. */
export const parseShared: (text: ByteText) => Readonly<{ lines: readonly Readonly<ConfigLine>[] }> =
  keptLately(parse);

/** The bytes of a file. */
export function print(file: ConfigFile): ByteText {
  return file.lines.map((line) => line.text + line.ending).join("");
}

/** Reads one line without its line end, as CPS_NormalizeLine of chrony does. */
export function readLine(text: ByteText, ending: ConfigLine["ending"]): ConfigLine {
  const marker = text.startsWith("# lfce: ") ? readMarker(text) : undefined;
  if (marker) return { text, ending, kind: "block-marker", name: "", arguments: [], marker };
  if (text.startsWith(SWITCHED_OFF_MARK)) {
    const inner = readWords(text.slice(SWITCHED_OFF_MARK.length));
    return { text, ending, kind: "switched-off", name: inner.name, arguments: inner.arguments };
  }
  const { kind, name, arguments: words } = readWords(text);
  return { text, ending, kind, name, arguments: words };
}

function readWords(text: ByteText): { kind: LineKind; name: string; arguments: string[] } {
  // chronyd reads lines as C strings, so nothing after a NUL byte exists for it. Its white space is
  // C's isspace: a no-break space is not, which is why the classes are spelt out here.
  const end = text.indexOf("\0");
  const visible = end < 0 ? text : text.slice(0, end);
  if (/^[ \t\v\f\r]*[!;#%]/.test(visible)) return { kind: "comment", name: "", arguments: [] };
  const words = visible.match(/[^ \t\v\f\r]+/g) ?? [];
  const first = words[0];
  if (first === undefined) return { kind: "blank", name: "", arguments: [] };
  const name = first.toLowerCase();
  return { kind: isDirective(name) ? "directive" : "unknown", name, arguments: words.slice(1) };
}

function readMarker(text: ByteText): BlockMarker | undefined {
  const begin = /^# lfce: begin ([a-z_]+)(?:, playbook (.+))?$/.exec(text);
  if (begin?.[1]) {
    return {
      edge: "begin",
      role: begin[1],
      ...(begin[2] === undefined ? {} : { playbook: begin[2].trimEnd() }),
    };
  }
  const end = /^# lfce: end ([a-z_]+)[ \t]*$/.exec(text);
  return end?.[1] ? { edge: "end", role: end[1] } : undefined;
}

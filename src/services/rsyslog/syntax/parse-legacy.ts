import { atLineStart, look, rangeFrom, type Scanner, take } from "./parse-scanner.ts";
import type { Filter, Statement } from "./statements.ts";

const directive = /\$([a-z][a-z0-9_]*)([^\n]*)/iy;
/** After `$IncludeConfig` and a blank rsyslogd reads one word, and goes on with statements behind it. */
const includeDirective = /\$(includeconfig) +([^ \t\n]+)/iy;

/** Reads a legacy directive at the current position. */
export function takeDirective(scanner: Scanner, out: Statement[]): boolean {
  const start = scanner.position;
  const match = take(scanner, includeDirective) ?? take(scanner, directive);
  if (!match) return false;
  const name = (match[1] as string).toLowerCase();
  const value = name === "template" ? (match[2] ?? "").trim() : withoutComment(match[2] ?? "");
  out.push({ kind: "directive", range: rangeFrom(scanner, start), chained: false, name, value });
  return true;
}

/** Cuts a trailing `# comment` off a directive's value or a legacy action. */
export function withoutComment(text: string): string {
  if (!text.includes("#")) return text.trim();
  return text.replace(/(^|[ \t])#.*$/, "").trim();
}

const selector = /[*a-z][*a-z]*[0-7]*[.,][,!=;.*a-z0-7]+/iy;
const wordAction = /[a-z0-9_][a-z0-9_\-+,;]*/iy;
const property = /:(\$?[!.]?[a-z0-9!_.-]+)[ \t]*,[ \t]*(!?)([a-z_]+)[ \t]*,[ \t]*"((?:\\"|[^"])*)"/iy;

/** Reads a selector or property filter, which stands first on its line. */
export function takeFilter(scanner: Scanner): Filter | undefined {
  const start = scanner.position;
  if (!atLineStart(scanner)) return undefined;
  const byProperty = scanner.text[start] === ":" ? take(scanner, property) : null;
  if (byProperty) {
    return {
      kind: "property",
      text: byProperty[0],
      property: (byProperty[1] as string).toLowerCase(),
      negated: byProperty[2] === "!",
      operation: (byProperty[3] as string).toLowerCase(),
      value: (byProperty[4] as string).replace(/\\(["\\])/g, "$1"),
      range: rangeFrom(scanner, start),
    };
  }
  const text = look(scanner, selector)?.[0];
  if (text === undefined || text.length < (look(scanner, wordAction)?.[0].length ?? 0)) return undefined;
  scanner.position += text.length;
  return { kind: "selector", text, range: rangeFrom(scanner, start) };
}

import type { ByteText } from "../../../core/byte-text.ts";
import { takeDirective, takeFilter } from "./parse-legacy.ts";
import { joinLines, sourceRange } from "./parse-lines.ts";
import {
  look,
  noteUnfinished,
  rangeFrom,
  type Scanner,
  scannerOf,
  skipTrivia,
  take,
  takeExpression,
  takeParameters,
} from "./parse-scanner.ts";
import type { ParsedFile, Statement } from "./statements.ts";

/** Deeper than anybody nests; below it text is kept as unknown, so that no input exhausts the stack. */
const deepest = 200;

/** Parses one file in both of rsyslog's languages. Never throws: what is no rsyslog is kept as `unknown`. */
export function parseRsyslog(text: ByteText): ParsedFile {
  const scanner = scannerOf(joinLines(text));
  const statements: Statement[] = [];
  for (;;) {
    skipTrivia(scanner);
    if (scanner.position >= scanner.text.length) break;
    scanner.statementStart = scanner.position;
    takeStatement(scanner, statements);
  }
  const { comments, logical } = scanner;
  const unfinished =
    scanner.unfinished === undefined ? undefined : sourceRange(logical, scanner.unfinished, 0).start;
  return { text, statements, comments, unfinished, lineEnds: logical.lineEnds };
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

const word = /[a-z0-9_][a-z0-9_\-+,;]*/iy;
const objectStart = /([a-z_]+)[ \n\t]*\(/iy;
const lineAction = /-\/[^*\n][^\n]*|\/[^*\n][^\n]*|:[a-z0-9]+:[^\n]*|[|.\-@^?~>][^\n]+|~|\*/iy;
const bsdBlock = /![^ \t\n]+[ \t]*(?=\n)|\+[a-z0-9.:*-]+[ \t]*(?=\n)/iy;
const restOfLine = /[^\n]*/y;
const rulesetName = /[a-z][a-z0-9\-_.]*/iy;

/** Not objects although a parenthesis may follow. */
const expressionWords = new Set(["if", "foreach", "reload_lookup_table", "set", "reset", "unset"]);

/** Reads one statement, with the `&` actions that belong to it, onto `out`. The position is at its first byte. */
function takeStatement(scanner: Scanner, out: Statement[]): void {
  const start = scanner.position;
  scanner.depth++;
  if (scanner.depth > deepest) takeUnknown(scanner, start, out);
  else if (scanner.text[start] === "$") takeDirective(scanner, out) || takeUnknown(scanner, start, out);
  else if (!takeRule(scanner, out) && !takeFlow(scanner, out) && !takeActions(scanner, out)) {
    takeUnknown(scanner, start, out);
  }
  scanner.depth--;
}

function takeUnknown(scanner: Scanner, start: number, out: Statement[]): true {
  scanner.position = start;
  const text = take(scanner, restOfLine)?.[0] ?? "";
  // Whatever it is: a string that opens in it goes on, at least until the next quote.
  if ((text.replaceAll(/\\./g, "").split('"').length - 1) % 2 === 1) noteUnfinished(scanner);
  out.push({ kind: "unknown", range: rangeFrom(scanner, start), chained: false, text });
  return true;
}

function takeRule(scanner: Scanner, out: Statement[]): boolean {
  const start = scanner.position;
  const filter = takeFilter(scanner);
  if (!filter) return false;
  const body: Statement[] = [];
  const braces = takeBlock(scanner, body);
  out.push({ kind: "rule", range: rangeFrom(scanner, start), chained: false, filter, body, braces });
  return true;
}

/** Reads `{ … }` or one statement onto `out`; says which. Directives may stand before it. */
function takeBlock(scanner: Scanner, out: Statement[]): boolean {
  for (;;) {
    const end = scanner.position;
    const passed = scanner.comments.length;
    skipTrivia(scanner);
    const next = scanner.text[scanner.position];
    if (next === "{") break;
    if (next === undefined) noteUnfinished(scanner);
    if (next === undefined || next === "}" || (next === "$" && !isSetting(scanner))) {
      scanner.position = end;
      scanner.comments.length = passed;
      return false;
    }
    takeStatement(scanner, out);
    if (out.at(-1)?.kind !== "directive") return false;
  }
  scanner.position++;
  takeScript(scanner, out);
  return true;
}

/** Reads statements up to and including `}`, or to the end of the text. */
function takeScript(scanner: Scanner, out: Statement[]): void {
  for (;;) {
    skipTrivia(scanner);
    if (scanner.position >= scanner.text.length) {
      noteUnfinished(scanner);
      return;
    }
    if (scanner.text[scanner.position] === "}") {
      scanner.position++;
      return;
    }
    takeStatement(scanner, out);
  }
}

/** `if`, `foreach`, `set` and the like, objects other than actions, BSD blocks. */
function takeFlow(scanner: Scanner, out: Statement[]): boolean {
  const start = scanner.position;
  const chained = false;
  const keyword = look(scanner, word)?.[0].toLowerCase();
  if (keyword === "if" || keyword === "foreach") {
    scanner.position += keyword.length;
    const condition = takeExpression(scanner, [keyword === "if" ? "then" : "do"]);
    if (condition === undefined) return takeUnknown(scanner, start, out);
    const body: Statement[] = [];
    takeBlock(scanner, body);
    if (keyword === "foreach") {
      out.push({ kind: "foreach", range: rangeFrom(scanner, start), chained, iterator: condition, body });
      return true;
    }
    const otherwise = takeElse(scanner);
    const range = rangeFrom(scanner, start);
    // biome-ignore lint/suspicious/noThenProperty: the language's own word; these objects are never awaited
    out.push({ kind: "if", range, chained, condition, then: body, else: otherwise });
    return true;
  }
  if (keyword === "set" || keyword === "reset" || keyword === "unset") {
    scanner.position += keyword.length;
    if (takeExpression(scanner, [";"]) === undefined) return takeUnknown(scanner, start, out);
    takeAssignment(scanner, start, out);
    return true;
  }
  if (keyword === "reload_lookup_table") {
    take(scanner, restOfLine);
    takeAssignment(scanner, start, out);
    return true;
  }
  const bsd = /[!+]/.test(scanner.text[start] as string) && take(scanner, bsdBlock);
  if (bsd) {
    out.push({ kind: "bsd-block", range: rangeFrom(scanner, start), chained, text: bsd[0] });
    return true;
  }
  return takeObject(scanner, out);
}

/** Ends a statement that lfce never looks into. */
function takeAssignment(scanner: Scanner, start: number, out: Statement[]): void {
  const text = scanner.text.slice(start, scanner.position).trim();
  out.push({ kind: "assignment", range: rangeFrom(scanner, start), chained: false, text });
}

function takeElse(scanner: Scanner): Statement[] {
  const end = scanner.position;
  const passed = scanner.comments.length;
  skipTrivia(scanner);
  const otherwise: Statement[] = [];
  if (look(scanner, word)?.[0].toLowerCase() === "else") {
    scanner.position += "else".length;
    takeBlock(scanner, otherwise);
  } else {
    scanner.position = end;
    scanner.comments.length = passed;
  }
  return otherwise;
}

function takeObject(scanner: Scanner, out: Statement[], chainedAt?: number): boolean {
  const begin = scanner.position;
  const opening = look(scanner, objectStart);
  const name = opening?.[1]?.toLowerCase();
  if (!opening || name === undefined || expressionWords.has(name)) return false;
  // An action is followed by its `&` lines, which takeActions reads.
  if (name === "action" && chainedAt === undefined) return false;
  const passed = scanner.comments.length;
  scanner.position += opening[0].length;
  const parameters = takeParameters(scanner);
  if (!parameters) {
    scanner.comments.length = passed;
    return takeUnknown(scanner, chainedAt ?? begin, out);
  }
  let body: Statement[] | undefined;
  if (name === "ruleset" || name === "template") {
    const end = scanner.position;
    const before = scanner.comments.length;
    skipTrivia(scanner);
    if (scanner.text[scanner.position] === "{") {
      scanner.position++;
      body = [];
      takeScript(scanner, body);
    } else {
      scanner.position = end;
      scanner.comments.length = before;
    }
  }
  const start = chainedAt ?? begin;
  const chained = chainedAt !== undefined && chainedAt !== begin;
  out.push({ kind: "object", range: rangeFrom(scanner, start), chained, name, parameters, body });
  return true;
}

/** Reads an action and every `& action` after it onto `out`; directives may stand between them. */
function takeActions(scanner: Scanner, out: Statement[]): boolean {
  if (!takeAction(scanner, scanner.position, out)) return false;
  for (;;) {
    const end = scanner.position;
    const passed = scanner.comments.length;
    const between: Statement[] = [];
    skipTrivia(scanner);
    while (isSetting(scanner) && takeDirective(scanner, between)) skipTrivia(scanner);
    const start = scanner.position;
    if (scanner.text[start] !== "&") {
      scanner.position = end;
      scanner.comments.length = passed;
      return true;
    }
    out.push(...between);
    scanner.position++;
    skipTrivia(scanner);
    if (scanner.position >= scanner.text.length) noteUnfinished(scanner);
    if (!takeAction(scanner, start, out)) takeUnknown(scanner, start, out);
  }
}

/** A directive, but for those that bring in other statements or end the current ones. */
function isSetting(scanner: Scanner): boolean {
  return scanner.text[scanner.position] === "$" && !look(scanner, /\$(includeconfig|ruleset)\b/iy);
}

/** Reads one action; `start` is where its `&` stands, or itself. */
function takeAction(scanner: Scanner, start: number, out: Statement[]): boolean {
  if (look(scanner, objectStart)?.[1]?.toLowerCase() === "action") return takeObject(scanner, out, start);
  const chained = start !== scanner.position;
  const onLine = take(scanner, lineAction);
  if (onLine) {
    const text = onLine[0];
    const range = rangeFrom(scanner, start);
    if (/^~\s*(#.*)?$/.test(text)) out.push({ kind: "stop", range, chained });
    else out.push({ kind: "legacy-action", range, chained, text });
    return true;
  }
  const name = take(scanner, word)?.[0];
  if (name === undefined) return false;
  const keyword = name.toLowerCase();
  if (keyword === "stop") {
    out.push({ kind: "stop", range: rangeFrom(scanner, start), chained });
  } else if (keyword === "call") {
    skipTrivia(scanner);
    const ruleset = take(scanner, rulesetName)?.[0] ?? "";
    out.push({ kind: "call", range: rangeFrom(scanner, start), chained, ruleset });
  } else if (keyword === "call_indirect") {
    if (takeExpression(scanner, [";"]) === undefined) take(scanner, restOfLine);
    out.push({ kind: "call", range: rangeFrom(scanner, start), chained, ruleset: undefined });
  } else if (keyword === "continue") {
    out.push({ kind: "assignment", range: rangeFrom(scanner, start), chained, text: name });
  } else {
    out.push({ kind: "legacy-action", range: rangeFrom(scanner, start), chained, text: name });
  }
  return true;
}

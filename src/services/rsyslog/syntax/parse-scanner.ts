import type { LogicalText } from "./parse-lines.ts";
import { isSpace, sourceRange } from "./parse-lines.ts";
import type { Comment, Parameter, SourceRange } from "./statements.ts";

/** Where the parser stands in a logical text, and the comments that it passed. */
export interface Scanner {
  logical: LogicalText;
  text: string;
  position: number;
  comments: Comment[];
  /** How many statements are open around the current one. */
  depth: number;
  /** Where the current top-level statement begins. */
  statementStart: number;
  /** Where the first one begins that is not complete at the end of the text. */
  unfinished: number | undefined;
}

export function scannerOf(logical: LogicalText): Scanner {
  return {
    logical,
    text: logical.text,
    position: 0,
    comments: [],
    depth: 0,
    statementStart: 0,
    unfinished: undefined,
  };
}

/** Matches a sticky pattern at the current position without moving. */
export function look(scanner: Scanner, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = scanner.position;
  return pattern.exec(scanner.text);
}

/** Matches a sticky pattern at the current position and moves behind it. */
export function take(scanner: Scanner, pattern: RegExp): RegExpExecArray | null {
  const match = look(scanner, pattern);
  if (match) scanner.position += match[0].length;
  return match;
}

/** Matches a sticky pattern at the current position and moves behind it, where its text does not matter. */
export function skip(scanner: Scanner, pattern: RegExp): boolean {
  pattern.lastIndex = scanner.position;
  if (!pattern.test(scanner.text)) return false;
  scanner.position = pattern.lastIndex;
  return true;
}

/** Moves over white space and comments. */
export function skipTrivia(scanner: Scanner): void {
  const { text } = scanner;
  for (;;) {
    while (isSpace(text.charCodeAt(scanner.position))) scanner.position++;
    const start = scanner.position;
    if (text[start] === "#") {
      const newline = text.indexOf("\n", start);
      scanner.position = newline === -1 ? text.length : newline;
      noteComment(scanner, start, "line");
    } else if (text.startsWith("/*", start)) {
      const close = text.indexOf("*/", start + 2);
      scanner.position = close === -1 ? text.length : close + 2;
      if (close === -1) noteUnfinished(scanner, start);
      noteComment(scanner, start, "block");
    } else return;
  }
}

function noteComment(scanner: Scanner, start: number, form: Comment["form"]): void {
  scanner.comments.push({ range: rangeFrom(scanner, start), form });
}

/**
 * Notes that the current top-level statement, or what begins at `start`, lacks its end. The first counts: a comment may
 * be open within a statement that then is open as well.
 */
export function noteUnfinished(scanner: Scanner, start = scanner.statementStart): void {
  scanner.unfinished = Math.min(scanner.unfinished ?? start, start);
}

/** The range in the file from logical position `start` to the current one, line ends at its end left out. */
export function rangeFrom(scanner: Scanner, start: number): SourceRange {
  let end = scanner.position;
  while (end > start && scanner.text[end - 1] === "\n") end--;
  return sourceRange(scanner.logical, start, end);
}

/** Only blanks stand before the current position on its logical line. */
export function atLineStart(scanner: Scanner): boolean {
  let at = scanner.position - 1;
  while (at >= 0 && (scanner.text[at] === " " || scanner.text[at] === "\t")) at--;
  return at < 0 || scanner.text[at] === "\n";
}

const parameterName = /[a-z][a-z0-9_.]*/iy;
const quoted = /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|`([^`\\]*(?:\\[\s\S][^`\\]*)*)`/y;

/**
 * Reads `name="value" …)` from behind an object's opening parenthesis to behind its closing one. What is
 * neither is passed over. Undefined when there is no closing parenthesis.
 */
export function takeParameters(scanner: Scanner): Parameter[] | undefined {
  const parameters: Parameter[] = [];
  for (;;) {
    skipTrivia(scanner);
    if (scanner.position >= scanner.text.length) {
      noteUnfinished(scanner);
      return undefined;
    }
    const start = scanner.position;
    const name = take(scanner, parameterName);
    if (!name) {
      if (take(scanner, quoted)) continue;
      const next = scanner.text[scanner.position++];
      if (next === ")") return parameters;
      // A string without its end takes everything behind it, parentheses too.
      if (next === '"' || next === "`") {
        noteUnfinished(scanner);
        return undefined;
      }
      continue;
    }
    skipTrivia(scanner);
    if (scanner.text[scanner.position] !== "=") continue;
    scanner.position++;
    skipTrivia(scanner);
    const value = takeValue(scanner);
    if (value === undefined) continue;
    const parameter: Parameter = { name: name[0].toLowerCase(), value, range: rangeFrom(scanner, start) };
    if (scanner.text[scanner.position - 1] === "`") parameter.fromEnvironment = true;
    parameters.push(parameter);
  }
}

function takeValue(scanner: Scanner): string | string[] | undefined {
  const string = take(scanner, quoted);
  if (string) return resolveEscapes(string[1] ?? string[2] ?? "");
  if (scanner.text[scanner.position] !== "[") return undefined;
  scanner.position++;
  const elements: string[] = [];
  for (;;) {
    skipTrivia(scanner);
    const element = take(scanner, quoted);
    if (element) elements.push(resolveEscapes(element[1] ?? element[2] ?? ""));
    else if (scanner.text[scanner.position] === ",") scanner.position++;
    else break;
  }
  if (scanner.text[scanner.position] === "]") scanner.position++;
  return elements;
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", a: "\x07" };

/** Resolves the escapes of a RainerScript string. */
function resolveEscapes(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:x([0-9a-f]{2})|([0-7]{3})|([\s\S]))/gi,
    (_, hexadecimal: string | undefined, octal: string | undefined, character: string | undefined) => {
      if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return escapes[character as string] ?? (character as string);
    },
  );
}

const expressionToken =
  /\$[$!./]?[@a-z_]*[!@a-z0-9\-_.[\]]*|'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|`[^`\\]*(?:\\[\s\S][^`\\]*)*`|[a-z][a-z0-9_]*|[0-9]+|[\s\S]/iy;

/**
 * Reads an expression up to and including one of `ends` (`then`, `do`, `;`). Returns the expression as it
 * stands, or undefined, with the position unchanged, when no such end follows.
 */
export function takeExpression(scanner: Scanner, ends: readonly string[]): string | undefined {
  const start = scanner.position;
  const passed = scanner.comments.length;
  for (;;) {
    skipTrivia(scanner);
    const before = scanner.position;
    if (!skip(scanner, expressionToken)) {
      noteUnfinished(scanner);
      scanner.position = start;
      scanner.comments.length = passed;
      return undefined;
    }
    const length = scanner.position - before;
    const ended = ends.some(
      (end) => end.length === length && scanner.text.slice(before, scanner.position).toLowerCase() === end,
    );
    if (ended) return scanner.text.slice(start, before).trim();
  }
}

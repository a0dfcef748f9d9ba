import { errorData, type LfceErrorData, type Position } from "../../../core/errors.ts";

/** What a store rule's file may hold between braces. */
export type FileToken = "host" | "address" | "hostname" | "date" | "year" | "month" | "day" | "program";

/** One piece of a file pattern: text that stays as it is, or a token. */
export type FilePiece = { literal: string } | { token: FileToken };

/** What is known of one sender when its rule is written; what is unknown is left to the daemon. */
export interface KnownTokens {
  host?: string;
  address?: string;
}

/** A file pattern for one sender: one name for ever, or pieces that the daemon fills in for every message. */
export type ResolvedFile = { kind: "static"; path: string } | { kind: "dynamic"; pieces: FilePiece[] };

const tokens: readonly FileToken[] = [
  "host",
  "address",
  "hostname",
  "date",
  "year",
  "month",
  "day",
  "program",
];
const dateTokens: readonly FileToken[] = ["date", "year", "month", "day"];
/** The longest name that Linux takes (PATH_MAX with its final NUL, less what the tokens may need). */
const longestPattern = 3000;

/**
 * Splits a file pattern at its tokens. An error when it is not a path that lfce writes into configuration
 * files without quoting: the characters are limited so that neither rsyslog nor logrotate nor a shell could
 * take any of them for its own.
 */
export function parseFilePattern(
  file: string,
  at?: Position,
): { pieces: FilePiece[] } | { error: LfceErrorData } {
  const refuse = (message: string, hint: string) => ({
    error: errorData("store-file-invalid", `${message}: ${file}`, hint, at),
  });
  const unsafe = /[^A-Za-z0-9._/+@:{}-]/.exec(file);
  if (unsafe)
    return refuse(
      `the character ${JSON.stringify(unsafe[0])} cannot stand in a log file's name`,
      "use letters, digits and . _ / + @ : -",
    );
  if (!file.startsWith("/")) return refuse("a log file needs an absolute path", "begin it with /");
  if (file.endsWith("/"))
    return refuse("a log file's path ends in a directory", "name a file, such as {host}.log");
  if (file.length > longestPattern) return refuse("a log file's path is too long", "shorten it");
  if (file.split("/").some((name) => name === ".." || name === "."))
    return refuse("a log file's path must not hold . or ..", "write the path without them");
  if (/^\/+(dev|proc|sys)\//.test(file))
    return refuse("what lies there is no file of messages", "name a file below /var/log");
  const pieces: FilePiece[] = [];
  for (const part of file.split(/(\{[^{}]*\})/)) {
    if (part === "") continue;
    const name = /^\{(.*)\}$/.exec(part)?.[1];
    if (name === undefined) {
      if (/[{}]/.test(part)) return refuse("a brace without its partner", "write tokens as {host}");
      pieces.push({ literal: part });
    } else if (tokens.some((token) => token === name)) pieces.push({ token: name as FileToken });
    else
      return refuse(`no such token: {${name}}`, `the tokens are ${tokens.map((t) => `{${t}}`).join(", ")}`);
  }
  return { pieces };
}

/** Puts what is known of a sender into the pieces and joins neighbouring text. */
export function resolveFile(pieces: readonly FilePiece[], known: KnownTokens): ResolvedFile {
  const joined: FilePiece[] = [];
  for (const piece of pieces) {
    const literal = "literal" in piece ? piece.literal : knownText(piece.token, known);
    const last = joined.at(-1);
    if (literal === undefined) joined.push(piece);
    else if (last && "literal" in last) joined[joined.length - 1] = { literal: last.literal + literal };
    else joined.push({ literal });
  }
  const [only] = joined;
  return joined.length === 1 && only && "literal" in only
    ? { kind: "static", path: only.literal }
    : { kind: "dynamic", pieces: joined };
}

function knownText(token: FileToken, known: KnownTokens): string | undefined {
  return token === "host" ? known.host : token === "address" ? known.address : undefined;
}

/** True when a pattern makes a new file every day (or month, or year). */
export function isDated(pieces: readonly FilePiece[]): boolean {
  return pieces.some((piece) => "token" in piece && dateTokens.includes(piece.token));
}

/** True when a pattern holds this token. */
export function hasToken(pieces: readonly FilePiece[], token: FileToken): boolean {
  return pieces.some((piece) => "token" in piece && piece.token === token);
}

/** The directory above the first name that a token takes part in: it can exist before any message came. */
export function fixedDirectory(pieces: readonly FilePiece[]): string {
  const [first] = pieces;
  const literal = first && "literal" in first ? first.literal : "/";
  return literal.slice(0, Math.max(literal.lastIndexOf("/"), 1));
}

const strftime: Partial<Record<FileToken, string>> = {
  date: "%Y-%m-%d",
  year: "%Y",
  month: "%m",
  day: "%d",
};

/**
 * The file in which a sender's message is expected, its date as the strftime tokens %Y %m %d for the server
 * to fill in. Undefined when it depends on something that nobody knows beforehand.
 */
export function expectedPath(
  file: string,
  known: KnownTokens & { hostname?: string; program?: string },
): string | undefined {
  const parsed = parseFilePattern(file);
  if ("error" in parsed) return undefined;
  let path = "";
  for (const piece of parsed.pieces) {
    const text =
      "literal" in piece
        ? piece.literal
        : (strftime[piece.token] ??
          (piece.token === "hostname"
            ? known.hostname
            : piece.token === "program"
              ? known.program
              : knownText(piece.token, known)));
    if (text === undefined || text === "") return undefined;
    path += text;
  }
  return path;
}

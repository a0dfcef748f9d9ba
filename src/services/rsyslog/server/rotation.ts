import { errorData, type LfceErrorData } from "../../../core/errors.ts";
import type { DesiredRotation, DesiredStoreRule } from "../desired.ts";
import { type FilePiece, type FileToken, isDated, resolveFile } from "./file-tokens.ts";
import { patternIndex } from "./pattern-index.ts";
import { serverFileHeader } from "./store-render.ts";
import type { StoreRule } from "./store-rules.ts";

/** Where the logrotate file of the role is. */
export const rotationPath = "/etc/logrotate.d/lfce-syslog-server";

/** One entry of the logrotate file: files that are treated alike. */
export interface RotationEntry {
  /** Paths and glob patterns. */
  patterns: string[];
  /** A new name every day: nothing to rename, only to compress and delete. */
  dated: boolean;
  keepDays: number;
  compress: boolean;
}

const digits = (count: number) => "[0-9]".repeat(count);
const globs: Record<FileToken, string> = {
  host: "*",
  address: "*",
  hostname: "*",
  program: "*",
  year: digits(4),
  month: digits(2),
  day: digits(2),
  date: `${digits(4)}-${digits(2)}-${digits(2)}`,
};

/** The glob pattern for all files that these pieces can mean. */
export function globOf(pieces: readonly FilePiece[]): string {
  return pieces.map((piece) => ("literal" in piece ? piece.literal : globs[piece.token])).join("");
}

/** A rule's patterns: one for each sender where the name is known beforehand, otherwise a wildcard. */
function patternsOf(rule: StoreRule): string[] {
  const hosts = new Set([...rule.exact.values()].filter((host) => host !== undefined));
  const named = rule.pieces.some((piece) => "token" in piece && piece.token === "host");
  const variants = named ? [...hosts].map((host) => ({ host })) : [{}];
  return variants.map((known) => {
    const file = resolveFile(rule.pieces, known);
    return file.kind === "static" ? file.path : globOf(file.pieces);
  });
}

/**
 * The entries for all rules with `rotate`. A pattern that another one covers is left out, because logrotate
 * drops a whole entry when a file is in two; where neither covers the other, or the two are to be kept
 * differently, that is an error.
 */
export function rotationEntries(rules: readonly StoreRule[]): {
  entries: RotationEntry[];
  errors: LfceErrorData[];
} {
  const errors: LfceErrorData[] = [];
  const wanted: { pattern: string; rule: DesiredStoreRule; rotate: DesiredRotation; dated: boolean }[] = [];
  for (const rule of rules) {
    const { rotate } = rule.declared;
    if (!rotate) continue;
    for (const pattern of patternsOf(rule)) {
      if (pattern.endsWith("*")) {
        errors.push(endingError(rule.declared));
        break;
      }
      wanted.push({ pattern, rule: rule.declared, rotate, dated: isDated(rule.pieces) });
    }
  }
  const kept = new Set<(typeof wanted)[number]>();
  const index = patternIndex<(typeof wanted)[number]>();
  for (const one of wanted) {
    const meeting = index.candidates(one.pattern).filter((other) => meet(other.pattern, one.pattern));
    const different = meeting.find(
      (other) =>
        other.rotate.keepDays !== one.rotate.keepDays ||
        other.rotate.compress !== one.rotate.compress ||
        other.dated !== one.dated ||
        !(covers(other.pattern, one.pattern) || covers(one.pattern, other.pattern)),
    );
    if (different) errors.push(overlapError(one.rule, different.rule));
    if (different || meeting.some((other) => covers(other.pattern, one.pattern))) continue;
    for (const other of meeting) {
      kept.delete(other);
      index.remove(other, other.pattern);
    }
    kept.add(one);
    index.add(one, one.pattern);
  }
  const entries = new Map<string, RotationEntry>();
  for (const { pattern, rotate, dated } of kept) {
    const key = JSON.stringify([dated, rotate.keepDays, rotate.compress]);
    const entry = entries.get(key) ?? { patterns: [], dated, ...rotate };
    entry.patterns.push(pattern);
    entries.set(key, entry);
  }
  for (const entry of entries.values()) entry.patterns.sort();
  return { entries: [...entries.values()], errors };
}

/** Whether every path that `pattern` matches is matched by `glob` too. */
function covers(glob: string, pattern: string): boolean {
  const source = piecesOf(glob)
    .map((piece) => (piece === "*" ? "[^/]*" : piece === "[0-9]" ? "[0-9%]" : piece.replace(/[.+]/, "\\$&")))
    .join("");
  // ~ and % stand in no path of a playbook; here they stand for any text and any digit.
  return new RegExp(`^${source}$`).test(pattern.replaceAll("[0-9]", "%").replaceAll("*", "~"));
}

/** Whether a file can exist whose path both patterns match. */
function meet(one: string, other: string): boolean {
  const [left, right] = [piecesOf(one), piecesOf(other)];
  const seen = new Set<number>();
  const from = (i: number, j: number): boolean => {
    const key = i * (right.length + 1) + j;
    if (seen.has(key)) return false;
    seen.add(key);
    const [a, b] = [left[i], right[j]];
    if (a === undefined && b === undefined) return true;
    if (a === "*" && (from(i + 1, j) || (b !== undefined && b !== "/" && from(i, j + 1)))) return true;
    if (b === "*" && (from(i, j + 1) || (a !== undefined && a !== "/" && from(i + 1, j)))) return true;
    if (a === undefined || b === undefined || a === "*" || b === "*") return false;
    const same = a === b || (a === "[0-9]" && /^\d$/.test(b)) || (b === "[0-9]" && /^\d$/.test(a));
    return same && from(i + 1, j + 1);
  };
  return from(0, 0);
}

/** The characters of a pattern, a digit of any kind being one. */
function piecesOf(pattern: string): string[] {
  return pattern.match(/\[0-9\]|./gs) ?? [];
}

function endingError(rule: DesiredStoreRule): LfceErrorData {
  return errorData(
    "rotation-without-ending",
    `${rule.file} cannot be rotated: its rotated files would look like log files themselves`,
    "give the name an ending after the last token, such as .log",
    rule.at,
  );
}

function overlapError(rule: DesiredStoreRule, other: DesiredStoreRule): LfceErrorData {
  return errorData(
    "rotation-overlap",
    `${rule.file} and ${other.file} can mean the same file, which logrotate takes from one rule only`,
    "give names that cannot be equal, or the same rotate where one of the two names covers the other",
    rule.at,
  );
}

/**
 * The logrotate file. Files with one name are renamed every day and `keepDays` of them are kept. A dated file
 * has its name for ever: once nothing was written to it for a day it is compressed, and after `keepDays` days
 * deleted. logrotate only finds such files (`copy` and `rotate 0` leave them as they are), and find(1) looks
 * at their age again, because `logrotate -f` forgets about `minage`. `reopen` makes rsyslogd let go of them.
 */
export function renderRotation(
  entries: readonly RotationEntry[],
  playbook: string,
  reopen: string,
): string | undefined {
  if (entries.length === 0) return undefined;
  const blocks = entries.flatMap((entry) => {
    const { patterns, keepDays } = entry;
    if (!entry.dated) return [block(patterns, renamed(entry, reopen))];
    const expire = `find "$1" -mtime +${keepDays - 1} -delete`;
    if (!entry.compress) return [block(patterns, aged(keepDays, expire, reopen))];
    const compressed = patterns.map((pattern) => `${pattern}.gz`);
    return [
      block(patterns, aged(1, `${expire} -o -mtime +0 -exec gzip '{}' ';'`, reopen)),
      block(compressed, aged(keepDays, expire, undefined)),
    ];
  });
  return serverFileHeader(playbook) + blocks.join("");
}

function renamed({ keepDays, compress }: RotationEntry, reopen: string): string[] {
  return [
    "daily",
    `rotate ${keepDays}`,
    `maxage ${keepDays}`,
    "missingok",
    "notifempty",
    ...(compress ? ["compress", "delaycompress"] : ["nocompress"]),
    "create",
    "sharedscripts",
    ...script("postrotate", reopen),
  ];
}

/** Settings that leave a file alone and run `command` with its path as "$1" once it is `days` old. */
function aged(days: number, command: string, reopen: string | undefined): string[] {
  return [
    "daily",
    `minage ${days}`,
    "copy",
    "rotate 0",
    "nodateext",
    "nocompress",
    "missingok",
    "ifempty",
    "nosharedscripts",
    ...script("postrotate", command),
    ...(reopen === undefined ? [] : script("lastaction", reopen)),
  ];
}

function script(name: string, command: string): string[] {
  return [name, `    ${command}`, "endscript"];
}

function block(patterns: readonly string[], settings: readonly string[]): string {
  const lines = ["nomail", "noolddir", ...settings].map((line) => `    ${line}\n`);
  return `${patterns.map((pattern) => `"${pattern}"\n`).join("")}{\n${lines.join("")}}\n`;
}

/** What makes rsyslogd close its files and open them anew (HUP), as each family's own logrotate file does it. */
export function reopenCommand(family: string, unit: string): string {
  return family === "debian"
    ? "/usr/lib/rsyslog/rsyslog-rotate"
    : `/usr/bin/systemctl kill -s HUP ${unit}.service >/dev/null 2>&1 || true`;
}

import { posix } from "node:path";
import { type ByteText, decodedText } from "../core/byte-text.ts";

/** What one line of a daemon's file includes. */
export interface Include {
  /** As written, which is how plans ask for what it matched (`ObservedHost.globs`). */
  key: string;
  /** Absolute: daemons work in /, where relative names start. A path, or with `*`, `?` or `[` more than one. */
  pattern: ByteText;
}

const MAY_INCLUDE = /include|confdir|sourcedir/i;

/**
 * What a file of chrony or rsyslog includes, in the order of its lines. Lines that lfce switched off count, because
 * switching them on again must be planned for.
 */
export function includesOf(service: "chrony" | "rsyslog", content: ByteText): Include[] {
  return writtenIncludes(service, content).filter(({ pattern }) => !isOfKernel(pattern));
}

/**
 * Whether a path or pattern lies below /proc or /sys. What is there is no configuration: reading it may never end
 * (/proc/kmsg), and `/proc/self/` divides the host's answer.
 */
export function isOfKernel(pattern: ByteText): boolean {
  return /^\/+(proc|sys)(\/|$)/.test(posix.normalize(pattern));
}

function writtenIncludes(service: "chrony" | "rsyslog", content: ByteText): Include[] {
  if (!MAY_INCLUDE.test(content)) return [];
  const lines = content
    .split("\n")
    .filter((line) => MAY_INCLUDE.test(line))
    .map((line) => line.replaceAll("\0", "").replace(/^#lfce# /, ""));
  if (service === "chrony") return lines.flatMap(chronyLine);
  const found = lines.map(rsyslogLine);
  const onOneLine = found.flatMap((includes) => includes ?? []);
  return found.includes(undefined) ? [...onOneLine, ...includeObjects(content)] : onOneLine;
}

/** chrony.conf(5): include, and confdir and sourcedir of several directories. */
function chronyLine(line: ByteText): Include[] {
  const [directive = "", ...words] = wordsOf(line);
  const name = directive.toLowerCase();
  if (name === "include") return words.slice(0, 1).map((word) => fromRoot(word));
  if (name !== "confdir" && name !== "sourcedir") return [];
  const ending = name === "confdir" ? "conf" : "sources";
  return words.map((directory) => fromRoot(`${withoutSlashes(directory)}/*.${ending}`));
}

/**
 * `$IncludeConfig`, and an include() that stands on one line. Undefined for a line that may belong to any other
 * include().
 */
function rsyslogLine(line: ByteText): Include[] | undefined {
  const [directive = "#", argument = ""] = wordsOf(line);
  if (/^\$includeconfig$/i.test(directive)) return directoryOrPattern(argument);
  if (/^[#$]/.test(directive)) return [];
  const parts = line.split(/include/i);
  if (parts.length === 1) return [];
  const file = parts.length === 2 ? /^\(file="([^"]*)"[^)]*\)/i.exec(parts[1] as string)?.[1] : undefined;
  return file === undefined ? undefined : directoryOrPattern(file);
}

/** Every include() of a file. It may span lines; comments in between are taken out first. */
function includeObjects(content: ByteText): Include[] {
  const text = content
    .split("\n")
    .map((line) => line.replace(/^#lfce# /, "").replace(/^[ \t]*#.*/, ""))
    .join(" ")
    .replace(/[\r\t\0]/g, " ");
  const found: Include[] = [];
  const opening = /include *\(/gi;
  while (opening.exec(text)) {
    const end = text.indexOf(")", opening.lastIndex);
    if (end === -1) break;
    const file = lastFile(text.slice(opening.lastIndex - 1, end));
    if (file !== undefined) found.push(...directoryOrPattern(file));
    opening.lastIndex = end;
  }
  return found;
}

/** The value of the last `file` of an object. Values are looked ahead at, so each is read once however many there are. */
function lastFile(object: ByteText): ByteText | undefined {
  let file: ByteText | undefined;
  for (const match of object.matchAll(/[( ,]file *= *"(?=([^"]*)")/gi)) file = match[1];
  return file;
}

/** Without the slashes at its end. An expression would try every slash of a host's line as the first of the last ones. */
function withoutSlashes(directory: ByteText): ByteText {
  let end = directory.length;
  while (directory[end - 1] === "/") end -= 1;
  return directory.slice(0, end);
}

/** A directory (with its slash) means every file in it. */
function directoryOrPattern(written: ByteText): Include[] {
  if (written === "") return [];
  return [
    written.endsWith("/") ? { ...fromRoot(`${written}*`), key: decodedText(written) } : fromRoot(written),
  ];
}

function fromRoot(written: ByteText): Include {
  return { key: decodedText(written), pattern: written.startsWith("/") ? written : `/${written}` };
}

function wordsOf(line: ByteText): ByteText[] {
  return line.split(/[ \t\r]+/).filter((word) => word !== "");
}

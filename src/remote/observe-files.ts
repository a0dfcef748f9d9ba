import type { ByteText } from "../core/byte-text.ts";
import { decodedText, displayText } from "../core/byte-text.ts";
import { checksumOf } from "../core/checksum.ts";
import { LfceError } from "../core/errors.ts";
import type { ObservedFile, ObservedHost } from "../core/observed.ts";
import type { Frame } from "./frames.ts";
import { setOwn } from "./own-property.ts";

/** As in observe-files.sh; said again because a host may not keep to it. */
const LARGEST_FILE = 1024 * 1024;

/** What scripts/observe-files.sh printed: files for the plan, and others that say something of the host. */
export interface FileFrames extends Pick<ObservedHost, "files" | "globs"> {
  lists: Record<string, string[]>;
  /** Path → content of files that were read for other ends than the plan's: records, the kernel's tables. */
  records: Map<string, ByteText>;
  /** The host's clock (seconds since the epoch) and the user of the scripts, if it told. */
  self?: { now: number; uid: number };
  /** Path → modification time, digit by digit as the host printed it. */
  times: Map<string, string>;
  /** The metadata of what systemd's answer hangs on, as the host printed them; no part of the plan's files. */
  stamp: ByteText[];
}

/** The divider of the list of files, once before those without content and once before the stamp. */
const SELF = "/proc/self/";

/**
 * Reads what scripts/observe-files.sh and observe-paths.sh printed. Throws an LfceError: file-too-large, or
 * `file-changed` when a file was written while it was read (ask again), or garbled-output.
 */
export function observedFiles(frames: readonly Frame[]): FileFrames {
  const files: Record<string, ObservedFile> = {};
  const globs: Record<string, string[]> = {};
  const lists: Record<string, string[]> = {};
  const times = new Map<string, string>();
  const contents: ByteText[] = [];
  const links = new Map<string, string>();
  const unwritable = new Set<string>();
  const recordPaths = new Set<string>();
  const stamp: ByteText[] = [];
  let dividers = 0;
  let self: FileFrames["self"];
  let bytes: ByteText = "";
  let link = "";
  let found: string[] = [];
  for (const { key, value } of frames) {
    if (key === "glob" || key === "list") {
      found = [];
      const kept = key === "glob" ? globs : lists;
      if (!Object.hasOwn(kept, decodedText(value))) setOwn(kept, decodedText(value), found);
    } else if (key === "match" || key === "listed") found.push(decodedText(value));
    else if (key === "missing")
      setOwn(files, decodedText(value), { path: decodedText(value), kind: "missing" });
    else if (key === "link") {
      link = decodedText(value);
      links.set(link, "");
      setOwn(files, link, { path: link, kind: "symlink" });
    } else if (key === "target") links.set(link, decodedText(value));
    else if (key === "stat" && dividers === 2) stamp.push(value);
    else if (key === "stat") {
      const { file, uid, mtime } = parseStat(value);
      if (file.path === SELF) {
        dividers += 1;
        self ??= { now: Number(mtime), uid };
      } else setOwn(files, file.path, links.has(file.path) ? { ...file, kind: "symlink" } : file);
      times.set(file.path, mtime);
    } else if (key === "content") contents.push(value);
    else if (key === "contents") bytes = value;
    else if (key === "unwritable") unwritable.add(decodedText(value));
    else if (key === "restart-file" || key === "os-release-file") recordPaths.add(decodedText(value));
    else if (key === "too-large" || key === "too-much") throw tooLarge(key, value);
  }
  for (const [path, target] of links) if (files[path]) files[path].target = target;
  const rest = addContents(files, contents, bytes);
  if (self?.uid === 0) {
    for (const path of unwritable)
      if (Object.hasOwn(files, path)) (files[path] as ObservedFile).writable = false;
  }
  const records = new Map(kernelFiles(rest));
  for (const path of recordPaths) {
    records.set(path, files[path]?.content ?? "");
    delete files[path];
  }
  return { files, globs, lists, records, times, stamp, ...(self ? { self } : {}) };
}

/** `SIZE:MODE:LINKS:MTIME:CTIME:UID:OWNER:GROUP:PATH`, the mode in hexadecimal with its type bits (stat(1), %f). */
export function parseStat(line: string): { file: ObservedFile; uid: number; mtime: string } {
  const match = /^(\d+):([0-9a-f]+):(\d+):([\d.]+):([\d.]+):(\d+):([^:]*):([^:]*):(.+)$/s.exec(line);
  if (!match) throw garbled(`a file's metadata read ${JSON.stringify(displayText(line).slice(0, 100))}`);
  const [, size, hexMode, links, mtime, ctime, uid, owner, group, path] = match as unknown as string[];
  const mode = Number.parseInt(hexMode as string, 16);
  const kinds: Record<number, ObservedFile["kind"]> = { 32768: "file", 16384: "directory" };
  const kind = kinds[mode & 0xf000] ?? "other";
  const file: ObservedFile = {
    path: decodedText(path as string),
    kind,
    mode: (mode & 0o7777).toString(8).padStart(4, "0"),
    owner: decodedText(owner as string),
    group: decodedText(group as string),
    mtime: Number(mtime),
    ctime: Number(ctime),
    links: Number(links),
    ...(kind === "file" ? { size: Number(size) } : {}),
  };
  return { file, uid: Number(uid), mtime: mtime as string };
}

/**
 * Cuts what `head -v` printed: of each file a line with its name, then as many bytes as its metadata say. A name that
 * does not stand where it must shows that a file was written meanwhile. Returns what follows the last of them.
 */
function addContents(
  files: Record<string, ObservedFile>,
  paths: readonly ByteText[],
  bytes: ByteText,
): ByteText {
  let offset = 0;
  for (const [index, name] of paths.entries()) {
    const path = decodedText(name);
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file?.size === undefined) throw garbled(`content of ${JSON.stringify(path)} without its metadata`);
    if (file.size > LARGEST_FILE) throw tooLarge("too-large", path);
    const title = `${index === 0 ? "" : "\n"}==> ${name} <==\n`;
    const start = offset + title.length;
    offset = start + file.size;
    if (!bytes.startsWith(title, start - title.length) || offset > bytes.length) throw changed(path);
    file.content = bytes.slice(start, offset);
    file.sha256 = checksumOf(file.content);
  }
  if (paths.length > 0 && offset < bytes.length && !bytes.startsWith("\n==> /proc/", offset)) {
    throw changed(decodedText(paths.at(-1) ?? ""));
  }
  return bytes.slice(offset);
}

/** What the kernel tells by files; nothing in them looks like the line with a name: those of processes are too short. */
function kernelFiles(printed: ByteText): [path: string, content: ByteText][] {
  const parts = printed.split(/(?:^|\n)==> (\/proc\/[a-z0-9_/]+) <==\n/);
  return parts.flatMap((part, index): [string, ByteText][] =>
    index % 2 === 1 ? [[part, parts[index + 1] ?? ""]] : [],
  );
}

export function changed(path: string): LfceError {
  return new LfceError({
    code: "file-changed",
    message: `${JSON.stringify(path)}, or a file beside it, was written while it was read`,
    hint: "run again when nothing else works on the host's configuration",
  });
}

function tooLarge(key: string, value: string): LfceError {
  return new LfceError({
    code: "file-too-large",
    message:
      key === "too-large"
        ? `${displayText(value)} is larger than 1 MiB: that is no configuration file`
        : `the configuration files of the host hold ${displayText(value)} bytes in all; lfce reads at most 12 MiB`,
    hint: "move it out of the include directories, or correct the include that matches it",
  });
}

export function garbled(what: string): LfceError {
  return new LfceError({
    code: "garbled-output",
    message: `the host's answer cannot be read: ${what}`,
    hint: "run again with --debug",
  });
}

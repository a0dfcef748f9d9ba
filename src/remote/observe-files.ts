import { createHash } from "node:crypto";
import type { ByteText } from "../core/byte-text.ts";
import { displayText, fromBytes, toBytes } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import type { ObservedFile, ObservedHost } from "../core/observed.ts";
import type { Frame } from "./frames.ts";
import { setOwn } from "./own-property.ts";

/** As in observe-files.sh; said again because a host may not keep to it. */
const LARGEST_FILE = 1024 * 1024;

/**
 * Reads what scripts/observe-files.sh and observe-include.sh printed. Throws an LfceError: file-too-large, or
 * `file-changed` when a file was written while it was read (ask again), or garbled-output.
 */
export function observedFiles(frames: readonly Frame[]): Pick<ObservedHost, "files" | "globs"> {
  const files: Record<string, ObservedFile> = {};
  const globs: Record<string, string[]> = {};
  const sizes = new Map<string, number>();
  const contents: string[] = [];
  const links = new Map<string, string>();
  let checksums = "";
  let bytes: Buffer = Buffer.alloc(0);
  let link = "";
  let glob: string[] = [];
  for (const { key, value } of frames) {
    if (key === "glob") {
      glob = [];
      if (!Object.hasOwn(globs, text(value))) setOwn(globs, text(value), glob);
    } else if (key === "match") glob.push(text(value));
    else if (key === "missing") setOwn(files, text(value), { path: text(value), kind: "missing" });
    else if (key === "link") {
      link = text(value);
      links.set(link, "");
      setOwn(files, link, { path: link, kind: "symlink" });
    } else if (key === "target") links.set(link, text(value));
    else if (key === "stat") {
      const { size, file } = parseStat(value);
      setOwn(files, file.path, links.has(file.path) ? { ...file, kind: "symlink" } : file);
      sizes.set(file.path, size);
    } else if (key === "content") contents.push(text(value));
    else if (key === "checksums") checksums = value;
    else if (key === "bytes") bytes = Buffer.from(value, "base64");
    else if (key === "too-large" || key === "too-much") throw tooLarge(key, value);
  }
  for (const [path, target] of links) if (files[path]) files[path].target = target;
  addContents(files, contents, sizes, checksums, bytes);
  return { files, globs };
}

/** Paths are UTF-8 text in lfce; bytes that are not show as U+FFFD and are never written back. */
function text(value: ByteText): string {
  return toBytes(value).toString("utf8");
}

/** `SIZE:MODE:LINKS:MTIME:CTIME:OWNER:GROUP:PATH`, the mode in hexadecimal with its type bits (stat(1), %f). */
function parseStat(line: string): { size: number; file: ObservedFile } {
  const match = /^(\d+):([0-9a-f]+):(\d+):([\d.]+):([\d.]+):([^:]*):([^:]*):(.+)$/s.exec(line);
  if (!match) throw garbled(`a file's metadata read ${JSON.stringify(displayText(line).slice(0, 100))}`);
  const [, size, hexMode, links, mtime, ctime, owner, group, path] = match as unknown as string[];
  const mode = Number.parseInt(hexMode as string, 16);
  const kinds: Record<number, ObservedFile["kind"]> = { 32768: "file", 16384: "directory" };
  const file: ObservedFile = {
    path: text(path as string),
    kind: kinds[mode & 0xf000] ?? "other",
    mode: (mode & 0o7777).toString(8).padStart(4, "0"),
    owner: text(owner as string),
    group: text(group as string),
    mtime: Number(mtime),
    ctime: Number(ctime),
    links: Number(links),
  };
  return { size: Number(size), file };
}

/** Cuts the bytes of all files by their sizes; the host's own checksums prove that the cuts are right. */
function addContents(
  files: Record<string, ObservedFile>,
  paths: readonly string[],
  sizes: ReadonlyMap<string, number>,
  checksums: string,
  bytes: Buffer,
): void {
  const sums = checksums.split("\n").map((line) => /^\\?([0-9a-f]{64}) /.exec(line)?.[1]);
  let offset = 0;
  for (const [index, path] of paths.entries()) {
    const file = files[path];
    const size = sizes.get(path);
    if (!file || size === undefined) throw garbled(`content of ${JSON.stringify(path)} without its metadata`);
    if (size > LARGEST_FILE) throw tooLarge("too-large", path);
    const content = bytes.subarray(offset, offset + size);
    offset += size;
    const sha256 = createHash("sha256").update(content).digest("hex");
    if (sha256 !== sums[index]) throw changed(path);
    file.sha256 = sha256;
    file.content = fromBytes(content);
  }
  if (offset !== bytes.length) throw changed(paths.at(-1) ?? "");
}

function changed(path: string): LfceError {
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

import { randomBytes, randomUUID } from "node:crypto";
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  open,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { LfceError } from "../../../core/errors.ts";
import { hashName } from "./hashed-names.ts";
import type { KnownHostLine } from "./known-hosts.ts";
import { keyTypeOf, knownHostsName, parseKnownHosts } from "./known-hosts.ts";
import { indexKnownHosts, type KnownHosts } from "./known-hosts-read.ts";

/** A key to write down for a host. */
export interface NewHostKey {
  host: string;
  port: number;
  key: Buffer;
}

/** Line ends in a file that was as long as `size`; for many additions in a row. */
const seen = new Map<string, { size: number; lineEnds: number; cut: boolean }>();

/**
 * Adds a key to the end of a known_hosts file by one write, so that `ssh` may add to it at the same time; a file that
 * is not there is made with mode 0600, its directory with 0700. Resolves with the line that was written, or undefined
 * where `known` has the key by then. Rejects: known-hosts-not-writable.
 */
export function appendHostKey(
  file: string,
  entry: NewHostKey,
  hash: boolean,
  known: KnownHosts,
): Promise<KnownHostLine | undefined> {
  return changing(file, async (path) => {
    if (isOnRecord(known, entry)) return undefined;
    const state = await stateOf(path);
    const line = lineFor(file, entry, hash, state.lineEnds + (state.cut ? 2 : 1));
    const text = (state.cut ? "\n" : "") + textOf(line);
    await appendFile(path, text, { encoding: "latin1", mode: 0o600 });
    const size = state.size + text.length;
    seen.set(path, { size, lineEnds: state.lineEnds + (state.cut ? 2 : 1), cut: false });
    return line;
  });
}

/**
 * Adds keys to a known_hosts file by writing it anew and renaming it into place: a reader sees the old file or the new
 * one, whatever happens meanwhile. Keys that the file has are left out; mode and owner stay, and a symbolic link goes
 * on pointing where it did. Resolves with the lines that were added. Rejects: known-hosts-not-writable.
 */
export function replaceWithHostKeys(
  file: string,
  entries: readonly NewHostKey[],
  hash: boolean,
): Promise<KnownHostLine[]> {
  return changing(file, async (path) => {
    const before = await statIfThere(path);
    if (before && !before.isFile()) throw new Error("it is not a regular file");
    const text = before ? await readFile(path, "latin1") : "";
    const known = indexKnownHosts([file], parseKnownHosts(text, file));
    const cut = text !== "" && !text.endsWith("\n");
    const lineEnds = text.split("\n").length - (cut ? 0 : 1);
    const added: KnownHostLine[] = [];
    for (const entry of entries) {
      if (isOnRecord(known, entry)) continue;
      const line = lineFor(file, entry, hash, lineEnds + added.length + 1);
      added.push(line);
      known.add(line);
    }
    if (added.length === 0) return added;
    await putInPlace(path, text + (cut ? "\n" : "") + added.map(textOf).join(""), before);
    return added;
  });
}

async function putInPlace(
  path: string,
  text: string,
  before: { uid: number; gid: number; mode: number } | undefined,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text, "latin1");
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (before) {
      await chown(temporary, before.uid, before.gid);
      await chmod(temporary, before.mode & 0o777);
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const queues = new Map<string, Promise<unknown>>();

/** One change to a file at a time. */
async function changing<Result>(file: string, change: (path: string) => Promise<Result>): Promise<Result> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const path = await behindLinks(file);
    const turn = (queues.get(path) ?? Promise.resolve()).then(() => change(path));
    queues.set(
      path,
      turn.catch(() => {}),
    );
    return await turn;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LfceError(
      {
        code: "known-hosts-not-writable",
        message: `${file} cannot be written: ${code ?? message}`,
        hint: `look at its owner and mode: ls -ld ${dirname(file)} ${file}`,
      },
      { cause: error },
    );
  }
}

/** The file itself, also where a link points to one that is not there yet. */
async function behindLinks(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const target = await readlink(file).catch(() => undefined);
    return target === undefined ? file : resolve(dirname(file), target);
  }
}

async function stateOf(path: string): Promise<{ size: number; lineEnds: number; cut: boolean }> {
  const size = (await statIfThere(path))?.size ?? 0;
  const remembered = seen.get(path);
  if (remembered?.size === size) return remembered;
  const bytes = size === 0 ? Buffer.alloc(0) : await readFile(path);
  const lineEnds = bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0);
  return { size: bytes.length, lineEnds, cut: bytes.length > 0 && bytes.at(-1) !== 0x0a };
}

async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isOnRecord(known: KnownHosts, { host, port, key }: NewHostKey): boolean {
  return known
    .linesFor(knownHostsName(host, port))
    .some((line) => line.marker === undefined && line.key.equals(key));
}

function lineFor(file: string, { host, port, key }: NewHostKey, hash: boolean, line: number): KnownHostLine {
  const name = knownHostsName(host, port);
  const keyType = keyTypeOf(key);
  // A pattern or a list would speak of more hosts than this one; a blank would end the field.
  if (!/^[!-~]+$/.test(name) || /[,*?!|#]/.test(name) || name.startsWith("@")) {
    throw new Error(`${JSON.stringify(name)} cannot stand there as the name of one host`);
  }
  if (keyType === undefined || /[^!-~]/.test(keyType)) throw new Error("the key is malformed");
  return { file, line, names: hash ? hashName(name, randomBytes(20)) : name, keyType, key };
}

function textOf({ names, keyType, key }: KnownHostLine): string {
  return `${names} ${keyType} ${key.toString("base64")}\n`;
}

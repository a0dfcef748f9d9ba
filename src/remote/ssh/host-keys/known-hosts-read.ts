import { LfceError } from "../../../core/errors.ts";
import type { SshEnvironment } from "../environment.ts";
import { type HashedName, isHashOf, prepareName, readHashedName } from "./hashed-names.ts";
import type { KnownHostLine } from "./known-hosts.ts";
import { namesMatch, parseKnownHosts } from "./known-hosts.ts";

/** What is on record about host keys. */
export interface KnownHosts {
  /** The files that were looked into, whether they are there or not. */
  files: readonly string[];
  /** The lines that speak of a name (as `knownHostsName` spells it), in the order of the files. */
  linesFor(name: string): readonly KnownHostLine[];
  /** Takes up a line that was written in the meantime, if it is of one of the files. */
  add(line: KnownHostLine): void;
}

/** Lines ready to be asked: those of plain names are found without looking at the others. */
export function indexKnownHosts(files: readonly string[], lines: readonly KnownHostLine[]): KnownHosts {
  const order = new Map<KnownHostLine, number>();
  const byName = new Map<string, KnownHostLine[]>();
  const patterns: KnownHostLine[] = [];
  // A hashed name is one name's: found once, it need not be tried for others.
  const hashed: { line: KnownHostLine; is: HashedName; name?: string }[] = [];
  const answers = new Map<string, KnownHostLine[]>();
  const add = (line: KnownHostLine): void => {
    if (!files.includes(line.file)) return;
    order.set(line, order.size);
    answers.clear();
    if (line.names.startsWith("|")) {
      const is = readHashedName(line.names);
      if (is) hashed.push({ line, is });
    } else if (/[*?!]/.test(line.names)) patterns.push(line);
    else {
      for (const name of new Set(line.names.toLowerCase().split(","))) {
        const known = byName.get(name);
        if (known) known.push(line);
        else byName.set(name, [line]);
      }
    }
  };
  for (const line of lines) add(line);
  const place = (line: KnownHostLine): number => order.get(line) ?? 0;
  return {
    files,
    add,
    linesFor: (name) => {
      const answered = answers.get(name);
      if (answered) return answered;
      const prepared = prepareName(name);
      const found = [...(byName.get(name) ?? []), ...patterns.filter((line) => namesMatch(line.names, name))];
      for (const one of hashed) {
        if (one.name === undefined && isHashOf(one.is, prepared)) one.name = name;
        if (one.name === name) found.push(one.line);
      }
      found.sort((one, other) => place(one) - place(other));
      answers.set(name, found);
      return found;
    },
  };
}

/** Where known_hosts files are read from. */
type Files = Pick<SshEnvironment, "readFile">;

/** What has been read: a fleet asks for the same files once a host. As long as the environment lives, which is a run. */
const readBefore = new WeakMap<Files, Map<string, Promise<KnownHosts>>>();

/**
 * Reads known_hosts files in their order; one that is not there is empty. A line that is added to the result is added
 * to everything that was read from the same file in this environment. Rejects: known-hosts-unreadable.
 */
export function readKnownHosts(files: readonly string[], environment: Files): Promise<KnownHosts> {
  const memory = readBefore.get(environment) ?? new Map<string, Promise<KnownHosts>>();
  readBefore.set(environment, memory);
  const key = files.join("\0");
  const reading = memory.get(key) ?? read(files, environment);
  memory.set(key, reading);
  return reading;
}

/** Files → what of them is in use in an environment. */
const inUse = new WeakMap<Files, KnownHosts[]>();

async function read(files: readonly string[], environment: Files): Promise<KnownHosts> {
  const lines: KnownHostLine[] = [];
  for (const file of files) {
    const bytes = await environment.readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw unreadable(file, error);
    });
    if (bytes) lines.push(...parseKnownHosts(bytes.toString("latin1"), file));
  }
  const known = indexKnownHosts(files, lines);
  const all = inUse.get(environment) ?? [];
  inUse.set(environment, all);
  all.push(known);
  return {
    ...known,
    add: (line) => {
      for (const one of all) one.add(line);
    },
  };
}

function unreadable(file: string, error: NodeJS.ErrnoException): LfceError {
  return new LfceError({
    code: "known-hosts-unreadable",
    message: `the known_hosts file ${file} cannot be read: ${error.code ?? error.message}`,
    hint: `it may hold keys that are revoked, so nothing is contacted without it; look at its owner and mode: ls -l ${file}`,
  });
}

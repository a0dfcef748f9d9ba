import { type ByteText, byteText, toBytes } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import type { ObserveRequest } from "../core/host-session.ts";

/** What stands around a request for one host. */
export interface ObserveFrame {
  /** A word that the host's own texts cannot hold: fresh for every request. */
  boundary: string;
  /** Where restart records and open transactions lie, other than in /var/lib/lfce only in tests. */
  stateDirectory?: string;
  /** Where units have their files; `any`: systemd is asked for those without one, too. Only in tests. */
  unitDirectory?: string;
  /** Only in tests: stands for systemd's own directory (`run`) and the control groups of units (`slice`). */
  systemdRoot?: string;
  knownPrograms?: readonly KnownProgram[];
  /** The shell waits for messages after its answer. */
  keep?: boolean;
  /** What includes of the files are expected to lead to: absolute patterns, bytes as in the files. */
  includes?: Iterable<ByteText>;
  /** systemd need not be asked: its last answer is at hand, and whether it still holds is judged by the stamp. */
  unitsKnown?: boolean;
}

/** A daemon's program and its version: packages keep size and time of a file, so both stand for it. */
export interface KnownProgram {
  name: "chronyd" | "rsyslogd";
  /** Bytes. */
  size: number;
  /** As `stat -c %.9Y` prints it. */
  mtime: string;
  version: string;
}

/**
 * The program that a value says, which a host or a file made up that anybody may have written: nothing but its known
 * members, each of a length that a line to a host can have. Undefined: it is none.
 */
export function knownProgramOf(value: unknown): KnownProgram | undefined {
  const { name, size, mtime, version } = (value ?? {}) as Partial<Record<keyof KnownProgram, unknown>>;
  const isText = (text: unknown, form: RegExp): text is string => typeof text === "string" && form.test(text);
  if (name !== "chronyd" && name !== "rsyslogd") return undefined;
  if (!Number.isSafeInteger(size) || !isText(mtime, /^\d{1,20}(\.\d{1,9})?$/)) return undefined;
  if (!isText(version, /^\d[\w.+~-]{0,63}$/)) return undefined;
  return { name, size: size as number, mtime, version };
}

/** What scripts/observe.sh reads on its stdin. Throws an LfceError `bad-observe-request` for what it cannot say. */
export function encodeObserveRequest(request: ObserveRequest, frame: ObserveFrame): Buffer {
  const {
    boundary,
    stateDirectory,
    unitDirectory,
    systemdRoot,
    knownPrograms = [],
    includes = [],
    keep,
  } = frame;
  const lines = [
    `boundary ${boundary}`,
    ...(stateDirectory === undefined ? [] : [`state ${absolute(stateDirectory)}`]),
    ...(unitDirectory === undefined ? [] : [`unit-directory ${unitDirectory}`]),
    ...(systemdRoot === undefined ? [] : [`systemd-root ${absolute(systemdRoot)}`]),
    ...(frame.unitsKnown ? ["units-known"] : []),
    ...knownPrograms.map(({ name, size, mtime, version }) => `known ${name} ${size} ${mtime} ${version}`),
    ...[...new Set([...request.files, ...request.follow.map(({ path }) => path)])].map(
      (path) => `file ${absolute(path)}`,
    ),
    ...request.stat.map((path) => `stat ${absolute(path)}`),
    ...(request.list ?? []).map((pattern) => `list ${absolute(pattern)}`),
    ...(request.space ? ["space"] : []),
    ...(request.firewalls ? ["firewalls"] : []),
    ...(request.accessChecks ?? []).map((one) => `access ${checked(one, /^[0-9A-Fa-f:.]+$/, "an address")}`),
    ...(request.sockets ?? []).map((table) => `sockets ${checked(table, /^(tcp|udp)6?$/, "a table")}`),
    ...(request.socketPrograms ? ["socket-programs"] : []),
    ...(request.places ?? []).map((path) => `place ${absolute(path)}`),
    ...request.units.map((unit) => `unit ${checked(unit, /^[A-Za-z0-9:_.@][A-Za-z0-9:_.@\\-]*$/, "a unit")}`),
    ...request.programs.map((name) => `program ${checked(name, /^[A-Za-z0-9_.+][\w.+-]*$/, "a program")}`),
    ...request.names.map((name) => `name ${checked(name, /^[A-Za-z0-9_:.%][\w:.%-]*$/, "a host name")}`),
    ...(keep ? ["keep"] : []),
  ].map((line) => byteText(`${line}\n`));
  const asked = new Set(request.files.map(byteText));
  const patterns = [...new Set(includes)].filter((pattern) => !asked.has(pattern));
  return toBytes([...lines, ...patterns.map((one) => `file ${absolute(one)}\n`), "end\n"].join(""));
}

function absolute(path: string): string {
  return checked(path, /^\/[^\n\0]*$/, "an absolute path");
}

/** A line break in a value would become another request; everything else is data to the script. */
function checked(value: string, form: RegExp, what: string): string {
  if (form.test(value)) return value;
  throw new LfceError({
    code: "bad-observe-request",
    message: `${JSON.stringify(value)} is not ${what}`,
    hint: "correct it where the playbook or the inventory gives it",
  });
}

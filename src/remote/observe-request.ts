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
  knownPrograms?: readonly KnownProgram[];
  /** The shell waits for messages after its answer. */
  keep?: boolean;
}

/** A daemon's program and its version: packages keep size and time of a file, so both stand for it on any host. */
export interface KnownProgram {
  name: "chronyd" | "rsyslogd";
  /** Bytes. */
  size: number;
  /** As `stat -c %.9Y` prints it. */
  mtime: string;
  version: string;
}

/** What scripts/observe.sh reads on its stdin. Throws an LfceError `bad-observe-request` for what it cannot say. */
export function encodeObserveRequest(request: ObserveRequest, frame: ObserveFrame): Buffer {
  const { boundary, stateDirectory, unitDirectory, knownPrograms = [], keep } = frame;
  const lines = [
    `boundary ${boundary}`,
    ...(stateDirectory === undefined ? [] : [`state ${absolute(stateDirectory)}`]),
    ...(unitDirectory === undefined ? [] : [`unit-directory ${unitDirectory}`]),
    ...knownPrograms.map(({ name, size, mtime, version }) => `known ${name} ${size} ${mtime} ${version}`),
    ...request.follow.map(({ service, path }) => `follow ${service} ${absolute(path)}`),
    ...request.files.map((path) => `file ${absolute(path)}`),
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
    "end",
    "",
  ];
  return Buffer.from(lines.join("\n"), "utf8");
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

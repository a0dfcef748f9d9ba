import type { ByteText } from "../core/byte-text.ts";
import { displayText } from "../core/byte-text.ts";
import type { ObserveRequest } from "../core/host-session.ts";
import type { ObservedHost } from "../core/observed.ts";
import type { Frame } from "./frames.ts";
import { firewallsOf, kernelConnections, kernelListeners, listenersOf, namesOf } from "./network-frames.ts";
import { type FileFrames, garbled } from "./observe-files.ts";
import { observedPlaces, openTransaction, putBackChange, restartRecords } from "./observe-records.ts";
import type { KnownProgram } from "./observe-request.ts";
import { absentUnit, parseUnits } from "./observe-units.ts";
import { setOwn } from "./own-property.ts";

/**
 * Puts the answer of scripts/observe.sh together. Throws an LfceError when parts that never lack are missing.
 * @param read what the answer says of files
 */
export function observedHost(
  frames: readonly Frame[],
  asked: Pick<ObserveRequest, "accessChecks">,
  read: FileFrames,
): ObservedHost {
  const value = (key: string): ByteText | undefined => frames.find((frame) => frame.key === key)?.value;
  const values = (key: string): string[] =>
    frames.filter((frame) => frame.key === key).map((frame) => displayText(frame.value));
  const { records, self, times: _, stamp: __, ...files } = read;
  const record = (path: string): ByteText => records.get(path) ?? "";
  if (!self || Number.isNaN(self.now)) throw garbled("it does not say what time it is and who asks");
  const uptime = Number.parseFloat(record("/proc/uptime"));
  const clock = { now: self.now, uptime: Number.isNaN(uptime) ? undefined : uptime };
  const units = Object.fromEntries(
    [
      ...values("no-unit").map(absentUnit),
      ...parseUnits(displayText(value("units") ?? ""), values("unit"), clock),
    ].map((unit) => [unit.unit, unit]),
  );
  for (const line of values("unit-alias")) {
    const [unit = "", alias = ""] = line.split(" ");
    const known = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (known) setOwn(units, alias, { ...known, unit: alias });
  }
  const connections = kernelConnections(records);
  const open = openTransaction(frames);
  const putBack = putBackChange(frames);
  const named = listenersOf(frames);
  return {
    now: self.now,
    bootId: oneLine(record("/proc/sys/kernel/random/boot_id")),
    hostname: oneLine(record("/proc/sys/kernel/hostname")),
    uid: self.uid,
    osRelease: parseOsRelease(record(value("os-release-file") ?? "")),
    programs: Object.fromEntries(
      values("program").map((line) => line.split(/ (.*)/s, 2) as [string, string]),
    ),
    versions: versionsOf(value),
    units,
    ...files,
    names: namesOf(frames),
    addresses: ownAddresses(record),
    chronyc: chronycAnswer(displayText(value("chronyc") ?? ""), asked.accessChecks ?? []),
    listeners: named.length > 0 ? named : kernelListeners(records),
    ...(connections ? { connections } : {}),
    firewalls: firewallsOf(frames),
    restartRecords: restartRecords(frames, records, units),
    places: observedPlaces(frames),
    ...(open ? { openTransaction: open } : {}),
    ...(putBack ? { putBack } : {}),
  };
}

/** Programs of daemons that were asked for their version, for the next request. */
export function learntPrograms(
  frames: readonly Frame[],
  { files, times }: Pick<FileFrames, "files" | "times">,
): KnownProgram[] {
  const value = (key: string): ByteText | undefined => frames.find((frame) => frame.key === key)?.value;
  const versions = versionsOf(value);
  return (["chronyd", "rsyslogd"] as const).flatMap((name): KnownProgram[] => {
    const version = name === "chronyd" ? versions.chrony : versions.rsyslog;
    const path = Object.keys(files).find((one) => one.endsWith(`/${name}`));
    const size = path === undefined ? undefined : files[path]?.size;
    const mtime = times.get(path ?? "");
    if (value(`${name}-version`) === undefined || !version || size === undefined || !mtime) return [];
    return [{ name, size, mtime, version }];
  });
}

function versionsOf(value: (key: string) => ByteText | undefined): ObservedHost["versions"] {
  const chrony = value("chronyd-known") ?? /version (\d[\w.+~-]*)/.exec(value("chronyd-version") ?? "")?.[1];
  const rsyslog =
    value("rsyslogd-known") ?? /^rsyslogd\s+(\d[\w.+~-]*)/.exec(value("rsyslogd-version") ?? "")?.[1];
  return { ...(chrony ? { chrony } : {}), ...(rsyslog ? { rsyslog } : {}) };
}

/**
 * One answer to all questions: a line of `tracking` begins with a reference identifier, one of `sources` with a mark,
 * and one of `accheck` with its number; these stand in the order of the questions.
 */
function chronycAnswer(text: string, addresses: readonly string[]): ObservedHost["chronyc"] {
  const lines = text.split("\n");
  const sources = lines.filter((line) => /^[\^=#],/.test(line));
  const tracking = lines.find((line) => /^[0-9A-F]{8},/i.test(line));
  const verdicts = lines.filter((line) => /^20[89] /.test(line));
  // Without sources chronyd still tracks, its own clock.
  if (sources.length === 0 && tracking === undefined) return {};
  return {
    sources: sources.join("\n"),
    ...(tracking === undefined ? {} : { tracking }),
    ...(addresses.length > 0 && verdicts.length === addresses.length
      ? { accessChecks: Object.fromEntries(addresses.map((one, index) => [one, verdicts[index] as string])) }
      : {}),
  };
}

function oneLine(value: ByteText): string {
  return displayText(value.trimEnd());
}

/** os-release(5): shell-like assignments, quoted or not. */
export function parseOsRelease(text: ByteText): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const line of displayText(text).split("\n")) {
    const match = /^[ \t]*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
    if (!match) continue;
    const raw = (match[2] as string).trimEnd();
    const quoted = /^(["'])(.*)\1$/s.exec(raw);
    entries[match[1] as string] = (quoted?.[2] ?? raw).replace(/\\(["$`\\])/g, "$1");
  }
  return entries;
}

/** From the kernel's own tables (proc(5)). */
function ownAddresses(record: (path: string) => ByteText): string[] {
  const found = new Set<string>();
  for (const [, address] of record("/proc/net/fib_trie").matchAll(/\|-- (\S+)\n\s*\/32 host LOCAL/g)) {
    found.add(address as string);
  }
  for (const [hex] of record("/proc/net/if_inet6").matchAll(/^[0-9a-f]{32}/gm)) {
    found.add((hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16)).join(":"));
  }
  return [...found];
}

import type { ByteText } from "../core/byte-text.ts";
import { displayText } from "../core/byte-text.ts";
import type { ObservedHost } from "../core/observed.ts";
import type { Frame } from "./frames.ts";
import { firewallsOf, listenersOf, namesOf } from "./network-frames.ts";
import { garbled, observedFiles } from "./observe-files.ts";
import { observedPlaces, openTransaction, putBackChange, restartRecords } from "./observe-records.ts";
import { parseUnits } from "./observe-units.ts";

/** Puts the answer of scripts/observe.sh together. Throws an LfceError when parts that never lack are missing. */
export function observedHost(frames: readonly Frame[]): ObservedHost {
  const value = (key: string): ByteText | undefined => frames.find((frame) => frame.key === key)?.value;
  const values = (key: string): string[] =>
    frames.filter((frame) => frame.key === key).map((frame) => displayText(frame.value));
  // busybox date prints %N as it stands.
  const now = Number.parseFloat(value("now") ?? "");
  const uid = Number.parseInt(value("uid") ?? "", 10);
  if (Number.isNaN(now) || Number.isNaN(uid)) throw garbled("it does not say what time it is and who asks");
  const uptime = Number.parseFloat(value("uptime") ?? "");
  const clock = { now, uptime: Number.isNaN(uptime) ? undefined : uptime };
  const units = Object.fromEntries(
    parseUnits(value("units") ?? "", values("unit"), clock).map((unit) => [unit.unit, unit]),
  );
  const chrony = /version (\d\S*)/.exec(value("chronyd-version") ?? "")?.[1];
  const rsyslog = /^rsyslogd\s+(\d[^\s,]*)/.exec(value("rsyslogd-version") ?? "")?.[1];
  const sources = value("chronyc-sources");
  const tracking = value("chronyc-tracking");
  const open = openTransaction(frames);
  const putBack = putBackChange(frames);
  return {
    now,
    bootId: displayText(value("boot-id") ?? ""),
    hostname: displayText(value("hostname") ?? ""),
    uid,
    osRelease: parseOsRelease(value("os-release") ?? ""),
    programs: Object.fromEntries(
      values("program").map((line) => line.split(/ (.*)/s, 2) as [string, string]),
    ),
    versions: { ...(chrony ? { chrony } : {}), ...(rsyslog ? { rsyslog } : {}) },
    units,
    ...observedFiles(frames),
    names: namesOf(frames),
    addresses: ownAddresses(value),
    chronyc: {
      ...(sources === undefined ? {} : { sources: displayText(sources) }),
      ...(tracking === undefined ? {} : { tracking: displayText(tracking) }),
    },
    listeners: listenersOf(frames),
    firewalls: firewallsOf(frames),
    restartRecords: restartRecords(frames, units),
    places: observedPlaces(frames),
    ...(open ? { openTransaction: open } : {}),
    ...(putBack ? { putBack } : {}),
  };
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

/** From `ip -o address`, else from the kernel's own tables (proc(5)). */
function ownAddresses(value: (key: string) => ByteText | undefined): string[] {
  const found = new Set<string>();
  for (const [, address] of (value("ip-addresses") ?? "").matchAll(/ inet6? ([0-9a-f:.]+)/g)) {
    found.add(address as string);
  }
  for (const [, address] of (value("fib-trie") ?? "").matchAll(/\|-- (\S+)\n\s*\/32 host LOCAL/g)) {
    found.add(address as string);
  }
  for (const [hex] of (value("if-inet6") ?? "").matchAll(/^[0-9a-f]{32}/gm)) {
    found.add((hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16)).join(":"));
  }
  return [...found];
}

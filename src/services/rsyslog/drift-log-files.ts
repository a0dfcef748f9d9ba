import type { DriftFinding } from "../../core/drift.ts";
import type { ObservedHost } from "../../core/observed.ts";
import { selectorText } from "./client/forward-match.ts";
import { selectorSet } from "./client/selector-set.ts";
import type { DesiredForward, DesiredStoreRule, DesiredSyslogServer, SyslogSender } from "./desired.ts";
import { facilities, severities } from "./facilities.ts";
import { expectedPath } from "./server/file-tokens.ts";
import { canonicalAddress, networkContains } from "./server/server-address.ts";
import { hostIsAddress } from "./server/store-rules.ts";

/** Seconds without a message after which a client's file counts as one that does not grow. */
const A_DAY = 86_400;

/** Where a log server writes one client's messages. */
export interface ClientFiles {
  /** For `ObserveRequest.list`; the first stands for all of them in a finding. */
  patterns: string[];
  /** False where it is only likely: what the client calls itself is known on the client alone. */
  certain: boolean;
  /** By which they are written. */
  rule: DesiredStoreRule;
}

/**
 * The files in which messages of each client arrive on a server, by inventory name; clients of which nobody can
 * say it beforehand are left out. With `now` (milliseconds) files that carry an earlier date are among them.
 */
export function clientLogFiles(
  server: DesiredSyslogServer,
  clients: readonly SyslogSender[],
  now?: number,
): Map<string, ClientFiles> {
  const named = server.store.map(
    ({ from }) =>
      new Set(from.flatMap((one) => (one.kind === "senders" ? one.senders.map(({ host }) => host) : []))),
  );
  const days = now === undefined ? [] : daysBefore(now);
  const files = new Map<string, ClientFiles>();
  for (const client of clients) {
    const rule = server.store.find((one, index) => named[index]?.has(client.host) || isAbout(one, client));
    const names = [...new Set([client.host, client.host.split(".")[0] as string])];
    const paths = rule === undefined ? [] : names.flatMap((name) => pathsOf(rule, client, name));
    if (rule === undefined || paths.length === 0) continue;
    const patterns = [...new Set(paths.flatMap((path) => [path, ...days.map((day) => dated(path, day))]))];
    files.set(client.host, { patterns, certain: !rule.file.includes("{hostname}"), rule });
  }
  return files;
}

/** Whether a rule is about a client that it does not name. */
function isAbout({ from }: DesiredStoreRule, { host, addresses }: SyslogSender): boolean {
  return from.some((one) => {
    if (one.kind === "any") return true;
    if (one.kind === "network") return addresses.some((address) => networkContains(one.network, address));
    if (one.kind === "address")
      return addresses.map(canonicalAddress).includes(canonicalAddress(one.address));
    return one.kind === "hostname" && [host, host.split(".")[0]].includes(one.hostname);
  });
}

/** The path with `%Y`, `%m` and `%d` for the server's own date, and `*` for any program. */
function pathsOf(rule: DesiredStoreRule, { host, addresses }: SyslogSender, hostname: string): string[] {
  const [address, ...more] = addresses.flatMap((one) => canonicalAddress(one) ?? []);
  const known = address !== undefined && more.length === 0 ? { address } : {};
  const name = hostIsAddress(rule) ? known.address : host;
  const path = expectedPath(rule.file, {
    ...known,
    ...(name === undefined ? {} : { host: name }),
    hostname,
    program: "*",
  });
  return path === undefined ? [] : [path];
}

/** The dates that yesterday at this time may have had in any time zone. */
function daysBefore(now: number): string[] {
  const hours = (count: number) => new Date(now - count * 3_600_000).toISOString().slice(0, 10);
  return [...new Set([hours(36), hours(24), hours(10)])];
}

function dated(path: string, day: string): string {
  const [year = "", month = "", date = ""] = day.split("-");
  return path.replaceAll("%Y", year).replaceAll("%m", month).replaceAll("%d", date);
}

/** A client's file that was not written for a day, or is not there. */
export interface SilentFile {
  /** As asked for: %Y, %m and %d stand for the day. */
  file: string;
  /** When it was written last, seconds since the epoch. */
  written?: number;
}

/**
 * Of all clients those whose files the server has not written for a day. Empty where the host was not asked for its
 * files: only what is not as it should be is kept, for there may be thousands of clients.
 */
export function silentFiles(
  files: ReadonlyMap<string, ClientFiles>,
  { lists, files: seen, now }: ObservedHost,
): Map<string, SilentFile> {
  const silent = new Map<string, SilentFile>();
  if (lists === undefined) return silent;
  for (const [client, { patterns, certain }] of files) {
    const [file] = patterns;
    if (file === undefined || lists[file] === undefined) continue;
    const times = patterns.flatMap((pattern) => lists[pattern] ?? []).map((path) => seen[path]?.mtime ?? 0);
    if (times.length === 0) {
      if (certain) silent.set(client, { file });
      continue;
    }
    const written = Math.max(...times);
    if (written < now - A_DAY) silent.set(client, { file, written });
  }
  return silent;
}

/** Every living host logs some of these each day: logins (this one too), timers and services. */
const daily = ["auth", "authpriv", "daemon"].map((name) => facilities[name] as number);

/** How long a client's rsyslogd has been there, by the client's clock: seconds since the epoch. */
export interface ClientAge {
  now: number;
  startedAt?: number;
}

/**
 * That a client's messages have not come to its file on a server for a day. Nothing is said of a forward that takes
 * only some messages, and nothing of a file that never was there while the client's rsyslogd is younger than a day.
 */
export function silentFinding(
  forward: DesiredForward,
  { file, written }: SilentFile,
  { now, startedAt }: ClientAge,
): DriftFinding | undefined {
  const set = selectorSet(selectorText(forward));
  const info = 1 << (severities.info as number);
  if (!daily.every((facility) => ((set?.[facility] ?? 0) & info) !== 0)) return undefined;
  if (written === undefined && (startedAt === undefined || startedAt > now - A_DAY)) return undefined;
  const server = forward.host ?? forward.address;
  const message = `${server} has written nothing from this host to ${file} for a day or longer`;
  const detail =
    written === undefined ? `${file} is not there` : `last written ${new Date(written * 1000).toISOString()}`;
  return { code: "log-not-growing", item: `${server}:${file}`, message, detail };
}

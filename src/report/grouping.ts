import type { HostFinished, HostStatus } from "../core/events.ts";

export interface HostGroup {
  hosts: string[];
  /** The first host's event; the others' say the same. */
  event: HostFinished;
}

/** web2 before web10. */
const byName = new Intl.Collator("en", { numeric: true });

/** Failures first: the order in which a person wants to read. */
const READING_ORDER: readonly HostStatus[] = [
  "failed",
  "rolled-back",
  "unreachable",
  "drifted",
  "pending",
  "changed",
  "skipped",
  "unchanged",
];

/**
 * Puts hosts together to which the same happened (same status, changes, findings, error), in reading order,
 * the largest groups of a status first, the hosts of a group by name.
 * A fleet of 2,000 hosts with one error then reads as one error with 2,000 names.
 */
export function groupHosts(events: readonly HostFinished[]): HostGroup[] {
  const groups = new Map<string, HostGroup>();
  for (const event of [...events].sort((a, b) => byName.compare(a.host, b.host))) {
    const key = sameness(event);
    const group = groups.get(key);
    if (group) group.hosts.push(event.host);
    else groups.set(key, { hosts: [event.host], event });
  }
  return [...groups.values()].sort(
    (a, b) =>
      READING_ORDER.indexOf(a.event.status) - READING_ORDER.indexOf(b.event.status) ||
      b.hosts.length - a.hosts.length,
  );
}

/** Check details hold measured values (milliseconds, offsets), so a passed check counts by name alone. */
function sameness(event: HostFinished): string {
  const error = event.error && {
    code: event.error.code,
    message: withoutOwn(event.error.message, event.host),
  };
  return JSON.stringify([
    event.status,
    event.changes,
    event.checks.map((check) => [check.name, check.result, check.result === "passed" ? "" : check.detail]),
    event.drift ?? [],
    event.warnings.map((warning) => ({ ...warning, at: null })),
    error ?? null,
  ]);
}

/** A message without what differs between any two hosts: names, addresses, fingerprints, how often they were tried. */
export function withoutOwn(message: string, host: string): string {
  return message
    .split(/([A-Za-z0-9_.-]+)/)
    .map((word) => (word === host ? "HOST" : word))
    .join("")
    .replaceAll(OWN_TO_A_HOST, "OWN");
}

/** Attempts to connect, IPv4 and IPv6 addresses, and key fingerprints. */
const OWN_TO_A_HOST =
  / \(tried \d+ times\)|\bSHA256:[A-Za-z0-9+/=]+|\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/g;

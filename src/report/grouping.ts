import { createHash } from "node:crypto";
import type { HostFinished, HostStatus } from "../core/events.ts";
import { goneText, spellText, unknownText } from "./spell-text.ts";

/** Hosts to which the same happened, and what was kept of it. */
export interface HostGroup<Kept> {
  status: HostStatus;
  /** By name. */
  hosts: string[];
  /** Of the first host by name; the others' says the same. */
  kept: Kept;
}

/** Puts hosts together as they finish, and keeps no more than their names and one word for all of a group. */
export interface HostGroups<Kept> {
  add(event: HostFinished): void;
  /** In reading order: failures first, and the largest groups of a status first. */
  list(): HostGroup<Kept>[];
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
 * Groups of hosts for which `sameness` is the same text; `keep` makes of an event what a group needs of it. A fleet
 * of 2,000 hosts with one error then reads as one error with 2,000 names.
 */
export function hostGroups<Kept>(
  sameness: (event: HostFinished) => string,
  keep: (event: HostFinished) => Kept,
): HostGroups<Kept> {
  const groups = new Map<string, HostGroup<Kept> & { first: string }>();
  return {
    add(event) {
      // The text may hold all of a host's diffs; thousands of them would fill the memory.
      const key = createHash("sha256").update(sameness(event)).digest("base64");
      const group = groups.get(key);
      if (!group) {
        const { host, status } = event;
        groups.set(key, { status, hosts: [host], first: host, kept: keep(event) });
        return;
      }
      group.hosts.push(event.host);
      if (byName.compare(event.host, group.first) >= 0) return;
      group.first = event.host;
      group.kept = keep(event);
    },
    list: () =>
      [...groups.values()]
        .map(({ status, hosts, kept }) => ({ status, hosts: [...hosts].sort(byName.compare), kept }))
        .sort(
          (a, b) =>
            READING_ORDER.indexOf(a.status) - READING_ORDER.indexOf(b.status) ||
            b.hosts.length - a.hosts.length ||
            byName.compare(a.hosts[0] ?? "", b.hosts[0] ?? ""),
        ),
  };
}

/**
 * What two hosts have in common to which the same happened: status, changes, findings, error. Check details hold
 * measured values (milliseconds, offsets), so a passed check counts by name alone.
 */
export function sameStory(event: HostFinished): string {
  const error = event.error && {
    code: event.error.code,
    message: withoutOwn(event.error.message, event.host),
  };
  return JSON.stringify([
    event.status,
    event.changes,
    event.checks.map((check) => [check.name, check.result, check.result === "passed" ? "" : check.detail]),
    (event.drift ?? []).map(({ since, looks, returned, ...finding }) => [
      finding,
      spellText({ ...finding, since, looks, returned }, event.time),
    ]),
    (event.resolved ?? []).map(({ since, looks, ...finding }) => [
      finding,
      goneText({ ...finding, since }, event.time),
    ]),
    unknownText(event),
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

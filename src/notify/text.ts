import { escapeLine } from "../core/byte-text.ts";
import { type LfceErrorData, placeText } from "../core/errors.ts";
import type { Notification } from "./notification.ts";

const SHOWN_LINES = 20;
const SHOWN_HOSTS = 5;

/** One kind of thing that is told: equal sentences once, with their hosts. */
export interface Section {
  title: string;
  lines: { hosts: string[]; sentence: string }[];
  /** How many lines more there are. */
  more: number;
}

/** The notification in one line: the subject of a mail. */
export function titleOf({ playbook, error, counts, hosts }: Notification): string {
  const parts = [
    ...(error ? ["the check could not be done"] : []),
    ...count(counts.new, "new finding"),
    ...count(counts.resolved, "resolved", "resolved"),
    ...count(counts.standing, "standing", "standing"),
    ...count(counts.unknown, "host unknown", "hosts unknown"),
    ...count(counts.knownAgain, "host back", "hosts back"),
  ];
  const total = Object.values(hosts).reduce((sum, one) => sum + one, 0);
  const text = parts.length > 0 ? parts.join(", ") : `all ${total} hosts as declared`;
  return `lfce drift ${escapeLine(playbook)}: ${text}`;
}

/** What is told, for people: what needs somebody first, each section short whatever the size of the fleet. */
export function sectionsOf(notification: Notification): Section[] {
  const { error, unknown, resolved, knownAgain, counts } = notification;
  const finding = ({ host, code, message }: Notification["new"][number]) => ({
    host,
    sentence: `${code}: ${message}`,
  });
  return [
    ...(error ? [{ title: "Error", lines: [{ hosts: [], sentence: errorSentence(error) }], more: 0 }] : []),
    section("New", notification.new.map(finding), counts.new),
    section(
      "Unknown: could not be looked at",
      unknown.map(({ host, status, message = status, isNew, since }) => ({
        host,
        sentence: isNew ? message : `${message}${sinceText(since)}`,
      })),
      counts.unknown,
    ),
    section(
      "Standing",
      notification.standing.map(({ since, ...one }) => {
        const { host, sentence } = finding(one);
        return {
          host,
          sentence: since === undefined ? sentence : `${sentence}, since ${since.slice(0, 10)}`,
        };
      }),
      counts.standing,
    ),
    section(
      "Resolved",
      resolved.map(({ mended, ...one }) => {
        const { host, sentence } = finding(one);
        return { host, sentence: mended ? `${sentence}, mended by this run` : sentence };
      }),
      counts.resolved,
    ),
    section(
      "Looked at again",
      knownAgain.map((host) => ({ host, sentence: "was unknown before" })),
      counts.knownAgain,
    ),
  ].filter(({ lines }) => lines.length > 0);
}

function errorSentence(error: LfceErrorData): string {
  const place = placeText(error);
  return place === "" ? error.message : `${place}: ${error.message}`;
}

/** The day on which something began; empty where nobody knows. */
function sinceText(since: string | undefined): string {
  return since === undefined ? "" : `, since ${since.slice(0, "2026-01-01".length)}`;
}

/** Some names of hosts, and how many there are besides. */
export function someHosts(hosts: readonly string[], show: (host: string) => string): string {
  const shown = hosts.slice(0, SHOWN_HOSTS).map(show).join(", ");
  return hosts.length > SHOWN_HOSTS ? `${shown} and ${hosts.length - SHOWN_HOSTS} more` : shown;
}

function section(title: string, all: readonly { host: string; sentence: string }[], total: number): Section {
  const bySentence = new Map<string, string[]>();
  for (const { host, sentence } of all) {
    const hosts = bySentence.get(sentence);
    if (hosts) hosts.push(host);
    else bySentence.set(sentence, [host]);
  }
  const lines = [...bySentence].map(([sentence, hosts]) => ({ hosts, sentence }));
  lines.sort((a, b) => b.hosts.length - a.hosts.length);
  // Beyond the first 500 findings nothing is known but their number.
  const more = Math.max(0, lines.length - SHOWN_LINES) + (total - all.length);
  return { title, lines: lines.slice(0, SHOWN_LINES), more };
}

function count(number: number, one: string, several = `${one}s`): string[] {
  return number === 0 ? [] : [`${number} ${number === 1 ? one : several}`];
}

import type { DriftFinding } from "../core/drift.ts";
import { type LfceErrorData, placeText } from "../core/errors.ts";
import type { Change, HostFinished, LfceEvent, RunStarted, Summary } from "../core/events.ts";
import { codeSpan, markdownSentence } from "./markdown-text.ts";
import { createPaint } from "./paint.ts";
import type { Output, Reporter } from "./reporter.ts";
import { countsText, duration } from "./summary-text.ts";

/** In the order in which people want to read. */
const SECTIONS = [
  "Failed",
  "Unreachable, so nobody knows",
  "New",
  "Standing",
  "Resolved",
  "Pending",
  "Changed",
] as const;

type Section = (typeof SECTIONS)[number];

const SHOWN_LINES = 15;
const SHOWN_HOSTS = 5;

/**
 * Markdown for chat and mail, written once, at the end: what needs somebody first, hosts to which the same happened in
 * one line, as declared ones only as a number. Fits a message whatever the size of the fleet.
 */
export function markdownReporter(output: Output): Reporter {
  /** Section → line → its hosts. */
  const lines = new Map<Section, Map<string, string[]>>();
  let started: RunStarted | undefined;

  function add(section: Section, host: string, line: string): void {
    const ofSection = lines.get(section) ?? new Map<string, string[]>();
    lines.set(section, ofSection);
    const hosts = ofSection.get(line);
    if (hosts) hosts.push(host);
    else ofSection.set(line, [host]);
  }

  function addHost(event: HostFinished): void {
    const { host, status, drift, changes, checks, error, resolved = [] } = event;
    const why = error ? markdownSentence(error.message) : status;
    if (status === "unreachable") add("Unreachable, so nobody knows", host, why);
    if (status === "failed" || status === "rolled-back") add("Failed", host, `${status}: ${why}`);
    for (const check of checks) {
      if (check.result !== "failed" || error?.message.startsWith(`${check.name}: `)) continue;
      add("Failed", host, `${codeSpan(check.name)} ${markdownSentence(check.detail)}`);
    }
    for (const finding of drift ?? [])
      add(isStanding(finding) ? "Standing" : "New", host, findingText(finding));
    for (const finding of resolved) {
      const mended = finding.mended ? " (mended by this run)" : "";
      add("Resolved", host, `${codeSpan(finding.code)} ${markdownSentence(finding.message)}${mended}`);
    }
    // Every pending change of `drift` has a finding as well.
    if (drift !== undefined) return;
    const section = status === "pending" ? "Pending" : "Changed";
    if (status === "pending" || status === "changed") {
      for (const change of changes) add(section, host, changeText(change));
    }
  }

  function write(summary: Summary): void {
    const counts = countsText(summary.hosts, NO_COLOURS);
    const title = started
      ? `**lfce ${started.command} ${codeSpan(started.playbook)}**: ${counts}, ${duration(summary.durationMs)}`
      : "**lfce**: no host was looked at";
    const errors = summary.error ? [`The run ended with an error${errorWords(summary.error)}`] : [];
    const warnings = (summary.warnings ?? []).map(({ message }) => `Warning: ${markdownSentence(message)}`);
    const sections = SECTIONS.flatMap((section) => {
      const ofSection = lines.get(section);
      return ofSection ? [sectionText(section, ofSection)] : [];
    });
    output.write(`${[title, ...errors, ...warnings, ...sections].join("\n\n")}\n`);
  }

  return {
    handle(event: LfceEvent) {
      if (event.event === "run-started") started = event;
      if (event.event === "host-finished") addHost(event);
      if (event.event === "summary") write(event);
    },
    async finish() {},
  };
}

function errorWords(error: LfceErrorData): string {
  const place = placeText(error);
  return `${place === "" ? "" : ` at ${codeSpan(place)}`}: ${markdownSentence(error.message)}`;
}

const NO_COLOURS = createPaint(false);

/** What the most hosts share first. */
function sectionText(section: Section, lines: ReadonlyMap<string, readonly string[]>): string {
  const sorted = [...lines].sort(([, a], [, b]) => b.length - a.length);
  const shown = sorted.slice(0, SHOWN_LINES).map(([line, hosts]) => `- ${hostsText(hosts)}: ${line}`);
  const more = sorted.length - shown.length;
  return [`**${section}**`, "", ...shown, ...(more > 0 ? [`- … and ${more} more`] : [])].join("\n");
}

function hostsText(hosts: readonly string[]): string {
  const shown = hosts.slice(0, SHOWN_HOSTS).map(codeSpan).join(", ");
  return hosts.length > SHOWN_HOSTS ? `${shown} and ${hosts.length - SHOWN_HOSTS} more` : shown;
}

function isStanding({ looks = 1 }: DriftFinding): boolean {
  return looks > 1;
}

function findingText(finding: DriftFinding): string {
  const { code, message, since } = finding;
  const standing =
    isStanding(finding) && since !== undefined ? ` (since ${since.slice(0, "2026-01-01".length)})` : "";
  return `${codeSpan(code)} ${markdownSentence(message)}${standing}`;
}

function changeText({ kind, target, reason }: Change): string {
  return `${kind} ${codeSpan(target)} ${markdownSentence(reason)}`;
}

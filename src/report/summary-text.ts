import { escapeControls } from "../core/byte-text.ts";
import type { Command, DriftCounts, HostCounts, HostFinished, Summary } from "../core/events.ts";
import { errorText } from "./error-text.ts";
import { type HostGroup, type HostGroups, hostGroups, withoutOwn } from "./grouping.ts";
import { type Paint, paintStatus } from "./paint.ts";
import { heightOf, type ScreenSize, someNames, USUAL_SCREEN } from "./screen.ts";
import { spellText } from "./spell-text.ts";

const SHOWN_NAMES = 6;

/** Rows of the screen that are not the summary's: the line above it and the next prompt. */
const OTHER_ROWS = 2;

/** What the summary says of hosts that somebody has to look after. */
export interface Problem {
  why?: string;
  hint?: string;
}

/** Collects the hosts that the summary repeats; equal for it is what reads the same there. */
export function problemGroups(): HostGroups<Problem> {
  return hostGroups((event) => {
    const { why, hint } = problemOf(event);
    return JSON.stringify([
      event.status,
      event.error?.code ?? "",
      withoutOwn(why ?? "", event.host),
      withoutOwn(hint ?? "", event.host),
    ]);
  }, problemOf);
}

function problemOf(event: HostFinished): Problem {
  const why = event.error?.message ?? driftText(event);
  const hint = event.error?.hint;
  return {
    ...(why === undefined ? {} : { why: firstLine(why) }),
    ...(hint === undefined ? {} : { hint: firstLine(hint) }),
  };
}

/**
 * The last lines of a run: failures first with what to do, then counts, then what to type next. Fits the screen for
 * any fleet, its largest groups shown; one group is shown on any screen.
 */
export function summaryText(
  summary: Summary,
  problems: readonly HostGroup<Problem>[],
  paint: Paint,
  command: Command,
  screen: ScreenSize = USUAL_SCREEN,
): string {
  const again = isRetriable(summary.hosts, command);
  const drift = summary.drift && driftCountsText(summary.drift);
  const end = [
    ...(summary.error ? [errorText(summary.error, paint)] : []),
    `${countsText(summary.hosts, paint)}${checksText(summary, paint, command)}  ${paint.dim(duration(summary.durationMs))}`,
    ...(drift === undefined ? [] : [drift]),
    ...(again ? [`${paint.cyan("→")} only those that failed: the same command with --limit @failed`] : []),
  ].join("\n");
  const shown: string[] = [];
  let room = screen.rows - OTHER_ROWS - heightOf(end, screen.columns) - 1;
  for (const group of problems) {
    const text = groupText(group, paint);
    room -= heightOf(text, screen.columns);
    if (shown.length > 0 && room < 0) break;
    shown.push(text);
  }
  const more = problems.length - shown.length;
  if (more > 0) shown.push(paint.dim(`… and ${more} more ${more === 1 ? "kind" : "kinds"} of trouble above`));
  return [...shown, end].join("\n");
}

function groupText({ hosts, status, kept: { why, hint } }: HostGroup<Problem>, paint: Paint): string {
  return [
    `${paintStatus(paint, status)}  ${someNames(hosts, SHOWN_NAMES)}`,
    ...(why === undefined ? [] : [`  ${escapeControls(why)}`]),
    ...(hint === undefined ? [] : [`  ${paint.cyan("→")} ${escapeControls(hint)}`]),
  ].join("\n");
}

/**
 * Whether a run for what failed in this one alone makes sense: a plan is not on record, and one host needs no choice. The
 * command itself is not printed: options say where the inventory and the record are, and may hold secrets.
 */
function isRetriable(hosts: HostCounts, command: Command): boolean {
  const failed = hosts.failed + hosts.rolledBack + hosts.unreachable;
  const all = Object.values(hosts).reduce((sum, count) => sum + count, 0);
  return command !== "plan" && failed > 0 && all > 1;
}

/** What drifted: the first finding, one that is new before others, and how much would be changed. */
function driftText({ drift = [], changes, time }: HostFinished): string | undefined {
  const first = drift.find(({ looks }) => looks === 1) ?? drift[0];
  const spell = first && spellText(first, time);
  const parts = [
    ...(first ? [`${first.message}${spell === undefined ? "" : ` (${spell})`}`] : []),
    ...(drift.length > 1 ? [`${drift.length - 1} more`] : []),
    ...(changes.length > 0
      ? [`${changes.length} ${changes.length === 1 ? "change" : "changes"} pending`]
      : []),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** `findings: 2 new · 1 standing · 3 resolved`; counts of zero are left out. */
function driftCountsText(counts: DriftCounts): string | undefined {
  const parts = [
    `${counts.new} new`,
    `${counts.standing} standing`,
    `${counts.resolved} resolved`,
    `unknown on ${counts.unknownHosts} ${counts.unknownHosts === 1 ? "host" : "hosts"}`,
  ];
  const numbers = [counts.new, counts.standing, counts.resolved, counts.unknownHosts];
  const shown = parts.filter((_, index) => numbers[index] !== 0);
  return shown.length === 0 ? undefined : `findings: ${shown.join(" · ")}`;
}

/** `3 changed · 17 unchanged`; counts of zero are left out. */
export function countsText(counts: HostCounts, paint: Paint): string {
  const parts: [number, Parameters<typeof paintStatus>[1]][] = [
    [counts.failed, "failed"],
    [counts.rolledBack, "rolled-back"],
    [counts.unreachable, "unreachable"],
    [counts.drifted, "drifted"],
    [counts.pending, "pending"],
    [counts.changed, "changed"],
    [counts.unchanged, "unchanged"],
    [counts.skipped, "skipped"],
  ];
  const shown = parts.filter(([count]) => count > 0);
  if (shown.length === 0) return "no hosts";
  return shown.map(([count, status]) => paintStatus(paint, status, `${count} ${status}`)).join(" · ");
}

function checksText(summary: Summary, paint: Paint, command: Command): string {
  const { passed, failed, unproven } = summary.checks;
  if (passed + failed + unproven === 0) return "";
  if (command === "plan") return `  |  proofs to come: ${unproven}`;
  const parts = [paint.green(`${passed} passed`)];
  if (failed > 0) parts.push(paint.red(`${failed} failed`));
  if (unproven > 0) parts.push(paint.yellow(`${unproven} unproven`));
  return `  |  checks: ${parts.join(", ")}`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

/** Milliseconds as people say them: `840 ms`, `12.3 s`, `4 min 05 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

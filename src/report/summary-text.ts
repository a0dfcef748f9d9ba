import { escapeControls } from "../core/byte-text.ts";
import type { Command, HostCounts, HostFinished, Summary } from "../core/events.ts";
import { errorText } from "./error-text.ts";
import { groupHosts, type HostGroup } from "./grouping.ts";
import { type Paint, paintStatus } from "./paint.ts";
import { heightOf, type ScreenSize, someNames, USUAL_SCREEN } from "./screen.ts";

const SHOWN_NAMES = 6;

/** Rows of the screen that are not the summary's: the line above it and the next prompt. */
const OTHER_ROWS = 2;

/**
 * The last lines of a run: failures first with what to do, then counts. Fits the screen for any fleet, its
 * largest groups shown; one group is shown on any screen.
 */
export function summaryText(
  summary: Summary,
  problems: readonly HostFinished[],
  paint: Paint,
  command: Command,
  screen: ScreenSize = USUAL_SCREEN,
): string {
  const end = [
    ...(summary.error ? [errorText(summary.error, paint)] : []),
    `${countsText(summary.hosts, paint)}${checksText(summary, paint, command)}  ${paint.dim(duration(summary.durationMs))}`,
  ].join("\n");
  const groups = groupHosts(problems);
  const shown: string[] = [];
  let room = screen.rows - OTHER_ROWS - heightOf(end, screen.columns) - 1;
  for (const group of groups) {
    const text = groupText(group, paint);
    room -= heightOf(text, screen.columns);
    if (shown.length > 0 && room < 0) break;
    shown.push(text);
  }
  const more = groups.length - shown.length;
  if (more > 0) shown.push(paint.dim(`… and ${more} more ${more === 1 ? "kind" : "kinds"} of trouble above`));
  return [...shown, end].join("\n");
}

function groupText({ hosts, event }: HostGroup, paint: Paint): string {
  const why = event.error?.message ?? driftText(event);
  const hint = event.error?.hint;
  return [
    `${paintStatus(paint, event.status)}  ${someNames(hosts, SHOWN_NAMES)}`,
    ...(why === undefined ? [] : [`  ${escapeControls(firstLine(why))}`]),
    ...(hint === undefined ? [] : [`  ${paint.cyan("→")} ${escapeControls(firstLine(hint))}`]),
  ].join("\n");
}

/** What drifted: the first finding, and how much would be changed. */
function driftText({ drift = [], changes }: HostFinished): string | undefined {
  const parts = [
    ...drift.slice(0, 1).map(({ message }) => message),
    ...(drift.length > 1 ? [`${drift.length - 1} more`] : []),
    ...(changes.length > 0
      ? [`${changes.length} ${changes.length === 1 ? "change" : "changes"} pending`]
      : []),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
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

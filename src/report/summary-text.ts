import type { Command, HostCounts, HostFinished, Summary } from "../core/events.ts";
import { errorText } from "./error-text.ts";
import { groupHosts } from "./grouping.ts";
import { type Paint, paintStatus } from "./paint.ts";

const SHOWN_GROUPS = 8;
const SHOWN_NAMES = 6;

/** The last lines of a run: failures first with what to do, then counts. Fits a screen for any fleet. */
export function summaryText(
  summary: Summary,
  problems: readonly HostFinished[],
  paint: Paint,
  command: Command,
): string {
  const lines: string[] = [];
  const groups = groupHosts(problems);
  for (const group of groups.slice(0, SHOWN_GROUPS)) {
    const why = group.event.error?.message ?? group.event.drift?.[0]?.message ?? "";
    const hint = group.event.error?.hint;
    lines.push(`${paintStatus(paint, group.event.status)}  ${someNames(group.hosts)}`);
    if (why !== "") lines.push(`  ${firstLine(why)}`);
    if (hint !== undefined) lines.push(`  ${paint.cyan("→")} ${firstLine(hint)}`);
  }
  if (groups.length > SHOWN_GROUPS) {
    lines.push(paint.dim(`… and ${groups.length - SHOWN_GROUPS} more kinds of trouble above`));
  }
  if (summary.error) lines.push(errorText(summary.error, paint));
  lines.push(
    `${countsText(summary.hosts, paint)}${checksText(summary, paint, command)}  ${paint.dim(duration(summary.durationMs))}`,
  );
  return lines.join("\n");
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

function someNames(hosts: readonly string[]): string {
  if (hosts.length <= SHOWN_NAMES) return hosts.join(", ");
  return `${hosts.slice(0, SHOWN_NAMES).join(", ")} and ${hosts.length - SHOWN_NAMES} more`;
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

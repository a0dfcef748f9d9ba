import { escapeLine } from "../core/byte-text.ts";
import type { Night, NightOfHost } from "../core/history.ts";
import { type Calendar, dayOfMonth, monthName } from "./html/calendar.ts";
import type { Paint } from "./paint.ts";

const GAP = "  ";
const LONGEST_NAME = 32;
const HIGHEST = 99;

/** What the marks of the table mean. */
export const TABLE_LEGEND =
  "· as declared   2 findings   +1 with new ones   ✔ resolved   ? unknown   - skipped   blank: not in that run";

/**
 * A host a row, a run a column, the newest on the right; above them the days. Every cell reads without colour.
 * @param nights the oldest first
 * @param columns what a row may take; the oldest runs are left out where they have no room
 */
export function historyTable(
  hosts: readonly string[],
  nights: readonly Night[],
  { calendar, columns, paint }: { calendar: Calendar; columns: number; paint: Paint },
): { lines: string[]; shown: number } {
  const names = hosts.map(shownName);
  const nameWidth = longest(names, 4);
  const cells = hosts.map((host) => nights.map((night) => cellOf(night.hosts.get(host))));
  const width = 1 + cells.reduce((most, row) => longest(row, most), 2);
  const room = Math.max(1, Math.floor((columns - nameWidth - GAP.length) / width));
  const shown = nights.slice(-room);
  const margin = " ".repeat(nameWidth + GAP.length);
  const head = headLines(
    shown.map(({ run }) => calendar.day(run.started)),
    width,
  );
  const rows = hosts.map((host, index) => {
    const row = shown.map((night) => {
      const outcome = night.hosts.get(host);
      return paintCell(cellOf(outcome).padStart(width), outcome, paint);
    });
    const name = names[index] ?? "";
    return `${paint.bold(name)}${" ".repeat(nameWidth - [...name].length)}${GAP}${row.join("")}`.trimEnd();
  });
  return {
    lines: [...head.map((line) => paint.dim(`${margin}${line}`.trimEnd())), ...rows],
    shown: shown.length,
  };
}

/** The most characters of a text, and at least so many. A loop: a call has no room for the cells of a large fleet. */
function longest(texts: readonly string[], least: number): number {
  return texts.reduce((most, text) => Math.max(most, [...text].length), least);
}

function cellOf(outcome: NightOfHost | undefined): string {
  if (outcome === undefined) return "";
  if (outcome.state === "unknown") return "?";
  if (outcome.state === "skipped") return "-";
  if (outcome.found === 0) return outcome.resolved > 0 ? "✔" : "·";
  return `${outcome.fresh > 0 ? "+" : ""}${Math.min(outcome.found, HIGHEST)}`;
}

function paintCell(cell: string, outcome: NightOfHost | undefined, paint: Paint): string {
  if (outcome === undefined || outcome.state === "skipped") return paint.dim(cell);
  if (outcome.state === "unknown") return paint.red(cell);
  if (outcome.found === 0) return outcome.resolved > 0 ? paint.green(cell) : paint.dim(cell);
  return outcome.fresh > 0 ? paint.bold(paint.yellow(cell)) : paint.yellow(cell);
}

/** The month where it begins, and below it the day where it begins. */
function headLines(days: readonly string[], width: number): string[] {
  const isFirst = (index: number, length: number) =>
    days[index]?.slice(0, length) !== days[index - 1]?.slice(0, length);
  const begins = days.map((day, index) => ({ name: monthName(day), start: (index + 1) * width - 2, index }));
  const months = begins
    .filter(({ index }) => isFirst(index, "2026-11".length))
    // Of two that would touch, the newer is worth more.
    .filter(
      ({ start }, index, all) => start + "Nov".length < (all[index + 1]?.start ?? Number.POSITIVE_INFINITY),
    )
    .reduce((line, { name, start }) => line.padEnd(start) + name, "");
  const row = days.map((day, index) =>
    (isFirst(index, "2026-11-23".length) ? String(dayOfMonth(day)) : "").padStart(width),
  );
  return [months, row.join("")];
}

function shownName(host: string): string {
  const name = [...escapeLine(host)];
  return name.length <= LONGEST_NAME ? name.join("") : `${name.slice(0, LONGEST_NAME - 1).join("")}…`;
}

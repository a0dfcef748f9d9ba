import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildPage } from "../../scripts/build-page.ts";
import type { LfceEvent } from "../../src/core/events.ts";
import { calendarIn } from "../../src/report/html/calendar.ts";
import { addRun, emptyRecord } from "../../src/report/html/fleet-record.ts";
import { reportPage } from "../../src/report/html/page.ts";

const assets = await buildPage();
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
  version: string;
};

/** The report page of some runs, the oldest first. */
export function makePage(runs: readonly Iterable<LfceEvent>[]): string {
  const calendar = calendarIn("Europe/Vienna");
  const record = emptyRecord();
  for (const events of runs) addRun(record, events, calendar);
  return reportPage(record, { calendar, made: "2026-11-23T06:58:00Z", version, assets });
}

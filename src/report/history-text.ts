import { escapeControls, escapeLine } from "../core/byte-text.ts";
import {
  type HostHistory,
  type ItemHistory,
  isFlapping,
  isStanding,
  type Night,
  type NightOfHost,
  timesFound,
  timesReturned,
} from "../core/history.ts";
import { indentRest } from "./error-text.ts";
import { historyTable, TABLE_LEGEND } from "./history-table.ts";
import type { Calendar } from "./html/calendar.ts";
import type { Paint } from "./paint.ts";
import { someNames } from "./screen.ts";
import { age } from "./spell-text.ts";

/** What `lfce history` shows. */
export interface HistoryView {
  playbook: string;
  /** The oldest first; not empty. */
  nights: readonly Night[];
  /** Those that the user asked for. */
  hosts: readonly HostHistory[];
  /** One host, or few, were asked for: everything is shown of them. */
  inDetail: boolean;
}

export interface HistoryScreen {
  calendar: Calendar;
  columns: number;
  paint: Paint;
  /** RFC 3339. */
  now: string;
}

const SHOWN_HOSTS = 40;
const SHOWN_ITEMS = 40;
const SHOWN_NAMES = 6;

const byName = new Intl.Collator("en", { numeric: true });

/** Drift over time as a person reads it: nights × hosts, then what stands, what comes and goes, and who is unknown. */
export function historyText(view: HistoryView, screen: HistoryScreen): string {
  const sections = [
    titleText(view, screen),
    tableText(view, screen),
    itemsText("Standing", standing(view), screen),
    itemsText(
      view.inDetail ? "Gone" : "Gone for now, but flapping",
      gone(view).filter(({ item }) => view.inDetail || isFlapping(item)),
      screen,
    ),
    unknownText(view, screen),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function titleText({ playbook, nights }: HistoryView, { calendar, paint }: HistoryScreen): string {
  const [first, last] = [nights[0], nights.at(-1)];
  const when = [first, last].map((night) => calendar.moment(night?.run.started ?? ""));
  const period = nights.length === 1 ? when[0] : `${when.join(" to ")}, ${nights.length} runs`;
  return `${paint.bold(escapeLine(playbook))}  ${period}`;
}

function tableText({ nights, inDetail }: HistoryView, { calendar, columns, paint }: HistoryScreen) {
  const inNights = (host: string) => nights.flatMap((night) => night.hosts.get(host) ?? []);
  const all = [...new Set(nights.flatMap((night) => [...night.hosts.keys()]))];
  const rows = all
    .map((host) => ({ host, weight: weightOf(inNights(host)) }))
    .filter(({ weight }) => inDetail || weight > 0)
    .sort((a, b) => b.weight - a.weight || byName.compare(a.host, b.host));
  const shown = rows.slice(0, inDetail ? rows.length : SHOWN_HOSTS).map(({ host }) => host);
  const quiet = all.length - rows.length;
  const table = historyTable(shown, nights, { calendar, columns, paint });
  const older = nights.length - table.shown;
  const notes = [
    ...(rows.length > shown.length
      ? [`… and ${hostCount(rows.length - shown.length)} more with less to say`]
      : []),
    ...(quiet > 0 ? [`${shown.length > 0 ? "" : "all "}${hostCount(quiet)} as declared in every run`] : []),
    ...(older > 0
      ? [`${older} earlier ${older === 1 ? "run has" : "runs have"} no room: a wider terminal, or -o json`]
      : []),
  ];
  return [
    ...(shown.length > 0 ? [...table.lines, ""] : []),
    ...notes,
    ...(shown.length > 0 ? [paint.dim(TABLE_LEGEND)] : []),
  ].join("\n");
}

/** Who needs a person's eyes: what drifted in the newest run before what drifted once. 0: nothing to say. */
function weightOf(outcomes: readonly NightOfHost[]): number {
  return outcomes.reduce((sum, { state, found, resolved }, index) => {
    const isNewest = index === outcomes.length - 1;
    if (state === "unknown") return sum + (isNewest ? 1000 : 1);
    return sum + (found > 0 ? (isNewest ? 2000 : 1) : resolved > 0 ? 1 : 0);
  }, 0);
}

interface HostItem {
  host: string;
  looks: number;
  item: ItemHistory;
}

function standing({ hosts }: HistoryView): HostItem[] {
  return items(hosts).filter(({ item }) => isStanding(item));
}

function gone({ hosts }: HistoryView): HostItem[] {
  return items(hosts).filter(({ item }) => !isStanding(item));
}

function items(hosts: readonly HostHistory[]): HostItem[] {
  return hosts.flatMap(({ host, looks, items }) => items.map((item) => ({ host, looks, item })));
}

/** Hosts of which the same is to be said stand together; what most hosts share comes first. */
function itemsText(title: string, all: readonly HostItem[], screen: HistoryScreen): string {
  if (all.length === 0) return "";
  const groups = grouped(all, (one) => sameness(one, screen));
  const sorted = [...groups.values()].sort(
    (a, b) => b.length - a.length || byName.compare(a[0]?.host ?? "", b[0]?.host ?? ""),
  );
  const shown = sorted.slice(0, SHOWN_ITEMS).map((group) => groupText(group, screen));
  const more = sorted.length - shown.length;
  return [
    screen.paint.bold(title),
    ...shown,
    ...(more > 0 ? [`  … and ${more} more; -o json has all`] : []),
  ].join("\n");
}

function groupText(group: readonly HostItem[], screen: HistoryScreen): string {
  const [first] = group;
  if (!first) return "";
  const { paint } = screen;
  const hosts = group.map(({ host }) => host).sort(byName.compare);
  const { code, message } = first.item;
  return [
    `  ${paint.yellow(isStanding(first.item) ? "!" : "·")} ${paint.bold(someNames(hosts, SHOWN_NAMES))}  ${indentRest(escapeControls(message))} ${paint.dim(`(${escapeLine(code)})`)}`,
    `    ${spell(first, screen)}`,
  ].join("\n");
}

function sameness({ looks, item }: HostItem, screen: HistoryScreen): string {
  return JSON.stringify([item.code, item.item, item.message, spell({ host: "", looks, item }, screen)]);
}

/** `since 3 nights (20 Nov 2026, 02:30), found in 5 of the last 30 looks, came back twice: flapping`. */
function spell({ looks, item }: HostItem, { calendar, now, paint }: HistoryScreen): string {
  const returned = timesReturned(item);
  const begin = isStanding(item)
    ? item.looks === 1
      ? `${paint.bold(returned > 0 ? "back again" : "new")} (${calendar.moment(item.since)})`
      : `since ${age(item.since, now)} (${calendar.moment(item.since)})`
    : `found last ${calendar.moment(item.last)}`;
  const often = `found in ${timesFound(item)} of the last ${looks} ${looks === 1 ? "look" : "looks"}`;
  const back = returned === 0 ? [] : [`came back ${returned === 1 ? "once" : `${returned} times`}`];
  const flapping = isFlapping(item) ? `: ${paint.bold("flapping")}` : "";
  return `${[begin, often, ...back].join(", ")}${flapping}`;
}

function unknownText({ hosts }: HistoryView, { calendar, now, paint }: HistoryScreen): string {
  const unknown = hosts.filter(({ unknownSince }) => unknownSince !== undefined);
  if (unknown.length === 0) return "";
  const groups = grouped(unknown, ({ unknownSince = "" }) => unknownSince);
  const lines = [...groups].map(([since, group]) => {
    const names = group.map(({ host }) => host).sort(byName.compare);
    return `  ${paint.red("?")} ${paint.bold(someNames(names, SHOWN_NAMES))}  since ${age(since, now)} (${calendar.moment(since)})`;
  });
  return [paint.bold("Unknown: nobody could look"), ...lines].join("\n");
}

function grouped<One>(all: readonly One[], keyOf: (one: One) => string): Map<string, One[]> {
  const groups = new Map<string, One[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

function hostCount(count: number): string {
  return count === 1 ? "1 host" : `${count} hosts`;
}

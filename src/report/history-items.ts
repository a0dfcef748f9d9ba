import { escapeControls, escapeLine } from "../core/byte-text.ts";
import {
  type HostHistory,
  type ItemHistory,
  isFlapping,
  isStanding,
  timesFound,
  timesReturned,
} from "../core/history.ts";
import { indentRest } from "./error-text.ts";
import type { Calendar } from "./html/calendar.ts";
import type { Paint } from "./paint.ts";
import { someNames } from "./screen.ts";
import { age } from "./spell-text.ts";

const SHOWN_FINDINGS = 30;
const SHOWN_SPELLS = 8;
const SHOWN_NAMES = 6;

const byName = new Intl.Collator("en", { numeric: true });

/** Where and when a history is read. */
export interface HistoryScreen {
  calendar: Calendar;
  columns: number;
  paint: Paint;
  /** RFC 3339. */
  now: string;
}

/** A finding on a host, over the looks that are remembered of it. */
export interface HostItem {
  host: string;
  /** How many looks that are. */
  looks: number;
  item: ItemHistory;
}

/** All findings of hosts, standing and gone. */
export function itemsOf(hosts: readonly HostHistory[]): HostItem[] {
  return hosts.flatMap(({ host, looks, items }) => items.map((item) => ({ host, looks, item })));
}

/**
 * A section of findings: each once, and below it since when and how often its hosts have it, those together of which
 * the same is to be said. What most hosts share comes first, and of it what began last. Empty: there is none.
 */
export function itemsText(title: string, all: readonly HostItem[], screen: HistoryScreen): string {
  if (all.length === 0) return "";
  const findings = grouped(all, ({ item }) => JSON.stringify([item.code, item.item, item.message]));
  const sorted = [...findings.values()].sort((a, b) => b.length - a.length);
  const shown = sorted.slice(0, SHOWN_FINDINGS).map((group) => findingText(group, screen));
  const more = sorted.length - shown.length;
  return [
    screen.paint.bold(title),
    ...shown,
    ...(more > 0 ? [screen.paint.dim(`  … and ${more} more; -o json has all`)] : []),
  ].join("\n");
}

function findingText(group: readonly HostItem[], screen: HistoryScreen): string {
  const { paint } = screen;
  const since = ([one]: readonly HostItem[]) => one?.item.since ?? "";
  const spells = [...grouped(group, (one) => JSON.stringify(wordsOf(one, screen))).values()].sort((a, b) =>
    since(a) < since(b) ? 1 : since(a) > since(b) ? -1 : b.length - a.length,
  );
  const rows = spells.slice(0, SHOWN_SPELLS).flatMap((hosts) => {
    const [first] = hosts;
    if (!first) return [];
    const [when, often] = wordsOf(first, screen);
    return [{ when, often, names: namesText(hosts.map(({ host }) => host)), isNew: isNew(first) }];
  });
  const left = spells.slice(SHOWN_SPELLS).flat().length;
  const widths = [
    Math.max(...rows.map(({ when }) => when.length)),
    Math.max(...rows.map(({ often }) => often.length)),
  ];
  const lines = rows.map(({ when, often, names, isNew }) => {
    const begin = when.padEnd(widths[0] ?? 0);
    return `      ${isNew ? paint.bold(begin) : begin}  ${often.padEnd(widths[1] ?? 0)}  ${paint.bold(names)}`;
  });
  const { code = "", message = "" } = group[0]?.item ?? {};
  return [
    `  ${paint.yellow("!")} ${indentRest(escapeControls(message))} ${paint.dim(`(${escapeLine(code)})`)}`,
    ...lines,
    ...(left > 0 ? [paint.dim(`      … and ${left} more ${left === 1 ? "host" : "hosts"}`)] : []),
  ].join("\n");
}

function isNew({ item }: HostItem): boolean {
  return isStanding(item) && item.looks === 1;
}

/** `since 3 nights`, `3 of 30 looks, came back twice: flapping`. */
function wordsOf({ looks, item }: HostItem, { calendar, now }: HistoryScreen): [string, string] {
  const returned = timesReturned(item);
  const back = ["", ", came back once", ", came back twice"][returned] ?? `, came back ${returned} times`;
  const often = `${timesFound(item)} of ${looks} ${looks === 1 ? "look" : "looks"}${back}${isFlapping(item) ? ": flapping" : ""}`;
  if (!isStanding(item)) return [`last ${calendar.moment(item.last)}`, often];
  if (item.looks === 1) return [returned > 0 ? "back again" : "new", often];
  return [`since ${age(item.since, now)}`, often];
}

/** Host names in the order in which people count. */
export function namesText(hosts: readonly string[]): string {
  return someNames([...hosts].sort(byName.compare), SHOWN_NAMES);
}

/** Puts together what has the same key, in the order of the first of each. */
export function grouped<One>(all: readonly One[], keyOf: (one: One) => string): Map<string, One[]> {
  const groups = new Map<string, One[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}

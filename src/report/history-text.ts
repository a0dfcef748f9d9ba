import { escapeLine } from "../core/byte-text.ts";
import { type HostHistory, isFlapping, isStanding, type Night, type NightOfHost } from "../core/history.ts";
import { grouped, type HistoryScreen, itemsOf, itemsText, namesText } from "./history-items.ts";
import { historyTable, TABLE_LEGEND } from "./history-table.ts";
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

const SHOWN_HOSTS = 40;

const byName = new Intl.Collator("en", { numeric: true });

/** Drift over time as a person reads it: nights × hosts, then what stands, what comes and goes, and who is unknown. */
export function historyText(view: HistoryView, screen: HistoryScreen): string {
  const items = itemsOf(view.hosts);
  const gone = items.filter(({ item }) => !isStanding(item));
  const sections = [
    titleText(view, screen),
    tableText(view, screen),
    itemsText(
      "Standing",
      items.filter(({ item }) => isStanding(item)),
      screen,
    ),
    view.inDetail
      ? itemsText("Gone", gone, screen)
      : itemsText(
          "Gone for now, but flapping",
          gone.filter(({ item }) => isFlapping(item)),
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

function unknownText({ hosts }: HistoryView, { calendar, now, paint }: HistoryScreen): string {
  const unknown = hosts.filter(({ unknownSince }) => unknownSince !== undefined);
  if (unknown.length === 0) return "";
  const groups = grouped(unknown, ({ unknownSince = "" }) => unknownSince);
  const lines = [...groups].map(([since, group]) => {
    const names = namesText(group.map(({ host }) => host));
    return `  ${paint.red("?")} ${paint.bold(names)}  since ${age(since, now)} (${calendar.moment(since)})`;
  });
  return [paint.bold("Unknown: nobody could look"), ...lines].join("\n");
}

function hostCount(count: number): string {
  return count === 1 ? "1 host" : `${count} hosts`;
}

import { dayOfMonth, isMonday, monthName, weekday } from "./calendar.ts";
import type { Night } from "./fleet-record.ts";
import { nightsWords } from "./glance.ts";
import { nameRanges, rangesText, rangesTitle } from "./host-names.ts";
import { STATE_WORDS } from "./host-state.ts";
import { html, type Markup } from "./markup.ts";
import { counted } from "./measures.ts";
import type { Spell, SpellRow } from "./spells.ts";
import type { View } from "./view.ts";

/** Nights up to which a column is wide. */
const FEW_NIGHTS = 16;
const SOME_NIGHTS = 34;

/** Drift by host and night: a row for each history, a cell for each spell in which nothing changed. */
export function timeline(view: View): Markup {
  const { nights, hosts, rows } = view;
  const inRows = rows.reduce((sum, row) => sum + row.hosts.length, 0);
  const rest = hosts.length - inRows;
  const size = nights.length <= FEW_NIGHTS ? "wide" : nights.length <= SOME_NIGHTS ? "middle" : "narrow";
  const intro = html`<h2 id="timeline-title">Night by night</h2>
<p class="intro">${nightsWords(view)}. A number says how many findings a host had; an empty field, that it was as declared. ${missedWords(nights)}</p>`;
  if (rows.length === 0) {
    return html`<section id="timeline" aria-labelledby="timeline-title">${intro}
<p class="empty"><span class="mark" aria-hidden="true">✓</span> Nothing drifted ${nights.length === 1 ? "on this night" : `in ${nights.length} nights`}.</p></section>`;
  }
  return html`<section id="timeline" aria-labelledby="timeline-title">${intro}
${legend()}
<div class="scroll" tabindex="0" role="region" aria-labelledby="timeline-title"><table class="nights ${size}">
<colgroup><col class="name">${nights.map(() => html`<col class="night">`)}</colgroup>
<thead>${monthRow(nights, size)}${dayRow(nights, size === "narrow")}${sumRows(view)}</thead>
<tbody>${rows.map((row, index) => spellRow(view, row, index))}</tbody>
${rest > 0 && html`<tfoot><tr><th scope="row">${rest === 1 ? "the other host" : `the other ${counted(rest, "host")}`}</th><td class="rest" colspan="${nights.length}">never drifted on these nights</td></tr></tfoot>`}
</table></div></section>`;
}

function missedWords(nights: readonly Night[]): string {
  const missed = nights.reduce((sum, night) => sum + night.missed, 0);
  if (missed === 0) return "";
  return `A double line stands where no run was made: ${counted(missed, "day")} in all.`;
}

function legend(): Markup {
  const levels = LEVELS.map(({ name, words }) => html`<span class="cell ${name}">${words}</span>`);
  return html`<p class="legend"><span>${levels} drifted, by the number of findings</span> <span><span class="cell unknown">?</span> ${STATE_WORDS.unknown.word}</span> <span><span class="cell absent">–</span> ${STATE_WORDS.absent.word}</span> <span><span class="cell fine"></span> ${STATE_WORDS.fine.word}</span></p>`;
}

/** Characters that a column of a size has room for. */
const ROOM = { wide: 5, middle: 3.8, narrow: 1.9 };

function monthRow(nights: readonly Night[], size: keyof typeof ROOM): Markup {
  const months: { name: string; nights: number }[] = [];
  for (const { day } of nights) {
    const name = `${monthName(day)} ${day.slice(0, 4)}`;
    const last = months[months.length - 1];
    if (last?.name === name) last.nights += 1;
    else months.push({ name, nights: 1 });
  }
  const cells = months.map(({ name, nights: count }) => {
    const room = count * ROOM[size];
    const shown = room >= name.length ? name : name.slice(0, room >= 3 ? 3 : 1);
    return html`<th scope="colgroup" colspan="${count}">${shown}</th>`;
  });
  return html`<tr class="months"><td></td>${cells}</tr>`;
}

/** Narrow columns have no room for all their days: Mondays are shown, the others only told. */
function dayRow(nights: readonly Night[], isNarrow: boolean): Markup {
  const cells = nights.map(
    ({ day, missed }) =>
      html`<th scope="col"${missed > 0 && html` class="gap"`}><abbr title="${weekday(day)}"${isNarrow && !isMonday(day) && html` class="told"`}>${dayOfMonth(day)}</abbr></th>`,
  );
  return html`<tr class="days"><th scope="col">Host</th>${cells}</tr>`;
}

/** How many hosts had drifted, and of how many nothing was known; with a bar for those who look for the shape. */
function sumRows({ nights, hosts }: View): Markup[] {
  const count = (state: string) =>
    nights.map((_, index) => hosts.filter((host) => host.nights[index]?.state === state).length);
  const drifted = count("drifted");
  const unknown = count("unknown");
  const rows = [sumRow("hosts drifted", "drifted", drifted)];
  if (unknown.some((sum) => sum > 0)) rows.push(sumRow("hosts unknown", "unknown", unknown));
  return rows;
}

const BAR = 34;

function sumRow(name: string, state: string, sums: readonly number[]): Markup {
  const most = Math.max(1, ...sums);
  const cells = sums.map((sum) => {
    const height = sum === 0 ? 0 : Math.max(2, Math.round((BAR * sum) / most));
    const bar = html`<svg class="column ${state}" viewBox="0 0 10 ${BAR}" preserveAspectRatio="none" aria-hidden="true"><rect y="${BAR - height}" width="10" height="${height}"/></svg>`;
    return html`<td>${bar}<span${sum > 9 && html` class="${sum > 99 ? "longest" : "long"}"`}>${sum === 0 ? "0" : sum}</span></td>`;
  });
  return html`<tr class="sums ${state}"><th scope="row">${name}</th>${cells}</tr>`;
}

/** What the column of names has room for, alone and beside a number of hosts. */
const OWN_CHARACTERS = 28;
const SHARED_CHARACTERS = 18;

function spellRow(view: View, { hosts, spells }: SpellRow, index: number): Markup {
  const names = hosts.map((host) => view.hosts[host]?.name ?? "");
  const target = hosts.length === 1 ? `#host-${hosts[0]}` : `#row-${index}`;
  const title = rangesTitle(nameRanges(names), hosts.length > 1 ? SHARED_CHARACTERS : OWN_CHARACTERS);
  const several = hosts.length > 1 && html` <small>${counted(hosts.length, "host")}</small>`;
  const heading = html`<th scope="row" title="${rangesText(names, 12)}"><a href="${target}">${title}</a>${several}</th>`;
  return html`<tr id="row-${index}">${heading}${spells.map((spell) => spellCell(spell, target))}</tr>\n`;
}

function spellCell({ first, nights, state, items }: Spell, target: string): Markup {
  const span = nights > 1 && html` colspan="${nights}"`;
  if (state === "fine") return html`<td${span}></td>`;
  if (state === "absent") return html`<td class="absent"${span}>–</td>`;
  const mark = state === "unknown" ? "?" : items.length;
  const name = state === "unknown" ? "unknown" : level(items.length);
  return html`<td class="${name}"${span}><a href="${target}" data-night="${first + nights - 1}">${mark}</a></td>`;
}

/** How strong a colour so many findings have. */
const LEVELS = [
  { least: 1, name: "d1", words: "1" },
  { least: 2, name: "d2", words: "2–3" },
  { least: 4, name: "d3", words: "4+" },
];

function level(findings: number): string {
  return LEVELS.findLast(({ least }) => findings >= least)?.name ?? "d1";
}

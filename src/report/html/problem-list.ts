import { FLAPPING_RETURNS } from "../../core/history.ts";
import { shortDay } from "./calendar.ts";
import { type EvidenceBudget, evidence } from "./evidence.ts";
import { hostLinks } from "./glance.ts";
import { rangesText } from "./host-names.ts";
import { html, type Markup } from "./markup.ts";
import { counted } from "./measures.ts";
import type { ProblemGroup, ProblemHost, ProblemVariant } from "./problem-groups.ts";
import type { View } from "./view.ts";

/** So many findings are opened for the reader at once. */
const OPEN = 2;
/** Names of hosts in a heading. */
const RANGES = 3;
/** A sentence of a host that is longer than this is cut; sentences of lfce never are. */
const LONGEST_SENTENCE = 1_500;

/** What stands against the fleet now, each thing once with its hosts; then what could not be looked at; then the past. */
export function problemList(view: View, budget: EvidenceBudget): Markup {
  const now = view.problems.groups.filter((group) => group.now.length > 0);
  const findings = now.filter(({ kind }) => kind !== "error");
  const errors = now.filter(({ kind }) => kind === "error");
  const past = view.problems.groups.filter((group) => group.now.length === 0);
  const open = findings.length <= OPEN ? OPEN : 0;
  return html`<section id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">What was found</h2>
${findings.length === 0 ? emptyWords(view) : html`<p class="intro">A diff shows what <code>lfce apply</code> would change.</p>`}
${findings.map((group, index) => problemItem(view, group, budget, index < open))}
${errors.length > 0 && html`<h3>Could not be looked at</h3>`}
${errors.map((group) => problemItem(view, group, budget, false))}
${resolvedList(view)}
${
  past.length > 0 &&
  html`<details class="past" id="past"><summary><h3>Earlier, and gone: ${counted(past.length, "finding")}</h3></summary>
${past.map((group) => problemItem(view, group, budget, false))}</details>`
}
</section>`;
}

function emptyWords({ counts, problems, nights }: View): Markup {
  const looked = counts.fine + counts.drifted;
  if (looked === 0) return html`<p class="empty">No host could be looked at.</p>`;
  const ever = problems.groups.some(({ kind }) => kind !== "error");
  const span = nights.length === 1 ? "last night" : `in ${nights.length} nights`;
  return html`<p class="empty"><span class="mark" aria-hidden="true">✓</span> ${ever ? "Nothing is found now; what had drifted before is gone." : `Nothing drifted ${span}.`}</p>`;
}

function problemItem(view: View, group: ProblemGroup, budget: EvidenceBudget, open: boolean): Markup {
  const { id, kind, code, item, variants, now, before } = group;
  const isNow = now.length > 0;
  const members = isNow ? now : before;
  const [first] = variants;
  const same = variants.length === 1 && first ? first.message : undefined;
  const heading =
    same ??
    (item === "" ? (first?.message ?? code) : `${item}: ${counted(variants.length, "different finding")}`);
  const names = rangesText(
    members.map((index) => view.hosts[index]?.name ?? ""),
    RANGES,
  );
  return html`<details class="problem ${kind} ${isNow ? "now" : "gone"}" id="problem-${id}"${open && html` open`}>
<summary><span class="badges">${badges(view, group)}</span><span class="what">${sentence(heading)}</span> <span class="where"><b>${counted(members.length, "host")}</b> ${names}</span> <code class="code">${code}</code></summary>
${variants.map((variant) => variantItem(view, variant, variants.length > 1, budget))}
</details>
`;
}

/** What a person should know before reading on: new or since when, coming and going, a proof that failed. */
function badges(view: View, { fresh, now, kind, variants }: ProblemGroup): Markup[] {
  const marks: Markup[] = [];
  if (now.length === 0) return [html`<span class="badge gone">gone</span>`];
  if (fresh > 0) marks.push(html`<span class="badge new">new${fresh < now.length && ` on ${fresh}`}</span>`);
  if (fresh < now.length)
    marks.push(html`<span class="badge standing">${standingWords(view, variants)}</span>`);
  if (kind === "proof") marks.push(html`<span class="badge proof">proof failed</span>`);
  if (
    variants.some(({ hosts }) => hosts.some((host) => host.now && (host.returned ?? 0) >= FLAPPING_RETURNS))
  ) {
    marks.push(html`<span class="badge flapping">comes and goes</span>`);
  }
  return marks;
}

/** `since 21 Nov`, `since 02:30`: since when the first of the hosts has it. */
function standingWords({ calendar, nights }: View, variants: readonly ProblemVariant[]): string {
  const since = variants
    .flatMap(({ hosts }) => hosts)
    .flatMap(({ now, isNew, since: time }) => (now && !isNew && time !== undefined ? [time] : []))
    .sort();
  const day = calendar.day(since[0] ?? "");
  if (day === "") return "standing";
  // Between runs of one day the hour tells.
  const isToday = day === nights[nights.length - 1]?.day;
  return `since ${isToday ? calendar.moment(since[0] ?? "").slice(-"00:00".length) : shortDay(day)}`;
}

function variantItem(
  view: View,
  { id, message, detail, hint, hosts }: ProblemVariant,
  isOneOfMany: boolean,
  budget: EvidenceBudget,
): Markup {
  const now = hosts.filter((host) => host.now);
  const before = hosts.filter((host) => !host.now);
  return html`<div class="variant" id="variant-${id}">
<div class="said">${isOneOfMany && html`<p class="message">${sentence(message)}</p>`}${hint !== undefined && html`<p class="hint"><span aria-hidden="true">→</span> ${sentence(hint)}</p>`}
${evidence(detail, budget)}</div>
${sinceGroups(view, now)}
${
  before.length > 0 &&
  html`<p class="hosts"><span class="since">earlier, and gone:</span> ${hostLinks(
    view,
    before.map(({ host }) => host),
  )}</p>`
}
</div>`;
}

function sentence(text: string): string {
  return text.length <= LONGEST_SENTENCE ? text : `${text.slice(0, LONGEST_SENTENCE)}…`;
}

/** The hosts, those together that have it since the same time. */
function sinceGroups(view: View, hosts: readonly ProblemHost[]): Markup[] {
  const groups = new Map<string, number[]>();
  for (const { host, since, isNew } of hosts) {
    const when = isNew ? "new on" : since === undefined ? "on" : `since ${view.calendar.moment(since)} on`;
    const known = groups.get(when);
    if (known) known.push(host);
    else groups.set(when, [host]);
  }
  return [...groups].map(
    ([when, members]) =>
      html`<p class="hosts"><span class="since">${when}</span> ${hostLinks(view, members)}</p>`,
  );
}

function resolvedList(view: View): Markup | undefined {
  const groups = new Map<string, { message: string; code: string; mended: boolean; hosts: number[] }>();
  view.hosts.forEach(({ resolved }, index) => {
    for (const { code, item, message, mended = false } of resolved) {
      const key = JSON.stringify([code, item, mended]);
      const group = groups.get(key) ?? { message, code, mended, hosts: [] };
      group.hosts.push(index);
      groups.set(key, group);
    }
  });
  if (groups.size === 0) return undefined;
  const items = [...groups.values()].map(
    ({ message, code, mended, hosts }) =>
      html`<li><span class="badge resolved">${mended ? "mended" : "resolved"}</span> <span class="what">${sentence(message)}</span> <code class="code">${code}</code> <span class="where">${hostLinks(view, hosts)}</span></li>\n`,
  );
  return html`<h3>Resolved since the look before</h3><ul class="resolved-list">${items}</ul>`;
}

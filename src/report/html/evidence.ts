import { html, type Markup } from "./markup.ts";

/** More of one text than this helps nobody on a page. */
const LONGEST = 8_000;
/** What a line costs beside its characters: its element. */
const LINE_COST = 24;

/** How much evidence a page may hold, over all that it shows: what is asked for first is shown first. */
export interface EvidenceBudget {
  bytes: number;
}

/** Enough for some hundred different diffs; a page that a mail server refuses or a browser chews on helps nobody. */
export function evidenceBudget(): EvidenceBudget {
  return { bytes: 900_000 };
}

/**
 * Evidence as the page shows it: lines of a diff marked as such (their `+` and `-` stay), long texts cut with a word
 * about it.
 */
export function evidence(detail: string | undefined, budget: EvidenceBudget): Markup | undefined {
  if (detail === undefined || detail === "") return undefined;
  const text =
    detail.length > LONGEST ? detail.slice(0, detail.lastIndexOf("\n", LONGEST) + 1 || LONGEST) : detail;
  const lines = text.replace(/\n$/, "").split("\n");
  const cost = Buffer.byteLength(text) + lines.length * LINE_COST;
  if (cost > budget.bytes) return cutNote("The evidence is left out here, so that the page stays small.");
  budget.bytes -= cost;
  const left = detail.slice(text.length).replace(/\n$/, "");
  const shown = isDiff(lines) ? lines.map(diffLine) : html`${lines.join("\n")}`;
  const cut = left === "" ? undefined : cutNote(`${left.split("\n").length} more lines are left out here.`);
  return html`<pre class="evidence" tabindex="0" aria-label="evidence">${shown}</pre>${cut}`;
}

function cutNote(text: string): Markup {
  return html`<p class="cut">${text} The file of the run has all of it: <code>lfce history -o json</code> names it.</p>`;
}

/** A unified diff, or a part of one: every line begins as such a line does, and at least one is a change. */
function isDiff(lines: readonly string[]): boolean {
  return lines.some((line) => /^[+-]/.test(line)) && lines.some((line) => /^(@@|--- |\+\+\+ )/.test(line));
}

function diffLine(line: string): Markup {
  if (/^(--- |\+\+\+ )/.test(line)) return html`<span class="file">${line}\n</span>`;
  if (line.startsWith("@@")) return html`<span class="hunk">${line}\n</span>`;
  if (line.startsWith("+")) return html`<ins>${line}\n</ins>`;
  if (line.startsWith("-")) return html`<del>${line}\n</del>`;
  return html`${line}\n`;
}

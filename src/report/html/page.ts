import { createHash } from "node:crypto";
import type { Calendar } from "./calendar.ts";
import { evidenceBudget } from "./evidence.ts";
import type { FleetRecord } from "./fleet-record.ts";
import { glance, nightsWords } from "./glance.ts";
import { hostTable } from "./host-table.ts";
import { html, jsonForScript, type Markup, trusted } from "./markup.ts";
import { counted } from "./measures.ts";
import { pageData } from "./page-data.ts";
import { problemList } from "./problem-list.ts";
import { timeline } from "./timeline.ts";
import { topologySection } from "./topology-section.ts";
import { type View, viewOf } from "./view.ts";

/** The page's own style and script, as scripts/build-page.ts makes them. */
export interface PageAssets {
  style: string;
  script: string;
}

export interface PageOptions {
  calendar: Calendar;
  /** When the page is made (RFC 3339). */
  made: string;
  version: string;
  assets: PageAssets;
}

/**
 * The report: one HTML file that needs nothing else and asks no network for anything (its policy forbids it). All of
 * it can be read without its script, which only searches, walks by keyboard and opens hosts.
 */
export function reportPage(record: FleetRecord, { calendar, made, version, assets }: PageOptions): string {
  const view = viewOf(record, calendar);
  const budget = evidenceBudget();
  const last = view.nights[view.nights.length - 1];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(assets)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Drift of ${view.playbook}</title>
<style>${trusted(assets.style)}</style>
</head>
<body>
<a class="skip" href="#findings">Skip to what was found</a>
<header class="top"><div class="bar">
<h1><span class="brand">lfce</span> <span class="playbook">${view.playbook}</span></h1>
<nav aria-label="Sections"><a href="#findings">Found</a> <a href="#topology">Time and logs</a> <a href="#timeline">Nights</a> <a href="#hosts">Hosts</a></nav>
<div class="search" role="search" hidden><label for="search">Find a host</label> <input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="part of a name" aria-describedby="search-result"><kbd aria-hidden="true">/</kbd><span id="search-result" role="status"></span></div>
</div></header>
<main>
${sections(view, budget)}
</main>
<footer><p>${counted(view.hosts.length, "host")}, ${nightsWords(view)}${last && `; last run ${calendar.moment(last.started)}`} (${calendar.timeZone}). Made ${calendar.moment(made)} by lfce ${version}. More in a terminal: <code>lfce history</code>.</p></footer>
<dialog id="host-dialog" aria-labelledby="dialog-title"></dialog>
<script type="application/json" id="data">${jsonForScript(pageData(view))}</script>
<script>${trusted(assets.script)}</script>
</body>
</html>
`;
  return page.markup;
}

function sections(view: View, budget: ReturnType<typeof evidenceBudget>): Markup {
  if (view.nights.length === 0) {
    return html`<p class="empty">No run is recorded yet. <code>lfce drift PLAYBOOK</code> makes one.</p>`;
  }
  return html`${glance(view)}
${problemList(view, budget)}
${topologySection(view)}
${timeline(view)}
${hostTable(view)}`;
}

/** Nothing from anywhere; of the page itself, exactly its own style and script (W3C, Content Security Policy 3). */
function policy({ style, script }: PageAssets): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

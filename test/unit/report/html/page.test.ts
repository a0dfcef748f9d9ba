import assert from "node:assert/strict";
import { test } from "node:test";
import type { LfceEvent } from "../../../../src/core/events.ts";
import { addRun, emptyRecord } from "../../../../src/report/html/fleet-record.ts";
import { reportPage } from "../../../../src/report/html/page.ts";
import { demoRuns } from "./demo-fleet.ts";
import { fine, gone, recordOf, runAt, utc } from "./events.ts";

const options = {
  calendar: utc,
  made: "2026-03-09T07:00:00Z",
  version: "1.2.3",
  assets: { style: "p{}", script: "0" },
};

function pageOf(runs: readonly LfceEvent[][]): string {
  const record = emptyRecord();
  for (const run of runs) addRun(record, run, utc);
  return reportPage(record, options);
}

/** Text of the page as a person reads it. */
function textOf(page: string): string {
  return page
    .replace(/<(script|style)[^>]*>.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}

const EVIL = `</script></style></pre><img src=x onerror=alert(1)>"'&<!--<script>\u202e\u001b[2J`;

function evilRun(time: string): LfceEvent[] {
  const run = runAt(time, {
    [`a${EVIL}`]: {
      drift: [
        { code: EVIL, item: EVIL, message: EVIL, detail: `@@\n-${EVIL}\n+${EVIL}`, since: EVIL },
        { code: `${EVIL}2`, item: EVIL, message: EVIL, detail: EVIL, since: time, looks: 3, returned: 2 },
      ],
      resolved: [{ code: EVIL, item: `${EVIL}3`, message: EVIL, since: EVIL }],
      links: [
        { kind: "ntp", to: EVIL, state: "broken", detail: EVIL },
        { kind: "syslog", to: `b${EVIL}`, state: "unknown", detail: EVIL },
      ],
      clock: { stratum: 3, offset: 0.1, leap: "normal" },
      checks: [{ name: "ntp.selected", result: "failed", detail: EVIL, hint: EVIL, code: EVIL, ms: 1 }],
    },
    [`b${EVIL}`]: { error: { code: EVIL, message: EVIL, hint: EVIL } },
    ...Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `c${index}${EVIL}`,
        {
          drift: [],
          links: [{ kind: "ntp", to: `a${EVIL}`, state: "in-use" } as const],
        },
      ]),
    ),
  });
  return run.map((event) => (event.event === "run-started" ? { ...event, playbook: EVIL } : event));
}

test("hostile text in every field is text", () => {
  const page = pageOf([evilRun("2026-03-01T02:00:00Z"), evilRun("2026-03-02T02:00:00Z")]);
  assert.equal(page.match(/<script/g)?.length, 2);
  assert.equal(page.match(/<\/script/g)?.length, 2);
  assert.equal(page.match(/<style/g)?.length, 1);
  assert.doesNotMatch(page, /<img|<!--|\u202e|\u001b/);
  const attributes = page.match(/<[a-z][^<>]*>/g) ?? [];
  assert.deepEqual(
    attributes.filter((tag) => / on\w+=/.test(tag.replace(/"[^"]*"/g, '""'))),
    [],
  );
  assert.ok((page.match(/&lt;img src=x onerror=alert\(1\)&gt;/g) ?? []).length > 20);
});

test("every element that is opened is closed, whatever hosts say", () => {
  const page = pageOf([evilRun("2026-03-01T02:00:00Z")]).replace(/<(script|style)[^>]*>.*?<\/\1>/gs, "");
  const open: string[] = [];
  for (const [, slash, name = "", rest = ""] of page.matchAll(/<(\/?)([a-z][\w]*)([^<>]*)>/g)) {
    if (VOID.has(name) || rest.endsWith("/")) continue;
    if (slash) assert.equal(open.pop(), name);
    else open.push(name);
  }
  assert.deepEqual(open, []);
});

const VOID = new Set(["meta", "input", "col"]);

test("nothing is loaded: the policy allows the page's own style and script, and no address stands in it", () => {
  const page = pageOf(demoRuns({ hosts: 30, nights: 5 }));
  assert.match(
    page,
    /default-src &#39;none&#39;; style-src &#39;sha256-\S+&#39;; script-src &#39;sha256-\S+&#39;;/,
  );
  const targets = [...page.matchAll(/ (?:href|src|action|data|poster|xlink:href)="([^"]*)"/g)].map(
    ([, to]) => to,
  );
  assert.ok(targets.length > 30);
  assert.deepEqual(
    targets.filter((to) => !to?.startsWith("#")),
    [],
  );
  assert.doesNotMatch(page, / style=|@import|url\((?!#)/);
});

test("links go to places that are there, and no two places have one name", () => {
  const page = pageOf(demoRuns({ hosts: 120, nights: 20 }));
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  const missing = [...page.matchAll(/ href="#([^"]*)"/g)]
    .map(([, to]) => to)
    .filter((to) => !ids.includes(to));
  assert.deepEqual(missing, []);
});

test("500 hosts over 60 nights are a small page", () => {
  assert.ok(Buffer.byteLength(pageOf(demoRuns({ hosts: 500, nights: 60 }))) < 600_000);
});

test("500 hosts that differ in everything, every night, are still less than 2 MB, and the page says what it leaves out", () => {
  const runs = Array.from({ length: 60 }, (_, night) =>
    runAt(
      new Date(Date.UTC(2026, 1, 1 + night, 2)).toISOString(),
      Object.fromEntries(
        Array.from({ length: 500 }, (_, index) => [
          `host-with-quite-a-long-name-${index}.site-${index % 7}.example.org`,
          {
            links: [{ kind: "ntp", to: `time${index % 5}`, state: "in-use" } as const],
            clock: { stratum: 3, offset: index * 1e-6, leap: "normal" } as const,
            drift: Array.from({ length: 1 + ((index + night * 3) % 4) }, (_, number) => ({
              code: "file-differs",
              item: `/etc/chrony/conf.d/${number}.conf`,
              message: `/etc/chrony/conf.d/${number}.conf differs ${index}`,
              detail: `@@ -1,1 +1,1 @@\n${`+line ${index} ${night}\n`.repeat(200)}`,
            })),
          },
        ]),
      ),
    ),
  );
  const page = pageOf(runs);
  assert.ok(Buffer.byteLength(page) < 2_000_000, `${Buffer.byteLength(page)} bytes`);
  assert.match(page, /The evidence is left out here/);
});

test("one long evidence is cut, with a word about it", () => {
  const detail = Array.from({ length: 2_000 }, (_, line) => `line ${line}`).join("\n");
  const page = textOf(
    pageOf([
      runAt("2026-03-01T02:00:00Z", { a: { drift: [{ code: "x", item: "i", message: "m", detail }] } }),
    ]),
  );
  const [, left] = /(\d+) more lines are left out/.exec(page) ?? [];
  assert.equal(page.match(/line \d+/g)?.length, 2_000 - Number(left));
  // `lfce history` itself tells no evidence.
  assert.match(page, /The file of the run has all of it: `?lfce history -o json`? names it/);
});

test("a diff keeps its signs and is marked line by line", () => {
  const detail = "/etc/x:1\n--- /etc/x\n+++ /etc/x\n@@ -1 +1 @@\n-a\n+b\n";
  const page = pageOf([
    runAt("2026-03-01T02:00:00Z", { a: { drift: [{ code: "x", item: "i", message: "m", detail }] } }),
  ]);
  assert.match(page, /<del>-a\n<\/del><ins>\+b\n<\/ins>/);
});

test("empty states say so", () => {
  assert.match(textOf(reportPage(emptyRecord(), options)), /No run is recorded yet/);
  const calm = textOf(reportPage(recordOf({ 1: { a: fine }, 2: { a: fine } }), options));
  assert.match(calm, /The host is as declared/);
  assert.match(calm, /Nothing drifted in 2 nights/);
  assert.match(calm, /No host has told yet where it takes its time/);
  assert.match(textOf(reportPage(recordOf({ 1: { a: gone } }), options)), /No host could be looked at/);
});

test("a night with unknown hosts does not read as a good one", () => {
  const page = textOf(reportPage(recordOf({ 1: { a: fine, b: gone, c: fine } }), options));
  assert.match(page, /Nothing drifted on the 2 hosts that could be looked at/);
  assert.match(page, /1 host could not be looked at, so nothing is known of it/);
  assert.doesNotMatch(page, /All 3 hosts/);
});

test("a standing finding says since when: the day, or between runs of one day the hour", () => {
  const told = (since: string) => ({ drift: [{ code: "x", item: "i", message: "m", since, looks: 2 }] });
  const page = (since: string) => textOf(pageOf([runAt("2026-03-09T06:00:00Z", { a: told(since) })]));
  assert.match(page("2026-03-07T02:30:00Z"), / since 7 Mar m 1 host a x /);
  assert.match(page("2026-03-09T02:30:00Z"), / since 02:30 m 1 host a x /);
});

test("a broken link says why, in the picture and in the list", () => {
  const links = [{ kind: "syslog", to: "log1", state: "broken", detail: "tcp port 514: refused" } as const];
  const page = textOf(pageOf([runAt("2026-03-09T06:00:00Z", { web1: { drift: [], links }, log1: fine })]));
  assert.match(page, /✕ logs: refused/);
  assert.match(page, /web1 log1 logs ✕ broken: tcp port 514: refused 1/);
});

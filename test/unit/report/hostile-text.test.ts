import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeControls, escapeLine } from "../../../src/core/byte-text.ts";
import type { HostFinished, LfceEvent } from "../../../src/core/events.ts";
import { errorsText, warningText } from "../../../src/report/error-text.ts";
import { jsonReporter } from "../../../src/report/json.ts";
import { createPaint } from "../../../src/report/paint.ts";
import { plainReporter } from "../../../src/report/plain.ts";
import type { Output, Reporter } from "../../../src/report/reporter.ts";
import { ttyReporter } from "../../../src/report/tty.ts";
import { inMemory } from "./in-memory-spool.ts";

/** What a host may say to drive a terminal, to hide, or to look like something else. */
const EVIL = [
  "\x1b[2J\x1b]0;title\x07\x1bP1$r\x1b\\",
  "\x9b31m\x9dtitle\x9c\x85",
  "\u202egpj.exe\u202c\u2066x\u2069\u200f\u061c",
  "a\u200b\u200d\u2060\ufeff\u00adb\u3164\u034f\ufe0f",
  "\u2028\u2029\u0000\u0008\r\u007f\v\f",
  "\ud800\udc00x\ud800 \u{e0041}\u{e0001}",
].join("");

/** Characters that none of lfce's output may hold; newlines and tabs are lfce's own. */
const FORBIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad\u3164\u{e0001}-\u{e007f}]|\u034f|\ufe0f|\p{Cs}/u;

const place = { host: EVIL, phase: "apply" } as const;
const finished: HostFinished = {
  event: "host-finished",
  time: "2026-01-01T00:00:00Z",
  run: "run",
  host: `web1${EVIL}`,
  status: "failed",
  changes: [
    {
      kind: "file",
      target: EVIL,
      reason: EVIL,
      diff: `--- a${EVIL}\n+++ b\n@@ -1 +1 @@\n-${EVIL}\n+${EVIL}\n`,
    },
    { kind: "restart", target: EVIL, reason: EVIL },
  ],
  checks: [
    { name: "ntp.selected", result: "failed", detail: EVIL, hint: EVIL, code: EVIL, ms: 1 },
    { name: "syslog.arrived", result: "unproven", detail: EVIL, ms: 1 },
  ],
  drift: [{ code: EVIL, item: EVIL, message: EVIL, detail: EVIL }],
  warnings: [{ code: EVIL, message: EVIL, hint: EVIL, at: place }],
  error: { code: EVIL, message: EVIL, hint: EVIL, at: place },
};

const events: LfceEvent[] = [
  {
    event: "run-started",
    time: finished.time,
    run: "run",
    version: "1",
    command: "apply",
    playbook: EVIL,
    hosts: 2,
  },
  { event: "wave-started", time: finished.time, run: "run", wave: 1, of: 1, hosts: [finished.host] },
  { event: "host-started", time: finished.time, run: "run", host: finished.host },
  finished,
  { ...finished, host: EVIL, status: "skipped" },
  {
    event: "summary",
    time: finished.time,
    run: "run",
    exitCode: 3,
    durationMs: 1,
    hosts: {
      unchanged: 0,
      changed: 0,
      pending: 0,
      drifted: 0,
      failed: 1,
      rolledBack: 0,
      unreachable: 0,
      skipped: 1,
    },
    checks: { passed: 0, failed: 1, unproven: 1 },
    error: { code: EVIL, message: EVIL, hint: EVIL, at: { file: EVIL, line: 1, column: 1, source: EVIL } },
  },
];

async function outputOf(reporterFor: (output: Output) => Reporter): Promise<string> {
  const pieces: string[] = [];
  const reporter = reporterFor({ write: (piece) => void pieces.push(piece), columns: 80, rows: 24 });
  for (const event of events) reporter.handle(event);
  await reporter.finish();
  return pieces.join("");
}

const paint = createPaint(false);
const reporters: Record<string, (output: Output) => Reporter> = {
  plain: (output) => plainReporter(output, paint),
  tty: (output) => ttyReporter(output, paint, { now: () => 0, verbose: true, spool: inMemory() }),
  json: jsonReporter,
};
for (const [name, reporter] of Object.entries(reporters)) {
  test(`${name}: nothing that a host says reaches the terminal but as text`, async () => {
    const text = await outputOf(reporter);
    assert.ok(text.length > 1000);
    assert.doesNotMatch(text, FORBIDDEN);
  });
}

test("json: whoever parses an event gets the text as it was", async () => {
  const lines = (await outputOf(jsonReporter)).trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    JSON.parse(JSON.stringify(events)),
  );
});

test("errors and warnings of files: nothing but text", () => {
  const at = { file: EVIL, line: 3, column: 2, source: EVIL, length: 4 };
  assert.doesNotMatch(errorsText([{ code: "x", message: EVIL, hint: EVIL, at }], paint), FORBIDDEN);
  assert.doesNotMatch(warningText({ code: "x", message: EVIL, hint: EVIL, at }, paint), FORBIDDEN);
});

test("no text of a host can pass for a line of lfce's own", async () => {
  const spoof = "gone\nweb2  unchanged\n  ✔ ntp.selected  fine";
  const one: HostFinished = {
    ...finished,
    host: "web1",
    changes: [{ kind: "restart", target: spoof, reason: spoof }],
    checks: [{ name: "ntp.selected", result: "failed", detail: spoof, hint: spoof, ms: 1 }],
    drift: [{ code: "x", item: spoof, message: spoof, detail: spoof }],
    warnings: [{ code: "x", message: spoof }],
    error: { code: "x", message: spoof, hint: spoof },
  };
  const pieces: string[] = [];
  plainReporter({ write: (piece) => void pieces.push(piece) }, paint).handle(one);
  const text = pieces.join("");
  assert.doesNotMatch(text, /^web2/m);
  assert.doesNotMatch(text, /^ {2}✔/m);
});

test("escapes read as what they stand for", () => {
  assert.equal(escapeControls("\x1b[m\x9b\u202e\u{e0041}\ud800"), "\\x1b[m\\x9b\\u202e\\u{e0041}\\ud800");
  assert.equal(escapeControls("tab\tline\n"), "tab\tline\n");
  assert.equal(escapeLine("tab\tline\n"), "tab\\tline\\n");
  assert.equal(escapeControls("é 日本 \u{1f600} ✔"), "é 日本 \u{1f600} ✔");
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { queueErrors } from "../../../../src/services/rsyslog/client/client-warnings.ts";
import { isDiskQueue, sizeInBytes } from "../../../../src/services/rsyslog/client/forward.ts";
import { forwardDialect, renderForward } from "../../../../src/services/rsyslog/client/forward-render.ts";
import type { DesiredForward } from "../../../../src/services/rsyslog/desired.ts";
import { modelIn, plain, queue, queued } from "./plain-forward.ts";

describe("a forward as it is written", () => {
  const current = forwardDialect("8.2302.0");
  const context = { spoolDirectory: undefined, resumeInterval: undefined };

  it("is an action, with a queue where one is declared", () => {
    assert.deepEqual(renderForward(plain, current, { ...context, spoolDirectory: "/s" }), [
      '*.* action(type="omfwd" target="10.0.0.1" port="514" protocol="tcp"',
      '       action.resumeRetryCount="0" action.resumeInterval="10" action.resumeIntervalMax="60")',
    ]);
    assert.deepEqual(renderForward({ ...queued, selector: ["mail.*", "news.none"] }, current, context), [
      'mail.*;news.none action(type="omfwd" target="10.0.0.1" port="514" protocol="tcp"',
      '       queue.type="LinkedList" queue.filename="q" queue.maxDiskSpace="1g" queue.saveOnShutdown="on"',
      '       action.resumeRetryCount="0" action.resumeInterval="10" action.resumeIntervalMax="60")',
    ]);
  });

  it("names the spool directory where the host has none, as the version can", () => {
    const spooled = { ...context, spoolDirectory: "/s" };
    assert.deepEqual(renderForward(queued, current, spooled).slice(1, 3), [
      '       queue.type="LinkedList" queue.filename="q" queue.maxDiskSpace="1g" queue.saveOnShutdown="on"',
      '       queue.spoolDirectory="/s"',
    ]);
    const old = forwardDialect("7.4.0");
    assert.equal(renderForward(queued, old, spooled)[0], "$WorkDirectory /s");
    assert.match(renderForward(plain, old, spooled)[0] ?? "", /^\*\.\* action/);
    assert.match(renderForward(queued, old, context)[0] ?? "", /^\*\.\* action/);
    assert.ok(!renderForward(queued, old, spooled).join().includes("spoolDirectory"));
  });

  it("is made of directives before version 7, the interval put back", () => {
    const legacy = forwardDialect("5.8.10");
    assert.deepEqual(
      renderForward({ ...queued, retry: -1 }, legacy, { spoolDirectory: "/s", resumeInterval: 5 }),
      [
        "$WorkDirectory /s",
        "$ActionQueueType LinkedList",
        "$ActionQueueFileName q",
        "$ActionQueueMaxDiskSpace 1g",
        "$ActionQueueSaveOnShutdown on",
        "$ActionResumeRetryCount -1",
        "$ActionResumeInterval 10",
        "*.* @@10.0.0.1:514",
        "$ActionResumeInterval 5",
      ],
    );
    const udp: DesiredForward = { ...plain, protocol: "udp", address: "2001:db8::1" };
    assert.deepEqual(renderForward(udp, legacy, { ...context, spoolDirectory: "/s" }), [
      "$ActionResumeRetryCount 0",
      "$ActionResumeInterval 10",
      "*.* @[2001:db8::1]:514",
      "$ActionResumeInterval 30",
    ]);
    const unsaved: DesiredForward = { ...queued, queue: { ...queue, saveOnShutdown: false } };
    assert.ok(renderForward(unsaved, legacy, context).includes("$ActionQueueSaveOnShutdown off"));
    assert.match(renderForward(unsaved, current, context).join(), /queue\.saveOnShutdown="off"/);
  });

  it("keeps quotes and backslashes inside strings", () => {
    const odd: DesiredForward = { ...queued, queue: { ...queue, file: 'a"b\\c' } };
    assert.match(renderForward(odd, current, context).join(), /queue\.filename="a\\"b\\\\c"/);
  });

  const dialects: [string | undefined, string][] = [
    ["5.8.10", ""],
    ["6.99", ""],
    ["7.0.0", "objects"],
    ["7.5.6", "objects"],
    ["7.5.7", "objects spoolDirectory"],
    ["8.24.0", "objects spoolDirectory"],
    ["8.1900.0", "objects spoolDirectory"],
    ["8.1901.0", "objects spoolDirectory resumeIntervalMax"],
    [undefined, "objects spoolDirectory resumeIntervalMax"],
  ];
  for (const [version, known] of dialects) {
    it(`of version ${version} may use ${known || "directives only"}`, () => {
      const dialect = Object.entries(forwardDialect(version)).filter(([, has]) => has);
      assert.equal(dialect.map(([name]) => name).join(" "), known);
    });
  }
});

describe("a queue", () => {
  const sizes: [string, number | undefined][] = [
    ["7", 7],
    ["1k", 1024],
    ["1K", 1000],
    ["2m", 2 * 1024 ** 2],
    ["2M", 2e6],
    ["1t", 1024 ** 4],
    ["1T", 1e12],
    ["1p", 1024 ** 5],
    ["1e", 1024 ** 6],
    [" 1.000k ", 1024 * 1000],
    ["k", undefined],
    ["1x", undefined],
    ["x1", undefined],
    ["1kk", undefined],
    ["", undefined],
  ];
  for (const [text, bytes] of sizes) {
    it(`of size ${JSON.stringify(text)} holds ${bytes} bytes`, () => assert.equal(sizeInBytes(text), bytes));
  }

  it("is on disk by its type or its file", () => {
    const base = { maxDisk: undefined, saveOnShutdown: true, spoolDirectory: undefined };
    const rows: [string | undefined, string | undefined, boolean][] = [
      ["DISK", undefined, true],
      ["LINKEDLIST", "q", true],
      ["FixedArray", "q", true],
      ["direct", "q", false],
      ["LinkedList", undefined, false],
      [undefined, undefined, false],
    ];
    for (const [type, file, expected] of rows)
      assert.equal(isDiskQueue({ ...base, type, file }), expected, `${type} ${file}`);
  });

  it("of a new forward must not use another's file", () => {
    const codes = (text: string, ...missing: DesiredForward[]) =>
      queueErrors(missing, modelIn(text)).map(
        ({ code, at }) => `${code} ${at && "line" in at ? at.line : ""}`,
      );
    const other: DesiredForward = { ...plain, queue: { ...queue, file: "other" } };
    assert.deepEqual(codes("$ActionQueueFileName q\n*.* @x\n", queued), ["queue-file-taken 1"]);
    assert.deepEqual(codes("", queued, other, queued), ["queue-file-taken "]);
    assert.deepEqual(codes("", queued, other, plain), []);
    assert.deepEqual(codes("$ActionQueueFileName qq\n*.* @x\n", queued), []);
    assert.deepEqual(codes("$ActionQueueFileName q\n*.* @x\n", plain), []);
  });
});

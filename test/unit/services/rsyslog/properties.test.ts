import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredRsyslog } from "../../../../src/services/rsyslog/desired.ts";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { removeBlock, setBlock } from "../../../../src/services/rsyslog/syntax/block.ts";
import { switchedOffStatements, switchOff, switchOn } from "../../../../src/services/rsyslog/syntax/edit.ts";
import { parseRsyslog, printRsyslog } from "../../../../src/services/rsyslog/syntax/parse.ts";
import { childrenOf, type Statement } from "../../../../src/services/rsyslog/syntax/statements.ts";
import { carriedOut, type Files, observedHost } from "./host.ts";

const numRuns = Number(process.env.LFCE_PROPERTY_RUNS ?? 2000);
const main = debian.services.rsyslog.mainFile;

const line = fc.constantFrom(
  "*.* @@10.0.0.1:514",
  "*.* @10.0.0.1",
  "mail.* /var/log/mail",
  "& @@10.0.0.1",
  "& stop",
  "& ~",
  "*.* ~",
  "*.* \\",
  "# note \\",
  "# note",
  "",
  "   ",
  "$ActionQueueType LinkedList",
  "$ActionQueueFileName q",
  "$ActionResumeRetryCount -1",
  "$RuleSet remote",
  "$RuleSet RSYSLOG_DefaultRuleset",
  "$WorkDirectory /var/spool/rsyslog",
  "$IncludeConfig /etc/rsyslog.d/*.conf",
  'include(file="/etc/rsyslog.d/*.conf" mode="optional")',
  'module(load="imtcp")',
  'input(type="imtcp" port="514" ruleset="r")',
  'ruleset(name="r") {',
  'action(type="omfwd" target="10.0.0.1"',
  '  port="514" protocol="tcp")',
  'if $msg contains "x" then {',
  "if $fromhost == 'a' then",
  "else",
  "}",
  "call r",
  "stop",
  'set $.x = 1; action(type="omfile" file="/x") stop',
  "/* open",
  "close */",
  ':msg, contains, "x" @@10.0.0.1',
  "#lfce# *.* @10.0.0.1",
  "#lfce is a comment",
  "\xef\xbb\xbfnonsense \xe9 here",
);

/** Texts of such lines with either line end, with or without one at the end. */
const config = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, ending, last]) => lines.join(ending) + (last && lines.length > 0 ? ending : ""));

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString("latin1"));

const syntax = fc
  .array(fc.constantFrom(..."(){}[]\"'`\\\n\r\t $&*.#/:;,=~@!|-ab1".split(""), "if ", " then ", "action("), {
    maxLength: 60,
  })
  .map((pieces) => pieces.join(""));

const anyText = fc.oneof(config, bytes, syntax);

function assertNested(statements: readonly Statement[], start: number, end: number): void {
  let at = start;
  for (const statement of statements) {
    const { range } = statement;
    assert.ok(range.start >= at && range.end >= range.start && range.end <= end, "ranges follow each other");
    assertNested(childrenOf(statement), range.start, range.end);
    at = range.end;
  }
}

const desired: DesiredRsyslog = {
  playbook: "site",
  client: {
    state: "present",
    verifyTimeout: 60,
    forwards: [
      {
        address: "10.0.0.1",
        aliases: [],
        protocol: "tcp",
        port: 514,
        selector: ["*.*"],
        retry: -1,
        queue: { file: "site", maxDisk: "1g", saveOnShutdown: true, written: [] },
      },
    ],
  },
};
const other: DesiredRsyslog = {
  ...desired,
  client: {
    state: "present",
    verifyTimeout: 60,
    forwards: [
      {
        address: "10.0.0.1",
        aliases: [],
        protocol: "udp",
        port: 514,
        selector: ["*.*"],
        retry: 0,
        queue: false,
      },
    ],
  },
};
const absent: DesiredRsyslog = {
  playbook: "site",
  client: { state: "absent", verifyTimeout: 60, forwards: [] },
};

const host = fc
  .record({ [main]: config, "/etc/rsyslog.d/a.conf": config, "/etc/rsyslog.d/b.conf": config })
  .map((files) => new Map(Object.entries(files)));

/** The files after the plan; undefined when the plan refuses. */
function applied(files: Files, wanted: DesiredRsyslog): Map<string, string> | undefined {
  const plan = planRsyslog(wanted, observedHost(files, main), debian);
  return plan.errors.length > 0 ? undefined : carriedOut(files, plan);
}

describe("rsyslog properties", () => {
  it("prints any text as it was, with ranges that follow each other", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseRsyslog(text);
        assert.equal(printRsyslog(parsed), text);
        assertNested(parsed.statements, 0, text.length);
        for (const { range } of parsed.comments)
          assert.ok(range.start < range.end && range.end <= text.length);
      }),
      { numRuns },
    );
  });

  it("gives a text back when a block is set and removed, wherever it was put", () => {
    fc.assert(
      fc.property(config, fc.nat(), fc.boolean(), (text, number, atEnd) => {
        const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
        const offset = starts[number % starts.length] as number;
        const place = atEnd ? ({ kind: "end" } as const) : ({ kind: "offset", offset } as const);
        const set = setBlock(text, "syslog_client", "site", ["*.* @x"], place);
        assert.ok("text" in set);
        assert.notEqual(set.text, text);
        const removed = removeBlock(set.text, "syslog_client", "site");
        assert.equal("text" in removed && removed.text, text);
      }),
      { numRuns },
    );
  });

  it("gives a text back when a statement is switched off and on", () => {
    fc.assert(
      fc.property(config, fc.nat(), (text, number) => {
        const { statements } = parseRsyslog(text);
        const statement = statements[number % Math.max(1, statements.length)];
        if (!statement) return;
        const off = switchOff(text, statement.range);
        assert.notEqual(off, text);
        const marks = off.length - text.length;
        const { start, end } = statement.range;
        const on = switchOn(off, { start, end: end + marks });
        // Lines that were marked before lose that mark too: nobody marks a line twice.
        if (!text.includes("#lfce# ")) assert.equal(on, text);
        for (const { range } of switchedOffStatements(off)) assert.ok(range.end <= off.length);
      }),
      { numRuns },
    );
  });

  it("changes nothing the second time, gives the same after a detour, and undoes itself", () => {
    fc.assert(
      fc.property(host, (files) => {
        // The first absent brings files to a state that no earlier run has marked.
        const start = applied(files, absent);
        if (!start) return;
        const once = applied(start, desired);
        if (!once) return;
        assert.deepEqual(applied(once, desired), once, "twice is once");
        assert.deepEqual(applied(once, absent), start, "absent gives back the original");
        const detour = applied(once, other);
        if (detour) assert.deepEqual(applied(detour, desired), once, "there and back");
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  });
});

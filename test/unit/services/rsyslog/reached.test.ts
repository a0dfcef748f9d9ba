import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  discardWarnings,
  workDirectoryWarnings,
} from "../../../../src/services/rsyslog/client/client-warnings.ts";
import type { DesiredForward } from "../../../../src/services/rsyslog/desired.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { lineNumber, placeOf, positionOf } from "../../../../src/services/rsyslog/in-force/position.ts";
import { metBy } from "../../../../src/services/rsyslog/in-force/reached.ts";
import { portNumber } from "../../../../src/services/rsyslog/port.ts";

const main = "/etc/rsyslog.conf";
const modelIn = (text: string) => modelOf({ texts: new Map([[main, text]]), globs: {} }, main);

describe("what messages meet on their way", () => {
  /** Files that local messages are written to, in the order in which they meet them, with what they passed. */
  const met = (text: string) => {
    const model = modelIn(text);
    return metBy(model.localRuleset, model.fileActions, model).map(
      ({ met: { path }, filters }) => `${path} [${filters.map((one) => one.text).join(" | ")}]`,
    );
  };
  const rows: [string, string, string[]][] = [
    ["rules in their order", "*.* /a\nmail.* /b\n", ["/a [*.*]", "/b [mail.*]"]],
    ["no rules of another ruleset", "$RuleSet r\n*.* /a\n$RuleSet RSYSLOG_DefaultRuleset\n/b\n", ["/b []"]],
    [
      "a called ruleset where it is called, whatever the order of reading",
      'ruleset(name="r") { /r1\n/r2\n}\n/a\nmail.* call r\n/b\n',
      ["/a []", "/r1 [mail.*]", "/r2 [mail.*]", "/b []"],
    ],
    [
      "what a called ruleset calls, with all that was passed",
      'ruleset(name="s") {\nkern.* /s\n}\nruleset(name="r") {\nnews.* call s\n/r\n}\nmail.* call r\n/b\n',
      ["/s [mail.* | news.* | kern.*]", "/r [mail.*]", "/b []"],
    ],
    [
      "a ruleset once, where it is called first",
      'ruleset(name="r") { /r\n}\ncall r\n/a\nmail.* call r\n',
      ["/r []", "/a []"],
    ],
    [
      "rulesets that call each other once",
      'ruleset(name="r") { call s\n/r\n}\nruleset(name="s") { call r\n/s\n}\ncall r\n',
      ["/r []", "/s []"],
    ],
    [
      "nothing by a call of nobody",
      'ruleset(name="r") { /r\n}\ncall_indirect $.x;\ncall nobody\n/a\n',
      ["/a []"],
    ],
  ];
  for (const [name, text, expected] of rows) it(name, () => assert.deepEqual(met(text), expected));
});

describe("a discard before a forward", () => {
  const forward: DesiredForward = {
    address: "10.0.0.1",
    aliases: [],
    protocol: "udp",
    port: 514,
    selector: ["*.*"],
    retry: 0,
    queue: false,
  };
  const lines = (text: string, ...desired: DesiredForward[]) =>
    discardWarnings(desired.length > 0 ? desired : [forward], modelIn(text)).map(
      ({ at }) => at && "line" in at && at.line,
    );
  const rows: [string, string, (number | undefined)[]][] = [
    ["is warned of", "mail.* ~\n*.* @10.0.0.1\n", [1]],
    ["is the first of several", "*.* /a\nmail.* ~\nnews.* ~\n*.* @10.0.0.1\n", [2]],
    ["is none behind it", "*.* @10.0.0.1\nmail.* ~\n", []],
    ["is none where there is no forward", "mail.* ~\n", []],
    ["is none of no message", "*.none ~\n*.* @10.0.0.1\n", []],
    ["may look at anything", ':msg, contains, "x" ~\n*.* @10.0.0.1\n', [1]],
    ["is none of other senders", ':fromhost-ip, isequal, "10.0.0.2" ~\n*.* @10.0.0.1\n', []],
    [
      "is none of another ruleset",
      "$RuleSet r\nmail.* ~\n$RuleSet RSYSLOG_DefaultRuleset\n*.* @10.0.0.1\n",
      [],
    ],
    ["may be in a ruleset that is called", 'ruleset(name="r") {\nmail.* ~\n}\ncall r\n*.* @10.0.0.1\n', [2]],
    [
      "is none in a ruleset that is called later",
      'ruleset(name="r") {\nmail.* ~\n}\n*.* @10.0.0.1\ncall r\n',
      [],
    ],
    ["may be in the ruleset of the forward", 'ruleset(name="r") {\nmail.* ~\n@10.0.0.1\n}\ncall r\n', [2]],
    ["is none behind it in its ruleset", 'ruleset(name="r") { @10.0.0.1\nmail.* ~\n}\ncall r\n', []],
    ["counts for the last forward", "*.* @10.0.0.1\nmail.* ~\n*.* @10.0.0.1\n", [2]],
    ["is none before another forward", "*.* @10.0.0.1\nmail.* ~\n*.* @10.0.0.9\n", []],
  ];
  for (const [name, text, expected] of rows) it(name, () => assert.deepEqual(lines(text), expected));
});

describe("two work directories", () => {
  const codes = (text: string) =>
    workDirectoryWarnings(modelIn(text)).map(
      ({ code, at }) => `${code} ${at && "line" in at ? at.line : ""}`,
    );
  it("are warned of where they differ", () => {
    assert.deepEqual(codes('$WorkDirectory /a\nglobal(workDirectory="/b")\n'), ["set-twice 1"]);
    assert.deepEqual(codes('$WorkDirectory /a\nglobal(workDirectory="/a")\n'), []);
    assert.deepEqual(codes("$WorkDirectory /a\n"), []);
    assert.deepEqual(codes(""), []);
  });
});

describe("a position", () => {
  const text = "*.* /a\r\n  mail.* /b # \xc3\xa4\r\n\nkern.* \\\n  /c\nstop";
  const model = modelIn(text);
  const at = (index: number) => model.fileActions[index];

  it("is that of a statement's first byte, with its line as people read it", () => {
    const positions = [0, 1, 2].map((index) => positionOf(at(index) as never, model));
    assert.deepEqual(positions, [
      { file: main, line: 1, column: 5, source: "*.* /a" },
      { file: main, line: 2, column: 10, source: "  mail.* /b # ä" },
      { file: main, line: 5, column: 3, source: "  /c" },
    ]);
    assert.equal(placeOf(model.discards[0] as never, model), `${main}:6`);
  });

  it("of what was not read is the start of its file", () => {
    const gone = { ...(at(0) as object), file: "/gone" } as never;
    assert.deepEqual(positionOf(gone, model), { file: "/gone", line: 1, column: 1 });
    assert.equal(placeOf(gone, model), "/gone:1");
  });

  it("counts lines by their newlines", () => {
    const parsed = model.parsed.get(main);
    assert.ok(parsed);
    const expected = [...text].map((_, offset) => text.slice(0, offset).split("\n").length);
    assert.deepEqual(
      [...text].map((_, offset) => lineNumber(parsed, offset)),
      expected,
    );
  });
});

describe("a port", () => {
  const rows: [string, "tcp" | "udp" | "relp", number][] = [
    ["514", "tcp", 514],
    ["syslog", "udp", 514],
    ["SysLog", "udp", 514],
    ["syslog", "tcp", Number.NaN],
    ["syslog-tls", "tcp", 6514],
    ["syslog-tls", "udp", 6514],
    ["syslog-tls", "relp", 6514],
    ["514x", "tcp", Number.NaN],
    ["x514", "tcp", Number.NaN],
    ["", "tcp", Number.NaN],
    ["toString", "tcp", Number.NaN],
  ];
  for (const [text, protocol, expected] of rows) {
    it(`${JSON.stringify(text)} of ${protocol} is ${expected}`, () =>
      assert.equal(portNumber(text, protocol), expected));
  }
});

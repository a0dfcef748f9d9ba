import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDiskQueue, sizeInBytes } from "../../../../src/services/rsyslog/client/forward.ts";
import {
  isAboutSenders,
  messageSet,
  sameMessages,
} from "../../../../src/services/rsyslog/client/forward-selector.ts";
import { selectorSet } from "../../../../src/services/rsyslog/client/selector-set.ts";
import type { MessageFilter } from "../../../../src/services/rsyslog/in-force/in-force-model.ts";
import { includeMatcher } from "../../../../src/services/rsyslog/in-force/include.ts";
import {
  sharesLines,
  switchedOffStatements,
  switchOff,
} from "../../../../src/services/rsyslog/syntax/edit.ts";
import { parseRsyslog } from "../../../../src/services/rsyslog/syntax/parse.ts";

const nowhere = { start: 0, end: 0 };

function property(name: string, value: string): MessageFilter {
  const text = `:${name}, isequal, "${value}"`;
  return {
    kind: "property",
    text,
    property: name,
    negated: false,
    operation: "isequal",
    value,
    range: nowhere,
  };
}

function selector(text: string): MessageFilter {
  return { kind: "selector", text, range: nowhere };
}

describe("switchedOffStatements", () => {
  it("finds each statement of a run of marked lines with the lines that are its own", () => {
    const text =
      '*.* /a\n#lfce# *.* action(type="omfwd"\n#lfce#   target="x")\n#lfce# mail.* @y\n# note\n#lfce# & @@z';
    assert.deepEqual(
      switchedOffStatements(text).map(({ range, statement }) => [
        statement.kind,
        text.slice(range.start, range.end),
      ]),
      [
        ["rule", '#lfce# *.* action(type="omfwd"\n#lfce#   target="x")'],
        ["rule", "#lfce# mail.* @y"],
        ["legacy-action", "#lfce# & @@z"],
      ],
    );
  });

  it("does not take a mark behind a lone carriage return for the start of a line", () => {
    assert.deepEqual(switchedOffStatements("# a\r#lfce# *.* @x\n"), []);
    assert.equal(switchOff("*.* @x\r\n", { start: 0, end: 6 }), "#lfce# *.* @x\r\n");
  });
});

describe("sharesLines", () => {
  const shares = (text: string, index = 0) => {
    const parsed = parseRsyslog(text);
    return sharesLines(parsed, parsed.statements[index]?.range ?? nowhere);
  };
  it("minds other statements, not comments and blanks, on the statement's lines", () => {
    assert.equal(shares('  action(type="x"\n ) # note\n*.* /a\n'), false);
    assert.equal(shares('/* note */ action(type="x")\t\r\n'), false);
    assert.equal(shares('action(type="x") stop\n'), true);
    assert.equal(shares('set $.a = 1; action(type="x")\n', 1), true);
    assert.equal(shares('action(type="x") /* goes\non */\n'), true);
  });
});

describe("selectorSet", () => {
  const same = (one: string, other: string) => sameMessages(selectorSet(one), selectorSet(other));
  it("tells selectors apart by the messages that they choose", () => {
    assert.ok(same("*.*", "*.debug"));
    assert.ok(same("mail.=err", "MAIL.=error"));
    assert.ok(same("mail.err", "mail.=err;mail.=crit;mail.=alert;mail.=emerg"));
    assert.ok(same("*.*;mail.none", "*.*;mail.!debug"));
    assert.ok(same("mail.*;mail.!err", "mail.=warning;mail.=notice;mail.=info;mail.=debug"));
    assert.ok(same("mail.*;mail.!=err", "mail.crit;mail.=warning;mail.=notice;mail.=info;mail.=debug"));
    assert.ok(!same("mail.err", "mail.=err"));
    assert.ok(!same("*.*", "*.info"));
    assert.ok(!same("nonsense.*", "nonsense.*"), "what cannot be read is never the same");
  });

  it("takes together what filters around each other let pass", () => {
    const both = messageSet([selector("mail,kern.*"), selector("*.err")]);
    assert.ok(sameMessages(both, selectorSet("mail,kern.err")));
    assert.equal(messageSet([selector("*.*"), property("msg", "x")]), undefined);
  });
});

describe("isAboutSenders", () => {
  it("knows filters on where a message came from, unless that is the host itself", () => {
    assert.equal(isAboutSenders([property("fromhost-ip", "10.0.0.1")]), true);
    assert.equal(isAboutSenders([property("fromhost-ip", "127.0.0.1")]), false);
    assert.equal(isAboutSenders([property("msg", "fromhost")]), false);
    assert.equal(isAboutSenders([{ kind: "expression", text: '$inputname == "imtcp"' }]), true);
    assert.equal(isAboutSenders([selector("*.*")]), false);
  });
});

describe("queues", () => {
  const queue = { maxDisk: undefined, saveOnShutdown: true, spoolDirectory: undefined };
  it("are on disk when they are of that type, or are named and not direct", () => {
    assert.equal(isDiskQueue({ ...queue, type: "LinkedList", file: "q" }), true);
    assert.equal(isDiskQueue({ ...queue, type: "Disk", file: undefined }), true);
    assert.equal(isDiskQueue({ ...queue, type: "FixedArray", file: undefined }), false);
    assert.equal(isDiskQueue({ ...queue, type: undefined, file: "q" }), false);
    assert.equal(isDiskQueue({ ...queue, type: "Direct", file: "q" }), false);
  });

  it("have sizes in units of 1024 or, in capitals, of 1000", () => {
    assert.equal(sizeInBytes("1g"), 1024 ** 3);
    assert.equal(sizeInBytes("1G"), 1e9);
    assert.equal(sizeInBytes("1024m"), sizeInBytes("1g"));
    assert.equal(sizeInBytes("1,000"), 1000);
    assert.equal(sizeInBytes("much"), undefined);
  });
});

describe("includeMatcher", () => {
  it("matches as glob(7) does: no slash, no leading dot, sets", () => {
    const conf = includeMatcher("/etc/rsyslog.d/*.conf");
    assert.equal(conf("/etc/rsyslog.d/a.conf"), true);
    assert.equal(conf("/etc/rsyslog.d/.a.conf"), false);
    assert.equal(conf("/etc/rsyslog.d/.lfce-stage/a.conf"), false);
    assert.equal(conf("/etc/rsyslog.d/a.conf.rpmnew"), false);
    assert.equal(includeMatcher("/etc/[0-9]?.conf")("/etc/1a.conf"), true);
    assert.equal(includeMatcher("/etc/[!0-9]?.conf")("/etc/1a.conf"), false);
    assert.equal(includeMatcher("/etc/d/")("/etc/d/anything"), true);
    assert.equal(includeMatcher("/etc/d/")("/etc/d/.hidden"), false);
    assert.equal(includeMatcher("/etc/a+b.conf")("/etc/a+b.conf"), true);
  });

  it("takes stars, question marks and sets in any number and order, those of a host that means no good too", () => {
    const rows: [string, string, boolean][] = [
      ["/d/*a*b", "/d/xaxb", true],
      ["/d/*a*b", "/d/xbxa", false],
      ["/d/a*", "/d/a", true],
      ["/d/**a", "/d/a", true],
      ["/d/?a", "/d/a", false],
      ["/d/*/b", "/d/x/b", true],
      ["/d/*/b", "/d/x/y/b", false],
      ["/d/[a-c_-]x", "/d/-x", true],
      ["/d/[a-c_-]x", "/d/dx", false],
      ["/d/[z-a]x*", "/d/bx", false],
      ["/d/[^a]x", "/d/^x", true],
      ["/d/[ab", "/d/[ab", true],
      ["/d/a[!b]*", "/d/a.conf", true],
    ];
    for (const [pattern, path, expected] of rows)
      assert.equal(includeMatcher(pattern)(path), expected, pattern);
    const many = includeMatcher(`/d/${"*a".repeat(100)}b`);
    assert.equal(many(`/d/${"a".repeat(250)}`), false);
    assert.equal(many(`/d/${"a".repeat(250)}b`), true);
  });
});

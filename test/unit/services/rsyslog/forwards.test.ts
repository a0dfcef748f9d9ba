import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientErrors, queueErrors } from "../../../../src/services/rsyslog/client/client-warnings.ts";
import { isDiskQueue, sizeInBytes } from "../../../../src/services/rsyslog/client/forward.ts";
import { matchForwards } from "../../../../src/services/rsyslog/client/forward-match.ts";
import { removalOf } from "../../../../src/services/rsyslog/client/forward-removal.ts";
import { forwardDialect, renderForward } from "../../../../src/services/rsyslog/client/forward-render.ts";
import { isAboutSenders, messageSet } from "../../../../src/services/rsyslog/client/forward-selector.ts";
import type { DesiredForward } from "../../../../src/services/rsyslog/desired.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { observedHost } from "./host.ts";

const main = "/etc/rsyslog.conf";
const queue = { file: "q", maxDisk: "1g", saveOnShutdown: true, written: [] };
const plain: DesiredForward = {
  address: "10.0.0.1",
  aliases: ["loghost.example"],
  protocol: "tcp",
  port: 514,
  selector: ["*.*"],
  retry: 0,
  queue: false,
};
const queued: DesiredForward = { ...plain, queue };

const modelIn = (text: string) => modelOf({ texts: new Map([[main, text]]), globs: {} }, main);

/** How the forwards of a text are taken: `same`, `missing`, `different`, `repeated`, `other`, as often as there are. */
function taken(text: string, ...desired: DesiredForward[]): string {
  const { missing, different, repeated, others } = matchForwards(desired, modelIn(text));
  const same = desired.length - missing.length;
  const counts = {
    same,
    missing: missing.length,
    different: different.length,
    repeated: repeated.length,
    other: others.length,
  };
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => (count === 1 ? name : `${name} ${count}`))
    .join(", ");
}

describe("a declared forward and what is there", () => {
  const disk = 'queue.type="LinkedList" queue.filename="q"';
  const action = (more: string, target = "10.0.0.1") =>
    `action(type="omfwd" protocol="tcp" target="${target}" ${more})\n`;
  const rows: [string, DesiredForward, string, string][] = [
    ["nothing", plain, "", "missing"],
    ["the same", plain, "*.* @@10.0.0.1\n", "same"],
    ["an action without a filter", plain, action(""), "same"],
    ["another name of the target", plain, "*.* @@LogHost.Example\n", "same"],
    ["a name with a final dot", plain, "*.* @@loghost.example.\n", "same"],
    ["a part of the name", plain, "*.* @@loghost\n", "missing, other"],
    ["another target", plain, "*.* @@10.0.0.2\n", "missing, other"],
    [
      "an address of IPv6 in another spelling",
      { ...plain, address: "2001:db8::1" },
      "*.* @@[2001:DB8:0::1]\n",
      "same",
    ],
    ["an address of IPv6 in brackets that is none", { ...plain, address: "a:b" }, "*.* @@[A:B]\n", "same"],
    ["another protocol", plain, "*.* @10.0.0.1\n", "missing, different"],
    ["another port", plain, "*.* @@10.0.0.1:515\n", "missing, different"],
    ["another selector", plain, "mail.* @@10.0.0.1\n", "missing, different"],
    ["a selector in another spelling", { ...plain, selector: ["mail.err"] }, "mail.3 @@10.0.0.1\n", "same"],
    [
      "two selectors that are one",
      { ...plain, selector: ["*.*", "mail.none"] },
      "*.*;mail.none @@10.0.0.1\n",
      "same",
    ],
    [
      "another number of retries",
      plain,
      `$ActionResumeRetryCount -1\n*.* @@10.0.0.1\n`,
      "missing, different",
    ],
    [
      "retries that are declared",
      { ...plain, retry: -1 },
      `$ActionResumeRetryCount -1\n*.* @@10.0.0.1\n`,
      "same",
    ],
    ["a disk queue where none is declared", plain, action(disk), "missing, different"],
    ["no disk queue where one is declared", queued, action(""), "missing, different"],
    [
      "a queue in memory where a disk queue is declared",
      queued,
      action('queue.type="LinkedList"'),
      "missing, different",
    ],
    [
      "a disk queue of another file and size",
      queued,
      action('queue.type="Disk" queue.maxDiskSpace="5m"'),
      "same",
    ],
    [
      "another file where it is written out",
      { ...plain, queue: { ...queue, written: ["file"], file: "x" } },
      action(disk),
      "missing, different",
    ],
    [
      "the file that is written out",
      { ...plain, queue: { ...queue, written: ["file"] } },
      action(disk),
      "same",
    ],
    [
      "the size that is written out",
      { ...plain, queue: { ...queue, written: ["maxDisk"] } },
      action(`${disk} queue.maxDiskSpace="1024m"`),
      "same",
    ],
    [
      "another size than is written out",
      { ...plain, queue: { ...queue, written: ["maxDisk"] } },
      action(`${disk} queue.maxDiskSpace="1G"`),
      "missing, different",
    ],
    [
      "no size where it is written out",
      { ...plain, queue: { ...queue, written: ["maxDisk"] } },
      action(disk),
      "missing, different",
    ],
    [
      "a size that is none",
      { ...plain, queue: { ...queue, maxDisk: "x", written: ["maxDisk"] } },
      action(disk),
      "missing, different",
    ],
    [
      "saving that is written out",
      { ...plain, queue: { ...queue, written: ["saveOnShutdown"] } },
      action(disk),
      "same",
    ],
    [
      "another saving than is written out",
      { ...plain, queue: { ...queue, written: ["saveOnShutdown"] } },
      action(`${disk} queue.saveOnShutdown="off"`),
      "missing, different",
    ],
    ["the same twice", plain, "*.* @@10.0.0.1\n*.* @@loghost.example\n", "same, repeated"],
    ["the same and another one", plain, "*.* @@10.0.0.1\n*.* @@10.0.0.1:99\n", "same, different"],
    ["one in another ruleset", plain, "$RuleSet r\n*.* @@10.0.0.1\n", "missing, other"],
    ["one in a ruleset that is called", plain, 'ruleset(name="r") { @@10.0.0.1\n}\ncall r\n', "same"],
    [
      "one in a ruleset that is called for some",
      plain,
      'ruleset(name="r") { @@10.0.0.1\n}\nmail.* call r\n',
      "missing, other",
    ],
    [
      "one in a ruleset that is called from another",
      plain,
      'ruleset(name="r") { @@10.0.0.1\n}\nruleset(name="s") { call r }\n',
      "missing, other",
    ],
    [
      "one in a ruleset that a called one calls",
      plain,
      'ruleset(name="r") { @@10.0.0.1\n}\nruleset(name="s") { call r }\ncall s\n',
      "same",
    ],
    [
      "one in rulesets that call each other",
      plain,
      'ruleset(name="r") { @@10.0.0.1\ncall s }\nruleset(name="s") { call r }\ncall s\n',
      "same",
    ],
    [
      "a ruleset that is called by a variable",
      plain,
      'ruleset(name="r") { @@10.0.0.1\n}\ncall_indirect "r";\n',
      "missing, other",
    ],
  ];
  for (const [name, desired, text, expected] of rows) {
    it(`${name}: ${expected}`, () => assert.equal(taken(text, desired), expected));
  }

  it("needs one each, though two are declared alike", () => {
    assert.equal(taken("*.* @@10.0.0.1\n", plain, plain), "same, missing");
    assert.equal(taken("*.* @@10.0.0.1\n*.* @@10.0.0.1\n", plain, plain), "same 2");
  });
});

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

describe("a forward to the host itself", () => {
  const host = observedHost(new Map([[main, ""]]), main, {
    hostname: "Web",
    addresses: ["10.0.0.9"],
    names: { "alias.example": ["10.0.0.9"], "other.example": ["10.0.0.1"] },
  });
  const rows: [string, string[], boolean][] = [
    ["10.0.0.9", [], true],
    ["10.0.0.8", [], false],
    ["web", [], true],
    ["WEB", [], true],
    ["web2", [], false],
    ["localhost", [], true],
    ["LOCALHOST", [], true],
    ["127.0.0.1", [], true],
    ["127.8.9.10", [], true],
    ["127.0.0.1.example", [], false],
    ["x127.0.0.1", [], false],
    ["::1", [], true],
    ["alias.example", [], true],
    ["other.example", [], false],
    ["10.0.0.1", ["10.0.0.9"], true],
    ["10.0.0.1", ["10.0.0.2"], false],
  ];
  for (const [address, aliases, expected] of rows) {
    it(`${[address, ...aliases].join(", ")}: ${expected}`, () => {
      const errors = clientErrors([{ ...plain, address, aliases }], host);
      assert.deepEqual(
        errors.map(({ code }) => code),
        expected ? ["forward-to-self"] : [],
      );
    });
  }
});

describe("what is switched off for a forward", () => {
  /** The texts of the lines to go, or the obstacle. `also` are the other actions that go. */
  const removed = (text: string, index = 0, also: number[] = []) => {
    const model = modelIn(text);
    const forward = model.forwards[index];
    const parsed = model.parsed.get(main);
    assert.ok(forward && parsed);
    const leaving = new Set([index, ...also].flatMap((one) => model.forwards[one]?.statement ?? []));
    const removal = removalOf(forward, parsed, leaving);
    if ("obstacle" in removal) return removal.obstacle.split(" ").slice(0, 3).join(" ");
    return removal.ranges.map(({ start, end }) => text.slice(start, end));
  };
  const rows: [string, string, string[] | string, number?, number[]?][] = [
    ["its rule", "*.* @a\n*.* /b\n", ["*.* @a"]],
    [
      "its settings, too",
      "$ActionQueueType Direct\n*.* /x\n$ActionName n\n*.* @a\n",
      ["$ActionName n", "*.* @a"],
    ],
    ["settings inside the rule only once", "*.* {\n$ActionName n\n@a\n}\n", ["*.* {\n$ActionName n\n@a\n}"]],
    ["an action that is chained", "*.* /x\n& @a\n", ["& @a"]],
    ["an action in the middle of a chain", "*.* /x\n& @a\n& /y\n", ["& @a"]],
    ["not the first of a chain alone", "*.* @a\n& /y\n", "other actions are"],
    ["the whole chain where all of it goes", "*.* @a\n& @b\n", ["*.* @a\n& @b"], 0, [1]],
    ["the second of a chain whose first goes, too", "*.* @a\n& @b\n& /c\n", ["& @b"], 1, [0]],
    ["not the first where a later one stays", "*.* @a\n& @b\n& /c\n", "another statement stands", 0, [1]],
    ["not the first of a chain without a filter", "@a\n& /b\n", "other actions are"],
    ["the first of a chain without a filter that goes", "@a\n& @b\n", ["@a"], 0, [1]],
    ["an action among others in a block", "*.* {\n/x\n@a\n/y\n}\n", ["@a"]],
    ["the if around it", "if $a then {\n@a\n}\n", ["if $a then {\n@a\n}"]],
    ["all that is around it alone", "if $a then {\n*.* {\n@a\n}\n}\n", ["if $a then {\n*.* {\n@a\n}\n}"]],
    ["the foreach around it", "foreach ($.i in $!x) do {\n@a\n}\n", ["foreach ($.i in $!x) do {\n@a\n}"]],
    ["not an if with an else", "if $a then {\n@a\n} else {\n/b\n}\n", "the other branch"],
    ["not an else alone", "if $a then {\n/b\n} else {\n@a\n}\n", "the other branch"],
    ["one of two in an else", "if $a then {\n/b\n} else {\n@a\n/c\n}\n", ["@a"]],
    ["not the ruleset around it", 'ruleset(name="r") {\n*.* @a\n}\n', ["*.* @a"]],
    ["not what shares its line", 'action(type="omfwd" target="a") stop\n', "another statement stands"],
  ];
  for (const [name, text, expected, index, also] of rows) {
    it(name, () => assert.deepEqual(removed(text, index, also), expected));
  }

  it("not settings in another file", () => {
    const include = "$ActionName n\n";
    const texts = new Map([
      [main, "$IncludeConfig /i.conf\n*.* @a\n"],
      ["/i.conf", include],
    ]);
    const model = modelOf({ texts, globs: { "/i.conf": ["/i.conf"] } }, main);
    const [forward] = model.forwards;
    const parsed = model.parsed.get(main);
    assert.ok(forward && parsed);
    assert.equal(forward.settings.length, 1);
    const removal = removalOf(forward, parsed, new Set([forward.statement]));
    assert.ok("ranges" in removal);
    assert.equal(removal.ranges.length, 1);
  });
});

describe("filters", () => {
  const range = { start: 0, end: 0 };
  const about = (text: string) => isAboutSenders([{ kind: "expression", text }]);
  it("are about senders where they look at where a message came from", () => {
    assert.ok(
      about('$fromhost-ip == "10.0.0.1"') &&
        about('$FROMHOST contains "x"') &&
        about('$inputname == "imudp"'),
    );
    assert.ok(
      !about('$fromhost-ip == "127.0.0.1"') && !about('$fromhost == "localhost"') && !about('$msg == "x"'),
    );
    assert.ok(!isAboutSenders([{ kind: "selector", text: "fromhost.*", range }]));
    assert.ok(!isAboutSenders([]));
  });

  it("on properties may be negated", () => {
    const filter = {
      kind: "property" as const,
      text: "",
      property: "syslogfacility",
      operation: "isequal",
      value: "2",
      range,
    };
    const set = (negated: boolean) => messageSet([{ ...filter, negated }])?.map((mask) => mask !== 0);
    assert.deepEqual(
      set(true),
      set(false)?.map((passes) => !passes),
    );
    assert.equal(messageSet([{ ...filter, negated: true, property: "msg" }]), undefined);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { matchForwards } from "../../../../src/services/rsyslog/client/forward-match.ts";
import { isAboutSenders, messageSet } from "../../../../src/services/rsyslog/client/forward-selector.ts";
import type { DesiredForward } from "../../../../src/services/rsyslog/desired.ts";
import { modelIn, plain, queue, queued } from "./plain-forward.ts";

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

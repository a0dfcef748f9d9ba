import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientErrors } from "../../../../src/services/rsyslog/client/client-warnings.ts";
import { removalOf } from "../../../../src/services/rsyslog/client/forward-removal.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { observedHost } from "./host.ts";
import { main, modelIn, plain } from "./plain-forward.ts";

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

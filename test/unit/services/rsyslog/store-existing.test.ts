import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { satisfiedElsewhere } from "../../../../src/services/rsyslog/server/store-existing.ts";
import { readStoreRules } from "../../../../src/services/rsyslog/server/store-rules.ts";
import { storeUnits } from "../../../../src/services/rsyslog/server/store-units.ts";
import { serverOf, storeRule } from "./server-host.ts";

function rulesOf(...store: DesiredStoreRule[]) {
  const { rules, errors } = readStoreRules(serverOf(store));
  assert.deepEqual(errors, []);
  return rules;
}

describe("a rule that stands elsewhere", () => {
  const main = "/etc/rsyslog.conf";
  const found = (text: string, file = "/l/web.log", more: Partial<DesiredStoreRule> = {}) => {
    const model = modelOf({ texts: new Map([[main, text]]), globs: {} }, main);
    const [unit] = storeUnits(rulesOf(storeRule({ web: "10.0.0.1" }, file, more)));
    assert.ok(unit);
    return satisfiedElsewhere(unit, model) !== undefined;
  };
  const byAddress = (file: string) => `:fromhost-ip, isequal, "10.0.0.1" ${file}\n& stop\n`;
  const rows: [string, string, string, Partial<DesiredStoreRule>, boolean][] = [
    ["by a property", byAddress("/l/web.log"), "/l/web.log", {}, true],
    [
      "by a property with a sign",
      byAddress("/l/web.log").replace("fromhost", "$FromHost"),
      "/l/web.log",
      {},
      true,
    ],
    [
      "by an expression",
      'if $fromhost-ip == "10.0.0.1" then {\n/l/web.log\nstop\n}\n',
      "/l/web.log",
      {},
      true,
    ],
    [
      "by an expression in brackets",
      "if ($FROMHOST-IP=='10.0.0.1') then {\n/l/web.log\nstop\n}\n",
      "/l/web.log",
      {},
      true,
    ],
    [
      "without stop where stop is declared",
      ':fromhost-ip, isequal, "10.0.0.1" /l/web.log\n',
      "/l/web.log",
      {},
      false,
    ],
    [
      "without stop where none is declared",
      ':fromhost-ip, isequal, "10.0.0.1" /l/web.log\n',
      "/l/web.log",
      { stop: false },
      true,
    ],
    ["with stop where none is declared", byAddress("/l/web.log"), "/l/web.log", { stop: false }, false],
    [
      "with a stop before it",
      ':fromhost-ip, isequal, "10.0.0.1" stop\n& /l/web.log\n',
      "/l/web.log",
      {},
      false,
    ],
    ["in another file", byAddress("/l/other.log"), "/l/web.log", {}, false],
    ["of another sender", byAddress("/l/web.log").replace("0.1", "0.2"), "/l/web.log", {}, false],
    [
      "of everyone but the sender",
      byAddress("/l/web.log").replace("isequal", "!isequal"),
      "/l/web.log",
      {},
      false,
    ],
    [
      "of senders that begin alike",
      byAddress("/l/web.log").replace("isequal", "startswith"),
      "/l/web.log",
      {},
      false,
    ],
    [
      "by another property",
      byAddress("/l/web.log").replace("fromhost-ip", "fromhost"),
      "/l/web.log",
      {},
      false,
    ],
    [
      "by more than the sender",
      'if $fromhost-ip == "10.0.0.1" and $msg == "x" then {\n/l/web.log\nstop\n}\n',
      "/l/web.log",
      {},
      false,
    ],
    ["inside another filter", `mail.* {\n${byAddress("/l/web.log")}}\n`, "/l/web.log", {}, false],
    ["by a selector", "mail.* /l/web.log\n& stop\n", "/l/web.log", {}, false],
    ["in another ruleset", `$RuleSet r\n${byAddress("/l/web.log")}`, "/l/web.log", {}, false],
    ["with a declared mode", byAddress("/l/web.log"), "/l/web.log", { mode: "0600" }, false],
    ["with a declared owner", byAddress("/l/web.log"), "/l/web.log", { owner: "a" }, false],
    ["with a declared group", byAddress("/l/web.log"), "/l/web.log", { group: "a" }, false],
    [
      "by a template of the date",
      `$template T,"/l/%$year%-%$month%-%$day%.log"\n${byAddress("?T")}`,
      "/l/{date}.log",
      {},
      true,
    ],
    [
      "by a template of today",
      `$template T,"/l/%$NOW%.log"\n${byAddress("?T")}`,
      "/l/{year}-{month}-{day}.log",
      {},
      true,
    ],
    [
      "by a template of the address",
      `$template T,"/l/%fromhost-ip%/%$day%"\n${byAddress("?T")}`,
      "/l/10.0.0.1/{day}",
      {},
      false,
    ],
    ["by another template", `$template T,"/l/%msg%.log"\n${byAddress("?T")}`, "/l/{date}.log", {}, false],
    ["by a template that is not there", byAddress("?T"), "/l/{date}.log", {}, false],
    ["in a file of one name where dates are declared", byAddress("/l/x.log"), "/l/{date}.log", {}, false],
  ];
  for (const [name, text, file, more, expected] of rows) {
    it(`${name}: ${expected ? "does" : "does not do"}`, () =>
      assert.equal(found(text, file, more), expected));
  }

  it("is none in a file of lfce's own", () => {
    assert.ok(!found(`# lfce: file of syslog_server, playbook lab\n${byAddress("/l/web.log")}`));
  });
});

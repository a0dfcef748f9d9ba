import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { renderLookup } from "../../../../src/services/rsyslog/server/lookup.ts";
import { satisfiedElsewhere } from "../../../../src/services/rsyslog/server/store-existing.ts";
import { storeFiles } from "../../../../src/services/rsyslog/server/store-files.ts";
import { readStoreRules } from "../../../../src/services/rsyslog/server/store-rules.ts";
import { storeUnits, storeUnitsByAddress } from "../../../../src/services/rsyslog/server/store-units.ts";
import { serverOf, storeRule } from "./server-host.ts";

const style = { playbook: "lab", inputNames: ["imtcp"], group: undefined };

function from(selection: DesiredStoreRule["from"][number], file: string, stop = true): DesiredStoreRule {
  return { from: [selection], file, stop };
}
const any = (file: string, stop = true) => from({ kind: "any" }, file, stop);
const network = (text: string, file: string, stop = true) =>
  from({ kind: "network", network: text }, file, stop);
const named = (hostname: string, file: string, stop = true) =>
  from({ kind: "hostname", hostname }, file, stop);
const own = (senders: Record<string, string | string[]>, file: string, stop = true) =>
  storeRule(senders, file, { stop });

function rulesOf(...store: DesiredStoreRule[]) {
  const { rules, errors } = readStoreRules(serverOf(store));
  assert.deepEqual(errors, []);
  return rules;
}

/** `HOST ADDRESSES: FILE (for whom), …` and `complete` where the rules for anyone are among them. */
function unitsOf(units: ReturnType<typeof storeUnits>): string[] {
  return units.map(({ host, addresses, steps, complete }) => {
    const files = steps.map(({ rule, condition }) => {
      if (condition.kind === "always") return rule.declared.file;
      return `${rule.declared.file} (${[...condition.addresses, ...condition.hostnames].join(" ")})`;
    });
    return `${host ?? "-"} ${addresses.join(" ")}: ${files.join(", ")}${complete ? ", complete" : ""}`;
  });
}

describe("the senders that rules name", () => {
  const web = { web: "10.0.0.1" };
  const dual = { web: ["fd00::1", "10.0.0.1"] };
  const rows: [string, DesiredStoreRule[], string[]][] = [
    [
      "each with its rules in order",
      [own(web, "/a", false), own({ ...web, db: "10.0.0.2" }, "/b")],
      ["web 10.0.0.1: /a, /b", "db 10.0.0.2: /b"],
    ],
    ["no rule behind one that stops", [own(web, "/a"), own(web, "/b")], ["web 10.0.0.1: /a"]],
    ["all addresses of one sender together, IPv4 first", [own(dual, "/a")], ["web 10.0.0.1 fd00::1: /a"]],
    [
      "an address without a name for itself",
      [from({ kind: "address", address: "10.0.0.9" }, "/a")],
      ["- 10.0.0.9: /a"],
    ],
    [
      "an address under the name that another rule gives it",
      [from({ kind: "address", address: "10.0.0.1" }, "/a", false), own(web, "/b")],
      ["web 10.0.0.1: /a, /b"],
    ],
    ["none for rules about anyone", [any("/a"), network("10.0.0.0/8", "/b"), named("x", "/c")], []],
    [
      "a rule for anyone behind its own is left to the last file",
      [own(web, "/a", false), any("/b", false)],
      ["web 10.0.0.1: /a"],
    ],
    [
      "a rule for anyone behind its own that stops",
      [own(web, "/a", false), any("/b")],
      ["web 10.0.0.1: /a, /b"],
    ],
    [
      "a rule for anyone before its own, and then all of them",
      [any("/a", false), own(web, "/b", false), any("/c", false)],
      ["web 10.0.0.1: /a, /b, /c, complete"],
    ],
    [
      "a rule for anyone before its own that stops",
      [any("/a", false), own(web, "/b")],
      ["web 10.0.0.1: /a, /b"],
    ],
    ["a rule for anyone that stops before its own", [any("/a"), own(web, "/b")], ["web 10.0.0.1: /a"]],
    [
      "a network that holds it before its own",
      [network("10.0.0.0/8", "/a", false), own(web, "/b", false)],
      ["web 10.0.0.1: /a, /b, complete"],
    ],
    [
      "no network that does not hold it",
      [network("10.9.0.0/16", "/a", false), own(web, "/b", false)],
      ["web 10.0.0.1: /b"],
    ],
    [
      "a network that holds one of its addresses",
      [network("10.0.0.0/8", "/a", false), own(dual, "/b")],
      ["web 10.0.0.1 fd00::1: /a (10.0.0.1), /b"],
    ],
    [
      "a name that it may report",
      [named("X.Example", "/a", false), own(web, "/b")],
      ["web 10.0.0.1: /a (x.example), /b"],
    ],
    [
      "a name that it may report, and then all",
      [named("x", "/a", false), own(web, "/b", false), any("/c")],
      ["web 10.0.0.1: /a (x), /b, /c"],
    ],
    [
      "a name that stops only where it is reported",
      [named("x", "/a"), own(web, "/b", false)],
      ["web 10.0.0.1: /a (x), /b, complete"],
    ],
  ];
  for (const [name, store, expected] of rows) {
    it(name, () => assert.deepEqual(unitsOf(storeUnits(rulesOf(...store))), expected));
  }

  it("for a table stand address by address", () => {
    const rules = rulesOf(network("10.0.0.0/8", "/a", false), own(dual, "/b", false));
    assert.deepEqual(unitsOf(storeUnitsByAddress(rules)), [
      "web 10.0.0.1: /a, /b, complete",
      "web fd00::1: /b",
    ]);
  });
});

describe("the table for many senders", () => {
  const render = (...store: DesiredStoreRule[]) =>
    renderLookup(storeUnitsByAddress(rulesOf(...store)), "/t.json", style);

  it("gives senders that are treated alike one way, and leads each to its rules", () => {
    const two = { web: "10.0.0.2", db: "10.0.0.10" };
    const { rules, table, excluded } = render(
      own(two, "/l/{host}.log"),
      own({ mail: "10.0.0.3" }, "/l/mail.log", false),
      from({ kind: "address", address: "10.0.0.1" }, "/l/one.log"),
    );
    assert.equal(excluded, undefined);
    assert.deepEqual(JSON.parse(table), {
      version: 1,
      nomatch: "",
      type: "string",
      table: [
        { index: "10.0.0.1", value: "1/10.0.0.1" },
        { index: "10.0.0.2", value: "2/web" },
        { index: "10.0.0.3", value: "3/mail" },
        { index: "10.0.0.10", value: "2/db" },
      ],
    });
    assert.deepEqual(rules.split("\n"), [
      "# lfce: file of syslog_server, playbook lab",
      'lookup_table(name="lfce_clients" file="/t.json")',
      'template(name="lfce_clients_1" type="list") {',
      '  constant(value="/l/")',
      '  property(name="$.lfce_host")',
      '  constant(value=".log")',
      "}",
      'set $.lfce_client = lookup("lfce_clients", $fromhost-ip);',
      'if $.lfce_client != "" then {',
      "  set $.lfce_way = field($.lfce_client, 47, 1);",
      "  set $.lfce_host = field($.lfce_client, 47, 2);",
      '  if $.lfce_way == "1" then {',
      '    action(type="omfile" file="/l/one.log" fileCreateMode="0640" dirCreateMode="0750")',
      "    stop",
      "  }",
      '  if $.lfce_way == "2" then {',
      '    action(type="omfile" dynaFile="lfce_clients_1" dynaFileCacheSize="10" fileCreateMode="0640" dirCreateMode="0750")',
      "    stop",
      "  }",
      '  if $.lfce_way == "3" then {',
      '    action(type="omfile" file="/l/mail.log" fileCreateMode="0640" dirCreateMode="0750")',
      "  }",
      "}",
      "",
    ]);
  });

  it("tells the file for anyone whom it need not follow any more", () => {
    const before = any("/l/any.log", false);
    const { excluded } = render(
      own({ mail: "10.0.0.1" }, "/l/first.log"),
      before,
      own({ web: "10.0.0.2" }, "/l/a.log", false),
      own({ db: "10.0.0.3" }, "/l/b.log", false),
    );
    assert.equal(excluded, '$.lfce_way == "2" or $.lfce_way == "3"');
  });

  it("parts senders of one rule where a condition or what follows differs", () => {
    const { table } = render(
      network("10.0.0.0/31", "/l/net.log", false),
      own({ a: "10.0.0.1", b: "10.0.0.2", c: "10.0.0.0" }, "/l/{host}.log", false),
    );
    const ways = JSON.parse(table).table.map(({ value }: { value: string }) => value);
    assert.deepEqual(ways, ["1/c", "1/a", "2/b"]);
  });
});

describe("the files of a log server", () => {
  const paths = (rules: ReturnType<typeof rulesOf>, mayUseTable = true) =>
    [...storeFiles(rules, style, () => false, mayUseTable).keys()].map((path) =>
      path.replace("/etc/rsyslog.d/00-lfce-", ""),
    );
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}`, `10.0.1.${index}`]));

  it("are one a sender up to 32, then a table, where one can be used", () => {
    assert.equal(paths(rulesOf(own(many(32), "/l/{host}.log"))).length, 32);
    assert.deepEqual(paths(rulesOf(own(many(33), "/l/{host}.log"))), ["clients.conf", "clients.json"]);
    assert.equal(paths(rulesOf(own(many(33), "/l/{host}.log")), false).length, 33);
  });

  it("have one of its own for a sender that shares its address with the host", () => {
    const senders = { ...many(33), local: "127.0.0.1" };
    assert.deepEqual(paths(rulesOf(own(senders, "/l/{host}.log"))), [
      "127.0.0.1.conf",
      "clients.conf",
      "clients.json",
    ]);
  });

  it("have one for anyone only where a rule is about anyone, which leaves out whom others have followed", () => {
    const store = [any("/l/any.log", false), own({ web: "10.0.0.1" }, "/l/web.log", false)];
    const files = storeFiles(rulesOf(...store), style, () => false, true);
    const text = files.get("/etc/rsyslog.d/00-lfce-zz-any.conf")?.text ?? "";
    assert.match(text, /^if \$inputname == "imtcp" and not \(\$fromhost-ip == "10\.0\.0\.1"\) then \{$/m);
    const behind = storeFiles(rulesOf(...[...store].reverse()), style, () => false, true);
    assert.match(
      behind.get("/etc/rsyslog.d/00-lfce-zz-any.conf")?.text ?? "",
      /^if \$inputname == "imtcp" then \{$/m,
    );
    assert.deepEqual(paths(rulesOf(own({ web: "10.0.0.1" }, "/l/web.log"))), ["10.0.0.1.conf"]);
  });
});

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

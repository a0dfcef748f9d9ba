import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import { renderLookup } from "../../../../src/services/rsyslog/server/lookup.ts";
import { storeFiles } from "../../../../src/services/rsyslog/server/store-files.ts";
import { readStoreRules } from "../../../../src/services/rsyslog/server/store-rules.ts";
import { storeUnitsByAddress } from "../../../../src/services/rsyslog/server/store-units.ts";
import { serverOf, storeRule } from "./server-host.ts";

const style = { playbook: "lab", inputNames: ["imtcp"], group: undefined };

function from(selection: DesiredStoreRule["from"][number], file: string, stop = true): DesiredStoreRule {
  return { from: [selection], file, stop };
}
const any = (file: string, stop = true) => from({ kind: "any" }, file, stop);
const network = (text: string, file: string, stop = true) =>
  from({ kind: "network", network: text }, file, stop);
const own = (senders: Record<string, string | string[]>, file: string, stop = true) =>
  storeRule(senders, file, { stop });

function rulesOf(...store: DesiredStoreRule[]) {
  const { rules, errors } = readStoreRules(serverOf(store));
  assert.deepEqual(errors, []);
  return rules;
}

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

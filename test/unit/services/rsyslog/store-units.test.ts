import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import { readStoreRules } from "../../../../src/services/rsyslog/server/store-rules.ts";
import { storeUnits, storeUnitsByAddress } from "../../../../src/services/rsyslog/server/store-units.ts";
import { serverOf, storeRule } from "./server-host.ts";

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

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DesiredStoreRule, StoreSelection } from "../../../../src/services/rsyslog/desired.ts";
import { networkContains } from "../../../../src/services/rsyslog/server/server-address.ts";
import {
  isGeneral,
  readStoreRules,
  type StoreRule,
} from "../../../../src/services/rsyslog/server/store-rules.ts";
import {
  type StoreUnit,
  storeUnits,
  storeUnitsByAddress,
} from "../../../../src/services/rsyslog/server/store-units.ts";
import { serverOf } from "./server-host.ts";

interface Message {
  address: string;
  hostname: string;
}

const hosts: Record<string, string[]> = {
  a: ["10.0.0.1"],
  b: ["10.0.0.2", "10.0.1.2"],
  c: ["fd00::3", "10.0.1.3"],
};
const addresses = [...Object.values(hosts).flat(), "10.0.0.9", "10.0.9.9", "192.0.2.1"];
const hostnames = ["a", "x"];

const selection: fc.Arbitrary<StoreSelection> = fc.oneof(
  fc.constant({ kind: "any" as const }),
  fc.subarray(Object.keys(hosts), { minLength: 1 }).map((names) => ({
    kind: "senders" as const,
    senders: names.map((host) => ({ host, addresses: hosts[host] ?? [] })),
  })),
  fc.constantFrom(...addresses).map((address) => ({ kind: "address" as const, address })),
  fc
    .constantFrom("10.0.0.0/24", "10.0.0.0/16", "fd00::/64")
    .map((network) => ({ kind: "network" as const, network })),
  fc.constantFrom(...hostnames).map((hostname) => ({ kind: "hostname" as const, hostname })),
);

const declaredRules: fc.Arbitrary<DesiredStoreRule[]> = fc
  .array(fc.record({ from: fc.array(selection, { minLength: 1, maxLength: 2 }), stop: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((rules) => rules.map((rule, index) => ({ ...rule, file: `/l/${index}` })));

/** What the playbook says: rules in their order, until one with stop applies. */
function declaredFiles(rules: readonly DesiredStoreRule[], message: Message): string[] {
  const files: string[] = [];
  for (const rule of rules) {
    const applies = rule.from.some((one) => {
      if (one.kind === "any") return true;
      if (one.kind === "address") return one.address === message.address;
      if (one.kind === "network") return networkContains(one.network, message.address);
      if (one.kind === "hostname") return one.hostname === message.hostname;
      return one.senders.some((sender) => sender.addresses.includes(message.address));
    });
    if (!applies) continue;
    files.push(rule.file);
    if (rule.stop) break;
  }
  return files;
}

/** What happens on the server: the sender's own file first, then the file for any sender. */
function plannedFiles(units: readonly StoreUnit[], rules: readonly StoreRule[], message: Message): string[] {
  const files: string[] = [];
  const unit = units.find((one) => one.addresses.includes(message.address));
  for (const { rule, condition } of unit?.steps ?? []) {
    const applies =
      condition.kind === "always" ||
      condition.addresses.includes(message.address) ||
      condition.hostnames.includes(message.hostname);
    if (!applies) continue;
    files.push(rule.declared.file);
    if (rule.declared.stop) return files;
  }
  if (unit?.complete) return files;
  for (const rule of rules.filter(isGeneral)) {
    const applies =
      rule.any ||
      rule.networks.some((network) => networkContains(network, message.address)) ||
      rule.hostnames.includes(message.hostname);
    if (!applies) continue;
    files.push(rule.declared.file);
    if (rule.declared.stop) return files;
  }
  return files;
}

test("whatever the rules, every message goes to the declared files, in the declared order, once", () => {
  fc.assert(
    fc.property(
      declaredRules,
      fc.record({ address: fc.constantFrom(...addresses), hostname: fc.constantFrom("other", ...hostnames) }),
      (declared, message) => {
        const { rules, errors } = readStoreRules(serverOf(declared));
        assert.deepEqual(errors, []);
        const expected = declaredFiles(declared, message);
        assert.deepEqual(plannedFiles(storeUnits(rules), rules, message), expected, "a file a client");
        assert.deepEqual(plannedFiles(storeUnitsByAddress(rules), rules, message), expected, "a table");
      },
    ),
    { numRuns: 2000 },
  );
});

test("a rule for any sender stands in a client's own file only where the order needs it", () => {
  const any: DesiredStoreRule = { from: [{ kind: "any" }], file: "/l/any", stop: false };
  const own: DesiredStoreRule = {
    from: [{ kind: "senders", senders: [{ host: "a", addresses: ["10.0.0.1"] }] }],
    file: "/l/a",
    stop: false,
  };
  const files = (declared: DesiredStoreRule[]) =>
    storeUnits(readStoreRules(serverOf(declared)).rules).map(({ steps }) =>
      steps.map(({ rule }) => rule.declared.file),
    );
  assert.deepEqual(files([own, any]), [["/l/a"]]);
  assert.deepEqual(files([any, own]), [["/l/any", "/l/a"]]);
});

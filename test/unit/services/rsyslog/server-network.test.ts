import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import {
  canonicalAddress,
  compareAddresses,
  networkContains,
} from "../../../../src/services/rsyslog/server/server-address.ts";
import { networkCondition } from "../../../../src/services/rsyslog/server/server-network.ts";

/** Evaluates the few operations that networkCondition uses, as rsyslog does. */
function holds(condition: string, address: string): boolean {
  const match = /^re_match\(\$fromhost-ip, '(.*)'\)$/.exec(condition);
  if (match) return new RegExp(match[1] ?? "").test(address);
  const [, operation, operand = ""] = /^\$fromhost-ip (==|startswith|contains) (.*)$/.exec(condition) ?? [];
  const values: string[] = JSON.parse(operand.startsWith("[") ? operand : `[${operand}]`);
  if (operation === "==") return values.includes(address);
  if (operation === "contains") return values.some((value) => address.includes(value));
  assert.equal(operation, "startswith");
  return values.some((value) => address.startsWith(value));
}

test("an octet-aligned network is one comparison", () => {
  assert.equal(networkCondition("10.1.0.0/16"), '$fromhost-ip startswith "10.1."');
  assert.equal(networkCondition("10.1.2.3/32"), '$fromhost-ip == "10.1.2.3"');
  assert.equal(networkCondition("0.0.0.0/0"), '$fromhost-ip contains "."');
});

test("what is no network has no condition", () => {
  for (const text of ["10.0.0.0", "10.0.0.0/33", "10/8", "web", "fd00::/129"]) {
    assert.equal(networkCondition(text), undefined, text);
  }
});

test("the condition of an IPv4 network holds for its addresses and no other", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (base, prefix, other) => {
      const network = `${base}/${prefix}`;
      const condition = networkCondition(network);
      assert.ok(condition);
      assert.equal(holds(condition, base), true);
      assert.equal(holds(condition, other), networkContains(network, other));
    }),
  );
});

const sparseGroup = fc.oneof(
  fc.constant(0),
  fc.constant(0),
  fc.integer({ min: 0, max: 0xffff }),
  fc.constant(1),
);

test("the condition of an IPv6 network holds for its addresses in their shortest spelling and no other", () => {
  const groups = fc.array(sparseGroup, { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(
      groups,
      fc.integer({ min: 0, max: 128 }),
      groups,
      fc.integer({ min: 0, max: 8 }),
      (base, prefix, other, keep) => {
        // ::ffff:… are IPv4 addresses in disguise and never seen by rsyslog as such.
        fc.pre(![...base.slice(5, 6), ...other.slice(5, 6)].includes(0xffff));
        const spell = (parts: number[]) => new ipaddr.IPv6(parts).toRFC5952String();
        const network = `${spell(base)}/${prefix}`;
        const condition = networkCondition(network);
        assert.ok(condition);
        const near = spell([...base.slice(0, keep), ...other.slice(keep)]);
        for (const address of [spell(base), near, spell(other)]) {
          assert.equal(holds(condition, address), networkContains(network, address), `${network} ${address}`);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test("addresses are spelled as rsyslog spells them", () => {
  assert.equal(canonicalAddress("FD00:0:0:0:0:0:0:A"), "fd00::a");
  assert.equal(canonicalAddress("::ffff:10.0.0.1"), "10.0.0.1");
  assert.equal(canonicalAddress("10.0.0.1"), "10.0.0.1");
  assert.equal(canonicalAddress("10.1"), undefined);
  assert.equal(canonicalAddress("web"), undefined);
});

test("addresses sort by number, IPv4 first", () => {
  assert.deepEqual(["fd00::1", "10.0.0.10", "10.0.0.9"].sort(compareAddresses), [
    "10.0.0.9",
    "10.0.0.10",
    "fd00::1",
  ]);
});

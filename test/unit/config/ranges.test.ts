import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { expandHostName } from "../../../src/config/inventory-ranges.ts";

function names(text: string): string[] {
  const expanded = expandHostName(text);
  assert.ok("names" in expanded, JSON.stringify(expanded));
  return expanded.names;
}

describe("host names with ranges", () => {
  const table: [text: string, expected: string[]][] = [
    ["web1", ["web1"]],
    ["web[1:3]", ["web1", "web2", "web3"]],
    ["web[01:03].example.org", ["web01.example.org", "web02.example.org", "web03.example.org"]],
    ["web[08:11]", ["web08", "web09", "web10", "web11"]],
    ["web[1:10:4]", ["web1", "web5", "web9"]],
    ["db[a:c]", ["dba", "dbb", "dbc"]],
    ["db[A:E:2]", ["dbA", "dbC", "dbE"]],
    ["web[:2]", ["web0", "web1", "web2"]],
    ["n[1:2]-[a:b]", ["n1-a", "n1-b", "n2-a", "n2-b"]],
    ["[1:2].example", ["1.example", "2.example"]],
    ["2001:db8::1", ["2001:db8::1"]],
    ["[2001:db8::1]", ["2001:db8::1"]],
  ];
  for (const [text, expected] of table) {
    it(text, () => assert.deepEqual(names(text), expected));
  }

  it("may carry a port", () => {
    assert.deepEqual(expandHostName("web[1:2]:2222"), { names: ["web1", "web2"], port: 2222 });
    assert.deepEqual(expandHostName("web1:2222"), { names: ["web1"], port: 2222 });
  });

  it("number as many hosts as the range holds, both ends included, each of the same width", () => {
    const range = fc.record({
      begin: fc.nat(500),
      length: fc.nat(200),
      step: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 4, max: 6 }),
    });
    fc.assert(
      fc.property(range, ({ begin, length, step, width }) => {
        const pad = (value: number) => String(value).padStart(width, "0");
        const found = names(`web[${pad(begin)}:${pad(begin + length)}:${step}].example`);
        assert.equal(found.length, Math.floor(length / step) + 1);
        assert.equal(new Set(found).size, found.length);
        assert.equal(found[0], `web${pad(begin)}.example`);
        assert.ok(found.every((name) => name.length === `web${pad(0)}.example`.length));
      }),
    );
  });

  it("never throw, whatever is written", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab09[]:-./ ") }), (text) => {
        const expanded = expandHostName(text);
        assert.ok("problem" in expanded || expanded.names.length > 0);
      }),
    );
  });
});

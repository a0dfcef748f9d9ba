import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { matchPattern } from "../../../src/config/patterns.ts";
import { errorsOf, inventoryOf } from "./sources.ts";

const inventory = inventoryOf(`
all:
  hosts:
    lonely:
  children:
    web:
      hosts:
        web[01:05]:
    db:
      hosts:
        db[a:c]:
    east:
      hosts:
        dba:
        web02:
        web04:
    empty:
`);

const match = (pattern: string) => matchPattern(inventory, pattern).join(" ");

describe("a host pattern", () => {
  const table: [pattern: string, expected: string][] = [
    ["all", "lonely web01 web02 web03 web04 web05 dba dbb dbc"],
    ["*", "lonely web01 web02 web03 web04 web05 dba dbb dbc"],
    ["web03", "web03"],
    ["db:lonely", "lonely dba dbb dbc"],
    ["dbc,web01", "web01 dbc"],
    ["web:&east", "web02 web04"],
    ["&east:web", "web02 web04"],
    ["web:!east", "web01 web03 web05"],
    ["!web", "lonely dba dbb dbc"],
    ["all:!web:!db", "lonely"],
    ["web:db:&east:!web04", "web02 dba"],
    ["web0?", "web01 web02 web03 web04 web05"],
    ["*a", "dba"],
    ["db[!a]", "dbb dbc"],
    ["eas*", "web02 web04 dba"],
    ["~db[ab]", "dba dbb"],
    ["~w", "web01 web02 web03 web04 web05"],
    ["web[0]", "web01"],
    ["web[-1]", "web05"],
    ["web[1:3]", "web02 web03 web04"],
    ["web[3:]", "web04 web05"],
    ["web[0-1]", "web01 web02"],
    ["web*[0]", "web01"],
    ["web:!web[0]", "web02 web03 web04 web05"],
    [" web01 , dba ", "web01 dba"],
    ["ungrouped", "lonely"],
  ];
  for (const [pattern, expected] of table) {
    it(pattern, () => assert.equal(match(pattern), expected));
  }

  it("that matches nothing is an error which says what there is", () => {
    for (const pattern of ["empty", "web[99]", "web:!web", "nothing*", "~x", "", "web[-9]"]) {
      const [error] = errorsOf(() => match(pattern));
      assert.equal(error?.code, "pattern.no-hosts", pattern);
      assert.match(error?.hint ?? "", /^groups with hosts: all, web, db, east, ungrouped$/);
    }
  });

  it("with an unknown name is an error, excluded names too: a slip there would let hosts through", () => {
    for (const pattern of ["wbe", "all:!wbe", "all:&wbe", "web,wbe"]) {
      const [error] = errorsOf(() => match(pattern));
      assert.equal(error?.message, "the inventory has no host or group wbe", pattern);
      assert.equal(error?.hint, "did you mean web?");
    }
  });

  it("carries the position that it was given", () => {
    const at = { file: "lab.yml", line: 3, column: 10 };
    const [error] = errorsOf(() => matchPattern(inventory, "wbe", at));
    assert.deepEqual(error?.at, at);
  });

  it("is set algebra in inventory order", () => {
    const order = [...inventory.hosts.keys()];
    const names = fc.constantFrom("web", "db", "east", "lonely", "web02", "dba");
    const part = fc.record({ sign: fc.constantFrom("", "!", "&"), name: names });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const set = (name: string) => new Set(inventory.groups.get(name)?.hosts ?? [name]);
        const withSign = (sign: string) =>
          parts.filter((one) => one.sign === sign).map((one) => set(one.name));
        const plain = withSign("");
        const expected = order
          .filter((host) => plain.length === 0 || plain.some((hosts) => hosts.has(host)))
          .filter((host) => withSign("&").every((hosts) => hosts.has(host)))
          .filter((host) => !withSign("!").some((hosts) => hosts.has(host)));
        const pattern = parts.map((one) => one.sign + one.name).join(":");
        const errors = errorsOf(() => assert.equal(match(pattern), expected.join(" ")));
        assert.equal(errors.length, expected.length === 0 ? 1 : 0);
      }),
    );
  });
});

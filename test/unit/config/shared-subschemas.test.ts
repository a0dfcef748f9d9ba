import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shareSubschemas } from "../../../scripts/shared-subschemas.ts";

const long = { type: "string", pattern: `^${"[a-z]?".repeat(20)}$` };
const pair = { type: "object", properties: { left: long, right: { type: "array", items: long } } };

describe("parts that stand in several places of schemas", () => {
  it("become schemas of their own, in whatever place a schema may stand", () => {
    assert.deepEqual(shareSubschemas({ one: pair, other: { anyOf: [{ type: "null" }, long] } }), {
      one: {
        type: "object",
        properties: { left: { $ref: "shared0" }, right: { type: "array", items: { $ref: "shared0" } } },
      },
      other: { anyOf: [{ type: "null" }, { $ref: "shared0" }] },
      shared0: long,
    });
  });

  it("are named once where they lie in another such part", () => {
    const shared = shareSubschemas({ one: { allOf: [pair] }, other: { not: pair } });
    assert.deepEqual(shared.one, { allOf: [{ $ref: "shared0" }] });
    assert.deepEqual(shared.other, { not: { $ref: "shared0" } });
    assert.deepEqual(Object.keys(shared).sort(), ["one", "other", "shared0", "shared1"]);
  });

  it("stay where they are when they are short, or are data", () => {
    const short = { type: "integer" };
    const schemas = { one: { properties: { const: short, a: short }, const: long, enum: [long, long] } };
    assert.deepEqual(shareSubschemas(schemas), schemas);
  });
});

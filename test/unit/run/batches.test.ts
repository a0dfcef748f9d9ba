import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { batchesOf, exceedsFailures } from "../../../src/run/batches.ts";

const ten = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

describe("batches", () => {
  it("takes all hosts at once without serial", () => {
    assert.deepEqual(batchesOf(ten, []), [ten]);
  });

  it("sizes one batch by each entry and repeats the last one", () => {
    assert.deepEqual(
      batchesOf(ten, [1, 3]).map((batch) => batch.length),
      [1, 3, 3, 3],
    );
  });

  it("counts percentages of all hosts, and at least one host", () => {
    assert.deepEqual(
      batchesOf(ten, ["1%", "20%", "100%"]).map((batch) => batch.length),
      [1, 2, 7],
    );
  });

  it("places every host exactly once, in order", () => {
    const entry = fc.oneof(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 100 }).map((n) => `${n}%`),
    );
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(entry), (hosts, serial) => {
        assert.deepEqual(batchesOf(hosts, serial).flat(), hosts);
      }),
    );
  });
});

describe("max_fail_percentage", () => {
  it("stops only when more than the percentage failed", () => {
    assert.equal(exceedsFailures(2, 10, 20), false);
    assert.equal(exceedsFailures(3, 10, 20), true);
  });

  it("stops at the first failure with 0, and never when unset", () => {
    assert.equal(exceedsFailures(1, 10, 0), true);
    assert.equal(exceedsFailures(10, 10, undefined), false);
  });
});

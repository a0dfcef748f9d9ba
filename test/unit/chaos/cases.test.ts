import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { caseOf, caseText, faults, steps } from "../../chaos/cases.ts";

describe("the cases of the chaos runs", () => {
  it("are the same for the same seed, one by one", () => {
    assert.deepEqual(caseOf(7, 12), caseOf(7, 12));
    assert.notDeepEqual(caseOf(7, 12), caseOf(8, 12));
  });

  it("go through every fault at every step, and have random instants in between", () => {
    const boundaries = steps.length * faults.length;
    const seen = new Set<string>();
    let instants = 0;
    for (let index = 0; index < Math.ceil((boundaries * 4) / 3); index++) {
      const one = caseOf(1, index);
      if ("step" in one.moment) seen.add(caseText(one));
      else instants += 1;
    }
    assert.equal(seen.size, boundaries);
    assert.ok(instants >= boundaries / 4, String(instants));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keptLately } from "../../../src/core/kept-lately.ts";

function counted(kept?: { most: number; longest: number }) {
  const done: string[] = [];
  const work = keptLately((text: string) => {
    done.push(text);
    return text === "nothing" ? undefined : { text };
  }, kept);
  return { done, work };
}

describe("results that are kept", () => {
  it("are made once for texts that are equal, also where there is none", () => {
    const { done, work } = counted();
    assert.equal(work("a"), work("a"));
    assert.equal(work("nothing"), work("nothing"));
    assert.deepEqual(done, ["a", "nothing"]);
  });

  it("are let go when there are too many, the oldest first", () => {
    const { done, work } = counted({ most: 2, longest: 10 });
    for (const text of ["a", "b", "c", "b", "c", "a"]) work(text);
    assert.deepEqual(done, ["a", "b", "c", "a"]);
  });

  it("are not kept of long texts", () => {
    const { done, work } = counted({ most: 2, longest: 3 });
    for (const text of ["long", "long"]) assert.deepEqual(work(text), { text });
    assert.deepEqual(done, ["long", "long"]);
  });
});

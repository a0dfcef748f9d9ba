import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keptLately } from "../../../src/core/kept-lately.ts";

function counted() {
  const done: string[] = [];
  const work = keptLately((text: string) => {
    done.push(text);
    return text === "nothing" ? undefined : { text };
  });
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
    const { done, work } = counted();
    const texts = Array.from({ length: 65 }, (_, index) => String(index));
    for (const text of [...texts, ...texts.slice(1), "0"]) work(text);
    assert.deepEqual(done, [...texts, "0"]);
  });

  it("are not kept of long texts", () => {
    const { done, work } = counted();
    const long = "x".repeat(32 * 1024 + 1);
    for (const text of [long, long]) assert.deepEqual(work(text), { text });
    assert.deepEqual(done, [long, long]);
  });
});

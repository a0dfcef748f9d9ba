import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownAbort } from "../../../src/run/own-abort.ts";

describe("an abort of one's own", () => {
  it("comes with that of the run, also where that was before it", () => {
    const run = new AbortController();
    const [mine, other] = [ownAbort(run.signal), ownAbort(run.signal)];
    mine.abort();
    assert.deepEqual([mine.signal.aborted, other.signal.aborted, run.signal.aborted], [true, false, false]);
    run.abort();
    assert.deepEqual([other.signal.aborted, ownAbort(run.signal).signal.aborted], [true, true]);
  });

  it("does not come any more once it was released", () => {
    const run = new AbortController();
    const mine = ownAbort(run.signal);
    mine.release();
    run.abort();
    assert.equal(mine.signal.aborted, false);
  });
});

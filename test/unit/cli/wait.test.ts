import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { wait } from "../../../src/cli/wait.ts";

/** Nobody waits so long for a test. */
const AN_HOUR_MS = 3_600_000;

describe("waiting", () => {
  it("ends when the time is over, and listens no more", async () => {
    const { signal } = new AbortController();
    await wait(1, signal);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("ends at once when somebody aborts, whatever the reason", async () => {
    const answered = new AbortController();
    const waiting = wait(AN_HOUR_MS, answered.signal);
    answered.abort(new Error("answered"));
    await waiting;
    assert.equal(getEventListeners(answered.signal, "abort").length, 0);
  });

  it("does not begin where somebody has aborted already", async () => {
    await wait(AN_HOUR_MS, AbortSignal.abort());
  });
});

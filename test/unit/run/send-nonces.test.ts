import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { sendUntilSeen } from "../../../src/run/send-nonces.ts";

/** A clock that jumps to the end of every wait, and a log server that sees what it is told to see. */
function world(seesAttempt: number | undefined) {
  let now = 0;
  const sent: { nonce: string; at: number }[] = [];
  const stop = new AbortController();
  const waiting: (() => void)[] = [];
  const effects = {
    now: () => now,
    wait: async (milliseconds: number) => {
      now += milliseconds;
    },
    freshId: () => String(sent.length + 1),
    signal: stop.signal,
  };
  const client = {
    logNonce: async (nonce: string) => {
      sent.push({ nonce, at: now });
    },
  };
  const watch = {
    expect: (nonce: string, path: string) =>
      nonce === `lfce-${seesAttempt}`
        ? Promise.resolve({ path, line: `… ${nonce}` })
        : new Promise<undefined>((resolve) => {
            waiting.push(() => resolve(undefined));
            if (sent.length === 5) for (const one of waiting) one();
          }),
  };
  return { effects, client, watch, sent, stop };
}

const request = { priority: "local6.info", path: "/var/log/remote/web1.log", timeoutMs: 30_000 };

describe("the round trip of a nonce", () => {
  it("ends with the first message that arrives", async () => {
    const { effects, client, watch, sent } = world(2);
    const trip = await sendUntilSeen(client, watch, request, effects);
    assert.deepEqual(trip.arrived, { path: request.path, line: "… lfce-2" });
    assert.deepEqual(
      sent.map(({ at }) => at),
      [0, 2000],
    );
  });

  it("leaves nothing behind on the signal of the run, however it ends", async () => {
    for (const logNonce of [undefined, () => Promise.reject(new Error("no logger"))]) {
      const { effects, client, watch } = world(2);
      const sender = logNonce ? { logNonce } : client;
      await sendUntilSeen(sender, watch, request, effects).catch(() => {});
      assert.deepEqual(getEventListeners(effects.signal, "abort"), []);
    }
  });

  it("sends a fresh nonce at 0, 2, 5, 10 and 20 seconds when none arrives", async () => {
    const { effects, client, watch, sent } = world(undefined);
    const trip = await sendUntilSeen(client, watch, request, effects);
    assert.equal(trip.arrived, undefined);
    assert.deepEqual(
      sent.map(({ at }) => at),
      [0, 2000, 5000, 10_000, 20_000],
    );
    assert.equal(new Set(trip.nonces).size, 5);
  });

  it("ends at once when the run is interrupted", async () => {
    const { effects, client, watch, sent, stop } = world(undefined);
    stop.abort();
    const trip = await sendUntilSeen(client, watch, request, effects);
    assert.equal(trip.arrived, undefined);
    assert.equal(sent.length, 0);
  });

  it("tells the error of a watch that broke", async () => {
    const { effects, client } = world(undefined);
    const broken = { expect: () => Promise.reject(new Error("connection lost")) };
    await assert.rejects(sendUntilSeen(client, broken, request, effects), /connection lost/);
  });
});

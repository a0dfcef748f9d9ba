import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createPlaces, PATIENCE_MS } from "../../../src/run/places.ts";

/** A clock that only stands or jumps: waits end when the test says so. */
function clock(lateMs = 0) {
  let time = 0;
  const waiting = new Set<() => void>();
  let waited = 0;
  return {
    now: () => time,
    wait: (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        waited = milliseconds;
        const end = () => {
          waiting.delete(end);
          resolve();
        };
        waiting.add(end);
        signal.addEventListener("abort", end, { once: true });
      }),
    /** Patience runs out, wherever somebody waits. */
    pass: async () => {
      await turn();
      time += waited + lateMs;
      for (const end of [...waiting]) end();
      await turn();
    },
  };
}

/** Somebody whose answer the test gives. */
function silent<Answer>() {
  let answer: (value: Answer) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<Answer>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return { promise, answer, fail };
}

describe("places for hosts", () => {
  it("are so many, first come, first served", async () => {
    const places = createPlaces(2, clock());
    const order: number[] = [];
    let at = 0;
    let most = 0;
    await Promise.all(
      [0, 1, 2, 3, 4].map((host) =>
        places.take(async () => {
          at += 1;
          most = Math.max(most, at);
          order.push(host);
          await turn();
          at -= 1;
        }),
      ),
    );
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
    assert.equal(most, 2);
  });

  it("of hosts that say nothing are lent: those who answer go on meanwhile", async () => {
    const time = clock();
    const places = createPlaces(2, time);
    const dead = [silent<string>(), silent<string>()];
    const ended: string[] = [];
    const all = [
      ...dead.map(({ promise }) =>
        places.take(async (place) => ended.push(await place.whileWaiting(promise).catch(() => "dead"))),
      ),
      ...["a", "b", "c"].map((host) => places.take(async () => ended.push(host))),
    ];
    await turn();
    assert.deepEqual(ended, []);
    await time.pass();
    assert.deepEqual(ended, ["a", "b", "c"]);
    for (const { fail } of dead) fail(new Error("time-out"));
    await Promise.all(all);
    assert.deepEqual(ended, ["a", "b", "c", "dead", "dead"]);
  });

  it("are taken back before anything goes on: no more hosts than places are ever at work", async () => {
    const time = clock();
    const places = createPlaces(2, time);
    const late = silent<void>();
    const [one, other] = [silent<void>(), silent<void>()];
    let went = false;
    const first = places.take(async (place) => {
      await place.whileWaiting(late.promise);
      went = true;
    });
    await time.pass();
    const others = [places.take(() => one.promise), places.take(() => other.promise)];
    const next = places.take(async () => assert.ok(went, "who was there before goes on before"));
    await turn();
    late.answer();
    await time.pass();
    assert.equal(went, false);
    one.answer();
    await first;
    other.answer();
    await Promise.all([...others, next]);
  });

  it("are not lent by hosts that answer in time", async () => {
    const time = clock();
    const places = createPlaces(2, time);
    const one = silent<void>();
    const began: number[] = [];
    const all = [0, 1, 2].map((host) =>
      places.take(async (place) => {
        began.push(host);
        await place.whileWaiting(one.promise);
      }),
    );
    await turn();
    assert.deepEqual(began, [0, 1]);
    one.answer();
    await Promise.all(all);
  });

  it("are not lent while it is lfce itself that is late", async () => {
    const time = clock(PATIENCE_MS);
    const places = createPlaces(2, time);
    const slow = silent<void>();
    const began: number[] = [];
    const all = [0, 1, 2].map((host) =>
      places.take(async (place) => {
        began.push(host);
        await place.whileWaiting(slow.promise);
      }),
    );
    await time.pass();
    await time.pass();
    assert.deepEqual(began, [0, 1]);
    slow.answer();
    await Promise.all(all);
  });

  it("are lent by so many at once, and a single one never", async () => {
    for (const [count, beginning] of [
      [1, 1],
      [2, 5],
    ] as const) {
      const time = clock();
      const places = createPlaces(count, time);
      const dead = silent<void>();
      const began: number[] = [];
      const all = Array.from({ length: 9 }, (_, host) =>
        places.take(async (place) => {
          began.push(host);
          await place.whileWaiting(dead.promise);
        }),
      );
      for (let round = 0; round < 9; round += 1) await time.pass();
      assert.equal(began.length, beginning, `with ${count}`);
      dead.answer();
      await Promise.all(all);
      assert.equal(began.length, 9);
    }
  });

  it("come back from a host whose work fails", async () => {
    const places = createPlaces(1, clock());
    await assert.rejects(places.take(() => Promise.reject(new Error("no"))));
    assert.equal(await places.take(async () => "yes"), "yes");
  });
});

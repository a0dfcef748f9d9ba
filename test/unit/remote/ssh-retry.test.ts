import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { delayBeforeNext } from "../../../src/remote/ssh/retry.ts";

const timeoutMs = 10_000;
const half = () => 0.5;

/** All delays until it gives up, when every attempt fails at once. */
function delays(code: string, random: () => number): number[] {
  const all: number[] = [];
  for (let spentMs = 0; ; ) {
    const delay = delayBeforeNext(code, { attempts: all.length + 1, spentMs, timeoutMs }, random);
    if (delay === undefined) return all;
    all.push(delay);
    spentMs += delay;
  }
}

for (const code of [
  "authentication-failed",
  "host-key-unknown",
  "host-key-changed",
  "login-penalty",
  "login-cut-off",
  "connect-timeout",
  "host-unreachable",
  "jump-unreachable",
  "proxy-command-failed",
  "interrupted",
]) {
  test(`${code} does not pass: it is never tried again`, () => {
    assert.equal(delayBeforeNext(code, { attempts: 1, spentMs: 0, timeoutMs }, half), undefined);
  });
}

test("the waits double up to a limit", () => {
  assert.deepEqual(delays("server-busy", () => 1).slice(0, 6), [250, 500, 1000, 2000, 4000, 4000]);
});

test("jitter halves a wait at most", () => {
  assert.deepEqual(delays("server-busy", () => 0).slice(0, 4), [125, 250, 500, 1000]);
});

test("a refused connection is tried for one time-out, a dropped login for three", () => {
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
  assert.equal(
    sum(delays("connection-refused", () => 1)),
    7750, // 250 + 500 + 1000 + 2000 + 4000; the next would end after 11.75 s
  );
  assert.ok(sum(delays("server-busy", () => 1)) > timeoutMs);
});

test("whatever the jitter, the attempts are few and end within the budget", () => {
  const code = fc.constantFrom("connection-refused", "connection-lost", "server-busy");
  fc.assert(
    fc.property(
      code,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
      (of, jitter) => {
        let at = 0;
        const found = delays(of, () => jitter[at++ % jitter.length] as number);
        assert.ok(found.length < 10);
        assert.ok(found.reduce((total, one) => total + one, 0) <= 3 * timeoutMs);
      },
    ),
  );
});

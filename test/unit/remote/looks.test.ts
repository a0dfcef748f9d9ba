import assert from "node:assert/strict";
import { test } from "node:test";
import { createLooks } from "../../../src/remote/looks.ts";

test("a host that answered too late for everybody is asked again for whoever comes after them", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const expected = new Set<string>();
  const sent: string[] = [];
  const looks = createLooks(
    () => expected.size > 0,
    (lines) => sent.push(lines),
  );
  const expect = (nonce: string) => {
    expected.add(nonce);
    looks.expect(`nonce ${nonce}\n`);
  };
  expect("a");
  t.mock.timers.tick(1000);
  // While it looks, for a minute, another one comes, and both stop waiting.
  expect("b");
  expected.clear();
  looks.looked();
  t.mock.timers.tick(1000);
  expect("c");
  t.mock.timers.tick(1000);
  assert.deepEqual(sent, ["nonce a\nlook 1\n", "nonce c\nlook 2\n"]);
});

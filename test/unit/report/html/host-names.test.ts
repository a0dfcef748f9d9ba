import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { indexRanges, nameRanges, rangesText, rangesTitle } from "../../../../src/report/html/host-names.ts";

const texts = (names: string[]) => nameRanges(names).map(({ text }) => text);

test("names that count up are one range", () => {
  assert.deepEqual(texts(["web3", "web1", "web2", "db1"]), ["db1", "web[1:3]"]);
  assert.deepEqual(texts(["web09", "web10", "web11", "web13"]), ["web[09:11]", "web13"]);
  assert.deepEqual(texts(["a1.example.org", "a2.example.org", "a2.example.com"]), [
    "a1.example.org",
    "a2.example.com",
    "a2.example.org",
  ]);
  assert.deepEqual(texts(["web01-ams", "web02-ams"]), ["web[01:02]-ams"]);
});

test("a step in width ends a range that writes its zeros", () => {
  assert.deepEqual(texts(["n9", "n10"]), ["n[9:10]"]);
  assert.deepEqual(texts(["n09", "n9"]), ["n09", "n9"]);
});

test("no host is lost, and each name that is no range stands as it is", () => {
  const name = fc.stringMatching(/^[a-c]{0,2}[0-9]{0,3}(-[xy])?(\.[a-z0-9]{1,3})?$/);
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 60 }), (names) => {
      const ranges = nameRanges(names);
      assert.equal(
        ranges.reduce((sum, { hosts }) => sum + hosts, 0),
        names.length,
      );
      assert.deepEqual(
        ranges.flatMap(({ text, hosts }) => (hosts === 1 ? [text] : expanded(text))).sort(),
        names.sort(),
      );
    }),
  );
});

function expanded(text: string): string[] {
  const [, before = "", from = "", to = "", after = ""] = /^(.*)\[(\d+):(\d+)\](.*)$/.exec(text) ?? [];
  return Array.from(
    { length: Number(to) - Number(from) + 1 },
    (_, step) => before + String(Number(from) + step).padStart(from.length, "0") + after,
  );
}

test("long lists end in how many are left", () => {
  assert.equal(rangesText(["a", "b", "c1", "c2", "d"], 2), "a, b and 3 more");
  assert.equal(rangesText(["a"], 2), "a");
});

test("a title begins with the largest range and is no longer than asked", () => {
  const ranges = nameRanges(["db1", "web1", "web2", "web3", "cache1"]);
  assert.equal(rangesTitle(ranges, 40), "web[1:3], cache1, db1");
  assert.equal(rangesTitle(ranges, 12), "web[1:3] …");
  assert.equal(rangesTitle(nameRanges(["a-very-long-name-of-a-host"]), 10), "a-very-lo…");
});

test("indexes in few characters", () => {
  assert.equal(indexRanges([7, 0, 2, 1]), "0-2,7");
  assert.equal(indexRanges([]), "");
});

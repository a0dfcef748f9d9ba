import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { HostFinished } from "../../../src/core/events.ts";
import {
  type HostHistory,
  isFlapping,
  isStanding,
  REMEMBERED_LOOKS,
  timesFound,
  timesReturned,
} from "../../../src/core/history.ts";
import { foldHost } from "../../../src/history/fold.ts";
import { finding, hostFinished, night } from "./runs.ts";

/** Takes one host through these nights: for each, its findings' codes, or how it could not be looked at. */
function nights(...outcomes: readonly (readonly string[] | "unreachable" | "skipped" | "absent")[]) {
  let history: HostHistory | undefined;
  const events: HostFinished[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome === "absent") continue;
    const found = typeof outcome === "string" ? outcome : outcome.map((code) => finding(code));
    const folded = foldHost(history, hostFinished("web1", found), night(index));
    history = folded.history;
    events.push(folded.event);
  }
  const last = events.at(-1);
  if (!last) throw new Error("no night was looked at");
  return { history, events, last };
}

describe("a host from night to night", () => {
  it("has a new finding, which stands until it is gone, and is told once more then", () => {
    const { events } = nights([], ["a"], ["a"], ["a"], [], []);
    assert.deepEqual(
      events.map(({ drift, resolved }) => [drift?.[0]?.since, drift?.[0]?.looks, resolved?.[0]?.since]),
      [
        [undefined, undefined, undefined],
        [night(1), 1, undefined],
        [night(1), 2, undefined],
        [night(1), 3, undefined],
        [undefined, undefined, night(1)],
        [undefined, undefined, undefined],
      ],
    );
    assert.equal(events[4]?.resolved?.[0]?.message, "a of chrony");
  });

  it("keeps what it knew while nobody can look: neither resolved nor new afterwards", () => {
    for (const gap of ["unreachable", "skipped", "absent"] as const) {
      const { events, last } = nights(["a"], gap, gap, ["a"]);
      assert.deepEqual(events.map(({ resolved }) => resolved).filter(Boolean), []);
      assert.deepEqual([last.drift?.[0]?.since, last.drift?.[0]?.looks], [night(0), 2]);
    }
  });

  it("is unknown since it could not be looked at, and says so once more when it can be again", () => {
    const { events } = nights([], "unreachable", "unreachable", "skipped", [], []);
    assert.deepEqual(
      events.map(({ unknownSince }) => unknownSince),
      [undefined, night(1), night(1), undefined, night(1), undefined],
    );
  });

  it("keeps what it knew of an item whose server nobody could look at", () => {
    const before = foldHost(
      undefined,
      hostFinished("web1", [finding("silent", "log1:/var/log/x"), finding("silent", "log10:/var/log/x")]),
      night(0),
    );
    const between = foldHost(before.history, hostFinished("web1", [], { unjudged: ["log1"] }), night(1));
    assert.deepEqual(
      between.event.resolved?.map(({ item }) => item),
      ["log10:/var/log/x"],
    );
    const after = foldHost(
      between.history,
      hostFinished("web1", [finding("silent", "log1:/var/log/x")]),
      night(2),
    );
    assert.deepEqual([after.event.drift?.[0]?.since, after.event.drift?.[0]?.looks], [night(0), 2]);
  });

  it("tells what came back after it had gone", () => {
    const { last, history } = nights(["a"], [], ["a"], [], ["a"]);
    assert.deepEqual(
      [last.drift?.[0]?.since, last.drift?.[0]?.looks, last.drift?.[0]?.returned],
      [night(4), 1, 2],
    );
    assert.ok(history?.items[0] && isFlapping(history.items[0]));
  });

  it("holds one code about two items apart", () => {
    const first = foldHost(undefined, hostFinished("web1", [finding("a", "x")]), night(0));
    const { event } = foldHost(first.history, hostFinished("web1", [finding("a", "y")]), night(1));
    assert.deepEqual([event.drift?.[0]?.item, event.drift?.[0]?.looks], ["y", 1]);
    assert.deepEqual(
      event.resolved?.map(({ item }) => item),
      ["x"],
    );
  });

  it("takes what a run mended as gone already: the next one need not say it again", () => {
    const before = foldHost(undefined, hostFinished("web1", [finding("a")]), night(0));
    const resolved = [{ ...finding("a"), mended: true }];
    const fixed = foldHost(
      before.history,
      hostFinished("web1", [], { status: "changed", resolved }),
      night(1),
    );
    assert.deepEqual(fixed.event.resolved, [{ ...finding("a"), since: night(0), looks: 2, mended: true }]);
    const after = foldHost(fixed.history, hostFinished("web1", []), night(2));
    assert.equal(after.event.resolved, undefined);
    const again = foldHost(after.history, hostFinished("web1", [finding("a")]), night(3));
    assert.deepEqual([again.event.drift?.[0]?.since, again.event.drift?.[0]?.returned], [night(3), 1]);
  });

  it("forgets what was found in none of the remembered looks", () => {
    const clean = Array.from({ length: REMEMBERED_LOOKS }, () => []);
    assert.deepEqual(nights(["a"], ...clean).history?.items, []);
  });

  it("believes a recorded beginning where its first look is not there any more", () => {
    const recorded = { ...finding("a"), since: night(-50), looks: 51, detail: "seen" };
    const { event } = foldHost(undefined, hostFinished("web1", [recorded]), night(1));
    assert.deepEqual(event.drift, [recorded]);
  });

  it("changes nothing but what the history adds", () => {
    const given = hostFinished("web1", [{ ...finding("a"), detail: "-x\n+y" }], {
      warnings: [{ code: "w", message: "m" }],
      clock: { stratum: 3, offset: 0.1, leap: "normal" },
    });
    const { event } = foldHost(undefined, given, night(0));
    assert.deepEqual({ ...event, drift: given.drift }, given);
  });
});

const CODES = ["a", "b", "c"];
const anyNight = fc.oneof(
  fc.uniqueArray(fc.constantFrom(...CODES)),
  fc.constantFrom("unreachable" as const, "skipped" as const, "absent" as const),
);
const anyNights = fc
  .array(anyNight, { minLength: 1, maxLength: 70 })
  .filter((outcomes) => outcomes.some((outcome) => outcome !== "absent"));

describe("any nights", () => {
  it("say of each finding what counting by hand says", () => {
    fc.assert(
      fc.property(anyNights, (outcomes) => {
        const { history } = nights(...outcomes);
        const looks = outcomes.flatMap((outcome, index) =>
          typeof outcome === "string" ? [] : [{ index, codes: outcome as string[] }],
        );
        const remembered = looks.slice(-REMEMBERED_LOOKS);
        assert.equal(history?.looks ?? 0, remembered.length);
        for (const code of CODES) {
          const item = history?.items.find((one) => one.code === code);
          const found = remembered.filter(({ codes }) => codes.includes(code));
          assert.equal(item ? timesFound(item) : 0, found.length);
          if (!item) continue;
          assert.equal(isStanding(item), looks.at(-1)?.codes.includes(code) ?? false);
          const before = looks.slice(0, looks.findLastIndex(({ codes }) => codes.includes(code)) + 1);
          const spell = before.slice(before.findLastIndex(({ codes }) => !codes.includes(code)) + 1);
          assert.equal(item.looks, spell.length);
          assert.equal(item.since, night(spell[0]?.index ?? -1));
          assert.equal(item.last, night(spell.at(-1)?.index ?? -1));
          const spells = remembered.filter(
            ({ codes }, index) => codes.includes(code) && !remembered[index - 1]?.codes.includes(code),
          );
          assert.equal(timesReturned(item), spells.length - 1);
        }
      }),
    );
  });

  it("are new, stand and go in turn: each finding that is told as resolved was told as new before", () => {
    fc.assert(
      fc.property(anyNights, (outcomes) => {
        const standing = new Set<string>();
        for (const { drift, resolved } of nights(...outcomes).events) {
          for (const { code } of resolved ?? []) assert.ok(standing.delete(code), `${code} was not there`);
          for (const { code, looks } of drift ?? []) {
            assert.equal(looks === 1, !standing.has(code), code);
            standing.add(code);
          }
          if (drift) assert.deepEqual([...standing].sort(), drift.map(({ code }) => code).sort());
        }
      }),
    );
  });
});

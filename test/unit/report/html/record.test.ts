import assert from "node:assert/strict";
import { test } from "node:test";
import { calendarIn } from "../../../../src/report/html/calendar.ts";
import { addRun, emptyRecord } from "../../../../src/report/html/fleet-record.ts";
import { spellRows, spellsOf } from "../../../../src/report/html/spells.ts";
import { viewOf } from "../../../../src/report/html/view.ts";
import { fine, found, gone, recordOf, runAt, utc } from "./events.ts";

test("a night in which hosts cannot be reached is neither fine nor drift, and the counts add up", () => {
  const view = viewOf(
    recordOf({
      1: { a: fine, b: fine, c: fine, d: fine },
      2: { a: found("unit-inactive"), b: gone, c: fine },
    }),
    utc,
  );
  assert.deepEqual(view.counts, { drifted: 1, unknown: 1, absent: 1, fine: 1 });
});

test("a host that is skipped was not looked at", () => {
  const view = viewOf(recordOf({ 1: { a: fine }, 2: { a: { status: "skipped" } } }), utc);
  assert.equal(view.hosts[0]?.state, "absent");
});

test("of several runs of a day the last look at each host counts", () => {
  const record = emptyRecord();
  addRun(record, runAt("2026-03-01T02:30:00Z", { a: found("x"), b: found("x") }), utc);
  addRun(record, runAt("2026-03-01T09:00:00Z", { a: fine }), utc);
  const view = viewOf(record, utc);
  assert.equal(view.nights.length, 1);
  assert.deepEqual(
    view.hosts.map(({ state }) => state),
    ["fine", "drifted"],
  );
});

test("a night belongs to the day of the reader's time zone", () => {
  const record = emptyRecord();
  addRun(record, runAt("2026-03-01T16:30:00Z", { a: fine }), calendarIn("Asia/Tokyo"));
  assert.equal(record.nights[0]?.day, "2026-03-02");
});

test("days without a run are told", () => {
  assert.deepEqual(
    recordOf({ 1: { a: fine }, 2: { a: fine }, 6: { a: fine } }).nights.map(({ missed }) => missed),
    [0, 0, 3],
  );
});

test("new, standing and gone are told apart without a history, too", () => {
  const { problems } = viewOf(
    recordOf({ 1: { a: found("old", "gone") }, 2: { a: gone }, 3: { a: found("old", "new") } }),
    utc,
  );
  const standing = Object.fromEntries(
    problems.groups.map((group) => [group.code, [group.now.length, group.fresh]]),
  );
  assert.deepEqual(standing, { new: [1, 1], old: [1, 0], gone: [0, 0], "connect-timeout": [0, 0] });
});

test("what the history says of a finding's age counts", () => {
  const told = (looks: number) => ({ drift: [{ code: "x", item: "i", message: "m", looks }] });
  const { problems } = viewOf(recordOf({ 1: { a: told(1), b: told(7) } }), utc);
  assert.equal(problems.groups[0]?.fresh, 1);
});

test("the same on many hosts is one thing; other evidence is another wording of it", () => {
  const told = (detail: string) => ({ drift: [{ code: "x", item: "i", message: "m", detail }] });
  const { problems } = viewOf(recordOf({ 1: { a: told("1"), b: told("1"), c: told("2") } }), utc);
  assert.deepEqual(
    problems.groups.map(({ variants }) => variants.map(({ hosts }) => hosts.length)),
    [[2, 1]],
  );
});

test("errors that differ in their own hosts only are one, said without them", () => {
  const error = (host: string) => ({
    error: { code: "timeout", message: `${host} does not answer (tried 3 times)` },
  });
  const { problems } = viewOf(recordOf({ 1: { a: error("a"), b: error("b") } }), utc);
  assert.deepEqual(
    problems.groups.map(({ variants }) => variants.map(({ message }) => message)),
    [["the host does not answer"]],
  );
});

test("an error that comes with findings, and a failed proof, are told", () => {
  const { problems, counts } = viewOf(
    recordOf({
      1: {
        a: {
          drift: [],
          checks: [{ name: "syslog.arrived", result: "failed", detail: "nothing came", ms: 1 }],
        },
        b: { ...found("x"), error: { code: "not-fixed", message: "no" } },
      },
    }),
    utc,
  );
  assert.deepEqual(problems.groups.map(({ kind }) => kind).sort(), ["error", "finding", "proof"]);
  assert.equal(counts.drifted, 2);
});

test("spells: nights in a row on which the same was true", () => {
  const record = recordOf({
    1: { a: fine },
    2: { a: found("x") },
    3: { a: found("x") },
    4: { a: found("x", "y") },
    5: { b: fine },
    6: { a: gone },
  });
  const host = record.hosts.get("a");
  assert.ok(host);
  assert.deepEqual(
    spellsOf(record, host).map(({ first, nights, state, items }) => [first, nights, state, items.length]),
    [
      [0, 1, "fine", 0],
      [1, 2, "drifted", 1],
      [3, 1, "drifted", 2],
      [4, 1, "absent", 0],
      [5, 1, "unknown", 1],
    ],
  );
});

test("hosts with one history share a row; those that never drifted have none; what drifted last comes first", () => {
  const record = recordOf({
    1: { a: found("x"), b: fine, c: found("x"), d: fine, e: gone },
    2: { a: fine, b: found("x"), c: fine, d: fine, e: gone },
  });
  const hosts = [..."abcde"].flatMap((name) => record.hosts.get(name) ?? []);
  assert.deepEqual(
    spellRows(record, hosts).map((row) => row.hosts),
    [[1], [0, 2]],
  );
});

test("resolved is what had gone at the last look, of the newest night only", () => {
  const resolved = [{ code: "x", item: "i", message: "m" }];
  const record = recordOf({ 1: { a: { drift: [], resolved }, b: { drift: [], resolved } } });
  addRun(record, runAt("2026-03-01T09:00:00Z", { a: fine }), utc);
  const gone = () => [...record.hosts.values()].map((host) => host.resolved.length);
  assert.deepEqual(gone(), [0, 1]);
  addRun(record, runAt("2026-03-02T02:30:00Z", { a: fine }), utc);
  assert.deepEqual(gone(), [0, 0]);
});

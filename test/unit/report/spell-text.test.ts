import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostFinished } from "../../../src/core/events.ts";
import { hostText } from "../../../src/report/host-text.ts";
import { createPaint } from "../../../src/report/paint.ts";
import { age } from "../../../src/report/spell-text.ts";

const plain = createPaint(false);
const now = "2026-11-23T02:31:00.000Z";

function textOf(more: Partial<HostFinished>): string[] {
  const event: HostFinished = {
    event: "host-finished",
    host: "web1",
    status: "drifted",
    changes: [],
    checks: [],
    drift: [],
    warnings: [],
    time: now,
    run: "r",
    ...more,
  };
  return hostText(["web1"], event, plain).split("\n");
}

describe("a finding, told against the runs before", () => {
  const finding = { code: "unit-stale", item: "chrony", message: "chrony is stale" };
  for (const [history, expected] of [
    [{}, "! chrony is stale (unit-stale)"],
    [{ since: "2026-11-23T02:30:00.000Z", looks: 1 }, "! chrony is stale (unit-stale)  new"],
    [{ since: "2026-11-20T02:30:00.000Z", looks: 4 }, "! chrony is stale (unit-stale)  since 3 nights"],
    [
      { since: "2026-11-23T02:30:00.000Z", looks: 1, returned: 1 },
      "! chrony is stale (unit-stale)  back again",
    ],
    [
      { since: "2026-11-22T02:30:00.000Z", looks: 2, returned: 3 },
      "! chrony is stale (unit-stale)  since 1 night, flapping: it came back 3 times",
    ],
  ] as const) {
    it(`reads ${expected}`, () => {
      assert.deepEqual(textOf({ drift: [{ ...finding, ...history }] }), ["web1  drifted", `  ${expected}`]);
    });
  }

  it("says what has gone, and what the run mended itself", () => {
    const resolved = [
      { ...finding, since: "2026-11-18T02:30:00.000Z", looks: 5 },
      { code: "unit-disabled", item: "chrony", message: "chrony is disabled", mended: true },
    ];
    assert.deepEqual(textOf({ status: "changed", resolved }), [
      "web1  changed",
      "  ✔ resolved: chrony is stale (unit-stale)  after 5 nights",
      "  ✔ mended: chrony is disabled (unit-disabled)",
    ]);
  });

  it("cannot drive the terminal by what has gone", () => {
    const resolved = [{ code: "c\u001b[2J", item: "i", message: "m\u001b[2J\nx  new", since: "\u001b[2J" }];
    const text = textOf({ resolved }).join("\n");
    assert.ok(!text.includes("\u001b"), text);
    assert.match(text, /\n {4}x {2}new/);
  });
});

describe("a host that nobody could look at", () => {
  it("says since when, unless it is only now", () => {
    const unreachable = { status: "unreachable", drift: undefined } as const;
    assert.deepEqual(textOf({ ...unreachable, unknownSince: "2026-11-21T02:30:00.000Z" }), [
      "web1  unreachable  since 2 nights",
    ]);
    assert.deepEqual(textOf({ ...unreachable, unknownSince: "2026-11-23T02:30:00.000Z" }), [
      "web1  unreachable",
    ]);
  });

  it("says that it is there again", () => {
    assert.deepEqual(textOf({ status: "unchanged", unknownSince: "2026-11-21T02:30:00.000Z" }), [
      "web1  unchanged  looked at again after 2 nights",
    ]);
  });
});

it("a time between two moments is told in the unit that people would use", () => {
  for (const [since, expected] of [
    ["2026-11-23T02:31:30.000Z", "1 minute"],
    ["2026-11-23T02:20:00.000Z", "11 minutes"],
    ["2026-11-23T01:31:00.000Z", "1 hour"],
    ["2026-11-22T09:31:00.000Z", "17 hours"],
    ["2026-11-22T08:31:00.000Z", "1 night"],
    ["2026-10-23T02:40:00.000Z", "31 nights"],
  ] as const) {
    assert.equal(age(since, now), expected);
  }
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HostFinished, noHosts, type Summary } from "../../../src/core/events.ts";
import { sameStory } from "../../../src/report/grouping.ts";
import { hostText } from "../../../src/report/host-text.ts";
import { createPaint } from "../../../src/report/paint.ts";
import { age } from "../../../src/report/spell-text.ts";
import { summaryText } from "../../../src/report/summary-text.ts";

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

  it("shows a diff once: with the finding, and not again with the change that mends it", () => {
    const diff = (path: string) => `--- ${path}\n+++ ${path}\n@@ -1,1 +1,1 @@\n-server a\n`;
    const change = (target: string) => ({
      kind: "file" as const,
      target,
      diff: diff(target),
      reason: "it differs",
    });
    const text = textOf({
      changes: [change("/etc/a.conf"), change("/etc/b.conf")],
      drift: [{ ...finding, detail: `/etc/a.conf:1\n${diff("/etc/a.conf")}` }],
    });
    assert.deepEqual(
      text.filter((line) => /server a|edit/.test(line)).map((line) => line.trim()),
      ["-server a", "~ edit /etc/a.conf  it differs", "~ edit /etc/b.conf  it differs", "-server a"],
    );
  });

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

describe("hosts of one night", () => {
  const at = (host: string, since: string, more: Partial<HostFinished> = {}): HostFinished => ({
    event: "host-finished",
    host,
    status: "drifted",
    changes: [],
    checks: [],
    drift: [{ code: "unit-stale", item: "chrony", message: "chrony is stale", since, looks: 3 }],
    warnings: [],
    time: now,
    run: "r",
    ...more,
  });

  it("are one group when they read the same, and two when one of them has it longer or has lost something", () => {
    const first = at("web1", "2026-11-20T02:30:00.000Z");
    const later = { ...at("web2", "2026-11-20T02:30:00.000Z"), time: "2026-11-23T02:34:00.000Z" };
    assert.equal(sameStory(first), sameStory(later));
    assert.notEqual(sameStory(first), sameStory(at("web2", "2026-11-19T02:30:00.000Z")));
    const resolved = [{ code: "unit-disabled", item: "chrony", message: "chrony is disabled" }];
    assert.notEqual(sameStory(first), sameStory(at("web2", "2026-11-20T02:30:00.000Z", { resolved })));
  });

  it("are summed up by what is new, stands and has gone", () => {
    const summary: Summary = {
      event: "summary",
      time: now,
      run: "r",
      exitCode: 2,
      durationMs: 900,
      hosts: { ...noHosts(), drifted: 2, unreachable: 1 },
      checks: { passed: 0, failed: 0, unproven: 0 },
      drift: { new: 1, standing: 0, resolved: 2, unknownHosts: 1 },
    };
    const text = summaryText(summary, [], plain, "drift");
    assert.match(text, /^findings: 1 new · 2 resolved · unknown on 1 host$/m);
    const none = { ...summary, drift: { new: 0, standing: 0, resolved: 0, unknownHosts: 0 } };
    assert.doesNotMatch(summaryText(none, [], plain, "drift"), /findings/);
  });
});

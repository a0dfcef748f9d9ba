import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HostFinished, noHosts, type Summary } from "../../../src/core/events.ts";
import { errorsText, errorText } from "../../../src/report/error-text.ts";
import { hostGroups, sameStory } from "../../../src/report/grouping.ts";
import { hostText } from "../../../src/report/host-text.ts";
import { createPaint, wantsColour } from "../../../src/report/paint.ts";
import { heightOf } from "../../../src/report/screen.ts";
import { isProblem } from "../../../src/report/summary-selection.ts";
import { duration, problemGroups, summaryText } from "../../../src/report/summary-text.ts";

const plain = createPaint(false);
const stamp = { time: "2026-01-01T00:00:00.000Z", run: "r" };

function finished(host: string, more: Partial<HostFinished> = {}): HostFinished {
  return {
    event: "host-finished",
    host,
    status: "unchanged",
    changes: [],
    checks: [],
    warnings: [],
    ...stamp,
    ...more,
  };
}

function summary(more: Partial<Summary> = {}): Summary {
  return {
    event: "summary",
    exitCode: 0,
    durationMs: 1200,
    hosts: { ...noHosts(), ...more.hosts },
    checks: { passed: 0, failed: 0, unproven: 0 },
    ...stamp,
  };
}

function groupHosts(events: readonly HostFinished[]) {
  const groups = hostGroups(sameStory, ({ host }) => host);
  for (const event of events) groups.add(event);
  return groups.list();
}

function problemsOf(events: readonly HostFinished[]) {
  const groups = problemGroups();
  for (const event of events) groups.add(event);
  return groups.list();
}

describe("a host, as a person reads it", () => {
  it("cannot drive the terminal by a path or a message", () => {
    const text = hostText(
      ["web1"],
      finished("web1", {
        status: "drifted",
        changes: [{ kind: "restart", target: "a\u001b]0;x", reason: "b\u001b[2J" }],
        drift: [{ code: "unit-stale", item: "chrony", message: "c\u001b[2J", detail: "d\u001b[2J" }],
        checks: [{ name: "ntp.selected", result: "failed", detail: "e\u001b[2J", hint: "f\u001b[2J", ms: 0 }],
        warnings: [{ code: "w", message: "g\u001b[2J", hint: "h\u001b[2J" }],
      }),
      plain,
    );
    assert.ok(!text.includes("\u001b"), JSON.stringify(text));
  });

  it("tells an interrupted change that is put back from a new file", () => {
    const changes = [
      { kind: "file" as const, target: "/var/lib/lfce/transactions/1", diff: "", reason: "first" },
    ];
    assert.match(hostText(["web1"], finished("web1", { changes }), plain), /~ put back \/var\/lib/);
  });
});

describe("an error, as a person reads it", () => {
  it("shows the place, the line with a caret under the word, and what to do", () => {
    const text = errorText(
      {
        code: "x",
        message: "unknown key alow",
        hint: "did you mean allow?",
        at: { file: "a.yml", line: 12, column: 3, source: "  alow: all", length: 4 },
      },
      plain,
    );
    assert.equal(
      text,
      [
        "error at a.yml:12:3: unknown key alow",
        "  12 │   alow: all",
        "     │   ^^^^",
        "  → did you mean allow?",
      ].join("\n"),
    );
  });

  it("names host and phase of an error at run time", () => {
    const text = errorText({ code: "x", message: "no", at: { host: "web1", phase: "apply" } }, plain);
    assert.equal(text, "error on web1 (apply): no");
  });

  it("is one of thousands: the first ones, and how many more there are", () => {
    const errors = Array.from({ length: 2000 }, (_, index) => ({ code: "x", message: `no ${index}` }));
    const lines = errorsText(errors, plain).split("\n");
    assert.equal(lines[0], "error: no 0");
    assert.deepEqual(lines.slice(-2), ["error: no 19", "… and 1980 more errors"]);
  });

  it("lets no host drive the terminal", () => {
    const text = errorText({ code: "x", message: "evil \u001b[2J" }, plain);
    assert.equal(text, "error: evil \\x1b[2J");
  });
});

describe("a host, as a person reads it", () => {
  it("says create, edit, remove, install and restart", () => {
    const text = hostText(
      ["web1"],
      finished("web1", {
        status: "changed",
        changes: [
          { kind: "package", target: "chrony", reason: "not there" },
          { kind: "file", target: "/new", diff: "--- /dev/null\n+++ /new\n@@ -0,0 +1 @@\n+x\n", reason: "r" },
          { kind: "file", target: "/old", diff: "--- /old\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n", reason: "r" },
          {
            kind: "file",
            target: "/edited",
            diff: "--- /edited\n+++ /edited\n@@ -1 +1 @@\n-x\n+y\n",
            reason: "r",
          },
          { kind: "restart", target: "rsyslog", reason: "r" },
        ],
      }),
      plain,
    );
    const heads = text.split("\n").filter((line) => line.startsWith("  ~"));
    assert.deepEqual(
      heads.map((line) => line.split(/ +/).slice(2, 4).join(" ")),
      ["install chrony", "create /new", "remove /old", "edit /edited", "restart rsyslog"],
    );
  });
});

describe("a host whose proof failed", () => {
  const check = {
    name: "ntp.selected",
    result: "failed",
    detail: "no source",
    hint: "add one",
    ms: 1,
  } as const;
  const error = (message: string) => ({ code: "proof-failed", message, hint: "add one" });
  const text = (message: string) =>
    hostText(["web1"], finished("web1", { status: "failed", checks: [check], error: error(message) }), plain);
  const failed = "web1  failed\n  ✖ ntp.selected  no source\n    → add one";

  it("is told so once", () => {
    assert.equal(text("ntp.selected: no source"), failed);
  });

  it("is told what became of the change", () => {
    const message = "ntp.selected: no source; everything was put back";
    assert.equal(text(message), `${failed}\n  error: everything was put back`);
  });
});

describe("a host that was skipped", () => {
  it("says why, and calls it no error", () => {
    const error = { code: "x", message: "its servers failed", hint: "mend them" };
    const text = hostText(["web1"], finished("web1", { status: "skipped", error }), plain);
    assert.equal(text, "web1  skipped\n  its servers failed\n    → mend them");
  });

  it("is no problem when the answer was no", () => {
    const skipped = (code: string) => finished("web1", { status: "skipped", error: { code, message: "" } });
    assert.ok(isProblem(skipped("servers-failed")));
    assert.ok(!isProblem(skipped("declined")));
  });
});

describe("hosts of a fleet", () => {
  it("are put together when the same happened to them, failures first", () => {
    const error = (host: string) => ({
      code: "x",
      message: `${host} refuses`,
      at: { host, phase: "connect" as const },
    });
    const groups = groupHosts([
      finished("ok1"),
      finished("bad1", { status: "failed", error: error("bad1") }),
      finished("ok2"),
      finished("bad2", { status: "failed", error: error("bad2") }),
    ]);
    assert.deepEqual(
      groups.map(({ hosts }) => hosts),
      [
        ["bad1", "bad2"],
        ["ok1", "ok2"],
      ],
    );
  });

  it("are put together although names, addresses and keys in what they say differ", () => {
    const unreachable = (host: string, message: string, hint: string) =>
      finished(host, { status: "unreachable", error: { code: "x", message, hint } });
    const groups = groupHosts([
      unreachable("web1", "web1 (10.0.0.1:22) refuses", "ssh 10.0.0.1"),
      unreachable("web2", "web2 (10.0.1.12:22) refuses", "ssh 10.0.1.12"),
      unreachable("web3", "web3 ([2001:db8::3]:22) refuses", "ssh 2001:db8::3"),
      unreachable("w1", "the key of w1 is SHA256:aB+/1", "trust it"),
      unreachable("w2", "the key of w2 is SHA256:zZ9", "trust it"),
      unreachable("w3", "w3 (10.0.0.9:2222) refuses", "ssh 10.0.0.9"),
    ]);
    assert.deepEqual(
      groups.map(({ hosts }) => hosts.join(" ")),
      ["w1 w2", "web1 web2", "w3", "web3"],
    );
  });

  it("are named one by one only as long as a person reads them", () => {
    const hosts = Array.from({ length: 2000 }, (_, index) => `host${index}`);
    const [first = ""] = hostText(hosts, finished("host0"), plain).split("\n");
    assert.match(first, /^host0, .*, host19 and 1980 more {2}unchanged$/);
  });

  it("stand in the order of their names, in which the first speaks for all", () => {
    const error = (host: string) => ({ code: "x", message: `${host} refuses` });
    const [group] = groupHosts(
      ["web10", "web9", "db1"].map((host) => finished(host, { status: "failed", error: error(host) })),
    );
    assert.deepEqual(group?.hosts, ["db1", "web9", "web10"]);
    assert.equal(group?.kept, "db1");
  });

  it("stay apart when their changes differ", () => {
    const change = (target: string) => [{ kind: "restart" as const, target, reason: "r" }];
    const groups = groupHosts([
      finished("a", { status: "changed", changes: change("chrony") }),
      finished("b", { status: "changed", changes: change("chronyd") }),
    ]);
    assert.equal(groups.length, 2);
  });
});

describe("the summary", () => {
  it("fits a screen at 2,000 hosts with 300 failures of three kinds", () => {
    const problems = Array.from({ length: 300 }, (_, index) =>
      finished(`host${index}`, {
        status: "failed",
        error: { code: "x", message: `kind ${index % 3}`, hint: `do ${index % 3}` },
      }),
    );
    const counts = { ...summary().hosts, failed: 300, unchanged: 1700 };
    const text = summaryText(summary({ hosts: counts }), problemsOf(problems), plain, "apply");
    assert.ok(text.split("\n").length <= 24, text);
    assert.match(
      text,
      /^failed {2}host0, host3, host6, host9, host12, host15 and 94 more\n {2}kind 0\n {2}→ do 0$/m,
    );
    assert.match(text, /300 failed · 1700 unchanged/);
  });

  it("fits the screen however long its lines and however many its kinds", () => {
    const problems = Array.from({ length: 2000 }, (_, index) =>
      finished(`some-host-${index}.with.a.long.name.example.org`, {
        status: "failed",
        error: { code: `kind-${index % 40}`, message: "why ".repeat(60), hint: "do ".repeat(60) },
      }),
    );
    for (const [columns, rows] of [[80, 24] as const, [200, 60] as const, [40, 20] as const]) {
      const text = summaryText(summary(), problemsOf(problems), plain, "apply", { columns, rows });
      assert.ok(heightOf(text, columns) < Math.max(rows, 24), `${columns}x${rows}:\n${text}`);
      assert.match(text, /^… and \d+ more kinds of trouble above\nno hosts/m);
    }
  });

  it("says what to type for those that failed, where there is a choice and a record", () => {
    const last = (more: object, command: "apply" | "plan" = "apply") => {
      const counts = { ...summary().hosts, ...more };
      return summaryText(summary({ hosts: counts }), [], plain, command)
        .split("\n")
        .at(-1);
    };
    assert.equal(
      last({ unreachable: 1, changed: 3 }),
      "→ only those that failed: the same command with --limit @failed",
    );
    for (const none of [last({ changed: 3 }), last({ failed: 1 }), last({ failed: 1, pending: 3 }, "plan")]) {
      assert.doesNotMatch(none ?? "", /@failed/);
    }
  });

  it("shows a part of a diff once, though several findings are about it", () => {
    const diff = "--- /etc/a\n+++ /etc/a\n@@ -1 +1 @@\n-x\n+y";
    const findings = ["/etc/a:1: x", "seen twice", ""].map((place, index) => {
      const detail = place === "" ? diff : `${place}\n${diff}`;
      return { code: "source-differs", item: `${index}`, message: `number ${index}`, detail };
    });
    const text = hostText(["web1"], finished("web1", { status: "drifted", drift: findings }), plain);
    assert.equal(text.match(/^ +@@/gm)?.length, 1);
    for (const said of ["/etc/a:1: x", "seen twice", "number 2"]) assert.ok(text.includes(said), said);
  });

  it("says what drifted, and how much would be changed", () => {
    const drifted = finished("web1", {
      status: "drifted",
      changes: [
        { kind: "file", target: "/a", reason: "r" },
        { kind: "unit", target: "chrony", reason: "r" },
      ],
      drift: [{ code: "unit-inactive", item: "chrony", message: "chrony is not running" }],
    });
    const lines = (event: HostFinished) =>
      summaryText(summary(), problemsOf([event]), plain, "drift").split("\n");
    assert.equal(lines(drifted)[1], "  chrony is not running; 2 changes pending");
    assert.equal(lines({ ...drifted, drift: [] })[1], "  2 changes pending");
  });

  it("counts rows as a terminal does", () => {
    assert.equal(heightOf("", 80), 1);
    assert.equal(heightOf(`${"x".repeat(81)}\ny`, 80), 3);
    assert.equal(heightOf(`\u001b[31m${"x".repeat(80)}\u001b[39m`, 80), 1);
  });

  it("calls the checks of a plan proofs to come", () => {
    const event = { ...summary(), checks: { passed: 0, failed: 0, unproven: 6 } };
    assert.match(summaryText(event, [], plain, "plan"), /proofs to come: 6/);
  });

  it("says times as people do", () => {
    assert.deepEqual([840, 12_300, 245_000].map(duration), ["840 ms", "12.3 s", "4 min 05 s"]);
  });
});

describe("colour", () => {
  it("switches off by option, by NO_COLOR and without a terminal", () => {
    const terminal = { isTerminal: true, noColour: false, environment: {} };
    assert.equal(wantsColour(terminal), true);
    assert.equal(wantsColour({ ...terminal, noColour: true }), false);
    assert.equal(wantsColour({ ...terminal, environment: { NO_COLOR: "1" } }), false);
    assert.equal(wantsColour({ ...terminal, isTerminal: false }), false);
    assert.equal(wantsColour({ ...terminal, environment: { TERM: "dumb" } }), false);
  });
});

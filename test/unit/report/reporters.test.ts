import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type HostFinished, type LfceEvent, noHosts } from "../../../src/core/events.ts";
import { createPaint } from "../../../src/report/paint.ts";
import { plainReporter } from "../../../src/report/plain.ts";
import type { Reporter } from "../../../src/report/reporter.ts";
import { ttyReporter } from "../../../src/report/tty.ts";
import { inMemory } from "./in-memory-spool.ts";

const stamp = { time: "2026-01-01T00:00:00.000Z", run: "r" };
const paint = createPaint(false);
const root = join(import.meta.dirname, "../../..");

/** The events of a run over so many hosts, the first of which fails and the others each have a change. */
function run(hosts: number): LfceEvent[] {
  const finished = Array.from({ length: hosts }, (_, index): HostFinished => {
    const host = `host${index}`;
    const base = { event: "host-finished" as const, host, checks: [], warnings: [], ...stamp };
    if (index === 0) {
      const error = { code: "x", message: "something is wrong", hint: "mend it" };
      return { ...base, status: "failed", changes: [], error };
    }
    return { ...base, status: "changed", changes: [{ kind: "restart", target: host, reason: "r" }] };
  });
  const counts = { ...noHosts(), failed: 1, changed: hosts - 1 };
  const checks = { passed: 0, failed: 0, unproven: 0 };
  return [
    { event: "run-started", version: "1", command: "apply", playbook: "site.yml", hosts, ...stamp },
    ...finished,
    { event: "summary", exitCode: 3, durationMs: 1, hosts: counts, checks, ...stamp },
  ];
}

/** Somewhere to write, and what was written. */
function paper(size: { columns?: number; rows?: number } = {}) {
  const written: string[] = [];
  return {
    output: { ...size, write: (text: string) => void written.push(text) },
    text: () => written.join(""),
  };
}

async function draw(reporter: Reporter, hosts: number): Promise<void> {
  for (const event of run(hosts)) reporter.handle(event);
  await reporter.finish();
}

async function plain(hosts: number): Promise<string> {
  const { output, text } = paper();
  await draw(plainReporter(output, paint), hosts);
  return text();
}

async function tty(hosts: number, rows: number): Promise<string> {
  const { output, text } = paper({ columns: 80, rows });
  await draw(ttyReporter(output, paint, { now: () => 0, verbose: false, spool: inMemory() }), hosts);
  return text();
}

/** What the plain reporter writes of a fleet in which every host is as declared, but for those named. */
function fleet(hosts: number, others: Record<number, Partial<HostFinished>>, verbose = false): string {
  const { output, text } = paper();
  const reporter = plainReporter(output, paint, { verbose });
  const names = Array.from({ length: hosts }, (_, index) => `host${index}`);
  const start = { event: "run-started", version: "1", command: "drift", playbook: "site.yml" } as const;
  reporter.handle({ ...start, hosts, ...stamp });
  reporter.handle({ event: "wave-started", wave: 1, of: 1, hosts: names, ...stamp });
  for (const [index, host] of names.entries()) {
    const ended = { changes: [], checks: [], warnings: [], ...stamp, ...others[index] };
    reporter.handle({ status: "unchanged", ...ended, event: "host-finished", host });
  }
  return text();
}

describe("lines about a fleet", () => {
  it("name every host as long as a person reads them", () => {
    assert.equal(fleet(100, {}).split("unchanged").length - 1, 100);
  });

  it("name those with something to say where there are many, and how far it has come", () => {
    const error = { code: "x", message: "no" };
    const lines = fleet(1000, {
      7: { status: "unreachable", error },
      8: { status: "skipped", error },
      9: { warnings: [error] },
    }).split("\n");
    assert.deepEqual(
      lines.filter((line) => /^host/.test(line)),
      ["host7  unreachable", "host9  unchanged"],
    );
    assert.deepEqual(
      lines.filter((line) => line.startsWith("…")),
      Array.from({ length: 10 }, (_, step) => `… ${(step + 1) * 100} of 1000 hosts`),
    );
  });

  it("name every host with -v", () => {
    assert.equal(fleet(101, {}, true).split("unchanged").length - 1, 101);
  });
});

const times = (text: string) => text.split("something is wrong").length - 1;

describe("the end of a run", () => {
  it("repeats what failed, except that of a single host, which stands right above", async () => {
    assert.equal(times(await plain(1)), 1);
    const text = await plain(3);
    assert.equal(times(text), 2);
    assert.ok(
      text.endsWith(
        "failed  host0\n  something is wrong\n  → mend it\n1 failed · 2 changed  1 ms\n" +
          "→ only those that failed: the same command with --limit @failed\n",
      ),
      text,
    );
  });

  it("repeats on a terminal what has scrolled away, and only that", async () => {
    assert.equal(times(await tty(3, 24)), 1);
    assert.equal(times(await tty(12, 24)), 2);
    assert.equal(times(await tty(12, 80)), 1);
  });
});

/** Draws a wave that is in progress, and counts who would hear Ctrl-C. */
const countListeners = `
  import { createPaint } from "./src/report/paint.ts";
  import { ttyReporter } from "./src/report/tty.ts";
  const reporter = ttyReporter({ write() {} }, createPaint(false), { now: () => 0, verbose: false, spool: {} });
  reporter.handle({ event: "run-started", command: "apply", playbook: "site.yml" });
  reporter.handle({ event: "wave-started", wave: 1, of: 1, hosts: ["host0"] });
  setImmediate(() => {
    process.stderr.write("listeners: " + process.listenerCount("SIGINT"));
    process.exit();
  });
`;

describe("live progress", () => {
  it("leaves Ctrl-C to the run, which has hosts to put back", () => {
    // In a process of its own: node's test runner trips over what listr2 writes to the standard output.
    const node = ["--import", "tsx", "--input-type=module", "--eval", countListeners];
    const { stderr } = spawnSync(process.execPath, node, { cwd: root, encoding: "utf8" });
    assert.equal(stderr, "listeners: 0");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HostFinished, type LfceEvent, noHosts } from "../../../src/core/events.ts";
import { createPaint } from "../../../src/report/paint.ts";
import { plainReporter } from "../../../src/report/plain.ts";
import type { Reporter } from "../../../src/report/reporter.ts";
import { ttyReporter } from "../../../src/report/tty.ts";

const stamp = { time: "2026-01-01T00:00:00.000Z", run: "r" };
const paint = createPaint(false);

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
  await draw(ttyReporter(output, paint, { now: () => 0, verbose: false }), hosts);
  return text();
}

const times = (text: string) => text.split("something is wrong").length - 1;

describe("the end of a run", () => {
  it("repeats what failed, except that of a single host, which stands right above", async () => {
    assert.equal(times(await plain(1)), 1);
    const text = await plain(3);
    assert.equal(times(text), 2);
    assert.ok(
      text.endsWith("failed  host0\n  something is wrong\n  → mend it\n1 failed · 2 changed  1 ms\n"),
      text,
    );
  });

  it("repeats on a terminal what has scrolled away, and only that", async () => {
    assert.equal(times(await tty(3, 24)), 1);
    assert.equal(times(await tty(12, 24)), 2);
    assert.equal(times(await tty(12, 80)), 1);
  });
});

describe("live progress", () => {
  it("leaves Ctrl-C to the run, which has hosts to put back", async () => {
    const before = process.listenerCount("SIGINT");
    const { output } = paper();
    const reporter = ttyReporter(output, paint, { now: () => 0, verbose: false });
    const [started, finished, ...rest] = run(1);
    assert.ok(started && finished);
    reporter.handle(started);
    reporter.handle({ event: "wave-started", wave: 1, of: 1, hosts: ["host0"], ...stamp });
    await new Promise((resolve) => setImmediate(resolve));
    const during = process.listenerCount("SIGINT");
    for (const event of [finished, ...rest]) reporter.handle(event);
    await reporter.finish();
    assert.equal(during, before);
  });
});

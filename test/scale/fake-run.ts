/**
 * One run over a fake fleet as a process of its own, so that its memory is nobody else's:
 * `fake-run.ts HOSTS plan|drift|verify|apply|load json|plain|tty`. Prints what it took as JSON on stderr; a host that
 * is not as declared, or not proven, is told there as well. Every host is remembered from a run before, which was another
 * process (`fake-run.ts HOSTS remember DIRECTORY`), and learnt anew, as after a reboot of all of them.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fitEngine } from "../../src/cli/engine.ts";
import { hostMemories } from "../../src/cli/host-memory.ts";
import { fileSpool } from "../../src/cli/spool.ts";
import type { Command, LfceEvent } from "../../src/core/events.ts";
import { wavesOf } from "../../src/plan/waves.ts";
import { jsonReporter } from "../../src/report/json.ts";
import { createPaint } from "../../src/report/paint.ts";
import { plainReporter } from "../../src/report/plain.ts";
import type { Output, Reporter } from "../../src/report/reporter.ts";
import { ttyReporter } from "../../src/report/tty.ts";
import { runFleet } from "../../src/run/run-fleet.ts";
import { declare, fakeFleet, inventoryText } from "./fake-fleet.ts";
import { lookAtRemembered, rememberAll } from "./fake-memory.ts";

fitEngine();
const [hosts = "100", command = "plan", format = "json"] = process.argv.slice(2);
const text = inventoryText(Number(hosts));
const TODAY = "2026-11-24";
if (command === "remember") {
  rememberAll(hostMemories(format, TODAY), declare(text).hosts.keys());
  process.exit(0);
}
const state = mkdtempSync(join(tmpdir(), "lfce-fake-run-"));
process.on("exit", () => rmSync(state, { recursive: true, force: true }));
const program = [...process.execArgv, process.argv[1] ?? "", hosts, "remember", state];
if (spawnSync(process.execPath, program, { stdio: "inherit" }).status !== 0) process.exit(1);
const output: Output = { write: (piece) => void writeSync(1, piece), columns: 80, rows: 24 };

const before = process.cpuUsage();
const started = performance.now();
const fleet = declare(text);
if (command === "load") wavesOf([...fleet.hosts.keys()], fleet.references);
else await run(command as Command);
const { user, system } = process.cpuUsage(before);
writeSync(
  2,
  `${JSON.stringify({
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
  })}\n`,
);
// listr2 may still hold the terminal's input.
process.exit(0);

async function run(name: Command): Promise<void> {
  const memories = hostMemories(state, TODAY);
  const fake = fakeFleet(fleet);
  const reporter = reporterFor(format);
  const stamp = { run: "fake", time: new Date().toISOString() };
  const emit = (event: object) => reporter.handle({ ...event, ...stamp } as LfceEvent);
  const start = { event: "run-started", version: "0", command: name, playbook: "site.yml" };
  emit({ ...start, hosts: fleet.hosts.size });
  const { interrupted, ...totals } = await runFleet(
    {
      command: name,
      fleet,
      hosts: [...fleet.hosts.keys()],
      forks: 64,
      verify: true,
      keepFailed: false,
      playbookFile: "site.yml",
    },
    {
      ...fake,
      emit,
      connect: (settings, until) => {
        lookAtRemembered(memories.of(settings.host));
        return fake.connect(settings, until);
      },
    },
  );
  memories.save();
  emit({ event: "summary", exitCode: 0, durationMs: 1, ...totals });
  await reporter.finish();
  const isProven = totals.checks.failed === 0 && (name !== "apply" || totals.checks.unproven === 0);
  if (interrupted || totals.hosts.unchanged !== fleet.hosts.size || !isProven) {
    writeSync(2, `not every host is unchanged and proven: ${JSON.stringify(totals)}\n`);
  }
}

function reporterFor(name: string): Reporter {
  const paint = createPaint(false);
  if (name === "plain") return plainReporter(output, paint);
  if (name === "json") return jsonReporter(output);
  return ttyReporter(output, paint, { now: () => performance.now(), verbose: false, spool: fileSpool() });
}

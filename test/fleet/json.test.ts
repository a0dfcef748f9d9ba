import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LfceEvent } from "../../src/core/events.ts";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { inventoryOf, type LfceResult, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";

const STAMP = ["event", "time", "run"];
/** The fields that docs/events.md names; a question mark: only where there is something to say. */
const FIELDS: Record<LfceEvent["event"], readonly string[]> = {
  "run-started": ["version", "command", "playbook", "hosts"],
  "wave-started": ["wave", "of", "hosts"],
  "host-started": ["host"],
  "host-finished": [
    ...["host", "status", "changes", "checks", "warnings", "error?"],
    ...["drift?", "resolved?", "unjudged?", "unknownSince?", "links?", "clock?"],
  ],
  summary: ["exitCode", "durationMs", "hosts", "checks", "drift?", "warnings?", "error?"],
};
const CHANGE = ["kind", "target", "diff?", "reason"];
/** `hint` and `code` are additions (docs/decisions.md, "Checks carry a hint and a code"). */
const CHECK = ["name", "result", "detail", "ms", "hint?", "code?"];
const FINDING = ["code", "item", "message", "detail?", "since?", "looks?", "returned?"];
const RESOLVED = ["code", "item", "message", "since?", "looks?", "returned?", "mended?"];
const ERROR = ["code", "message", "hint?", "at?"];

function assertFields(value: object, fields: readonly string[], what: string): void {
  const names = Object.keys(value);
  const known = fields.map((field) => field.replace("?", ""));
  for (const name of names) assert.ok(known.includes(name), `${what} has the field ${name}`);
  for (const field of fields)
    if (!field.endsWith("?")) assert.ok(names.includes(field), `${what} lacks the field ${field}`);
}

/** stdout is NDJSON and nothing else, every event has its fields, and the summary comes last. */
function assertContract(result: LfceResult): LfceEvent[] {
  assert.match(result.stdout, /^(\{.*\}\n)+$/);
  const events = result.stdout
    .trimEnd()
    .split("\n")
    .map((line): LfceEvent => JSON.parse(line));
  const [first] = events;
  for (const event of events) {
    assertFields(event, [...STAMP, ...FIELDS[event.event]], event.event);
    assert.match(event.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(event.run, first?.run);
    if (event.event !== "host-finished") continue;
    for (const change of event.changes) assertFields(change, CHANGE, "a change");
    for (const check of event.checks) assertFields(check, CHECK, "a check");
    for (const finding of event.drift ?? []) assertFields(finding, FINDING, "drift");
    for (const finding of event.resolved ?? []) assertFields(finding, RESOLVED, "what was resolved");
    for (const link of event.links ?? []) assertFields(link, ["kind", "to", "state", "detail?"], "a link");
    if (event.clock) assertFields(event.clock, ["stratum", "offset", "leap"], "a clock");
    for (const said of [...event.warnings, ...(event.error ? [event.error] : [])])
      assertFields(said, ERROR, "an error");
  }
  assert.deepEqual(
    events.flatMap(({ event }, index) => (event === "summary" ? [index] : [])),
    [events.length - 1],
    "one summary, at the end",
  );
  const last = events.at(-1);
  assert.ok(last?.event === "summary");
  assert.equal(last.exitCode, result.code);
  assertFields(last.checks, ["passed", "failed", "unproven"], "the summary's checks");
  const statuses = "unchanged changed pending drifted failed rolledBack unreachable skipped";
  assertFields(last.hosts, statuses.split(" "), "the summary's hosts");
  if (last.error) assertFields(last.error, ERROR, "the summary's error");
  return events;
}

describe("-o json", () => {
  let lab: Lab;
  let place: Workplace;
  let planned: LfceRun;
  let applied: LfceRun;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1"] }));
    for (const machine of ["time1", "web1"]) await lab.reset(machine);
    planned = await place.json("plan", timeAndLogs());
    applied = await place.json("apply");
  });
  after(() => place.remove());

  const json = (command: string, ...args: string[]) =>
    place.run([command, "playbook.yml", "-i", "inventory.yml", "-o", "json", ...args]);
  const order = (events: readonly LfceEvent[]) =>
    events.map((event) => ("host" in event ? `${event.event} ${event.host}` : event.event));

  for (const [command, of, code] of [
    ["plan", () => planned, 2],
    ["apply", () => applied, 0],
  ] as const) {
    it(`${command}: only events, each with its fields, in their order`, () => {
      assert.equal(of().code, code, of().trouble);
      assert.deepEqual(order(assertContract(of())), [
        "run-started",
        "wave-started",
        "host-started time1",
        "host-finished time1",
        "wave-started",
        "host-started web1",
        "host-finished web1",
        "summary",
      ]);
      const [started] = of().events;
      assert.ok(started?.event === "run-started");
      assert.deepEqual([started.command, started.playbook, started.hosts], [command, "playbook.yml", 2]);
      const [first, second] = of().events.filter((event) => event.event === "wave-started");
      assert.deepEqual([first?.wave, first?.of, first?.hosts], [1, 2, ["time1"]]);
      assert.deepEqual([second?.wave, second?.of, second?.hosts], [2, 2, ["web1"]]);
    });
  }

  it("plan: hosts are pending, with diffs, and the proofs that are to come", () => {
    const { status, changes, checks } = planned.host("web1");
    assert.equal(status, "pending");
    assert.match(changes.find(({ kind }) => kind === "file")?.diff ?? "", /^--- .*\n\+\+\+ .*\n@@ /);
    assert.deepEqual(
      checks.map(({ name, result }) => `${name} ${result}`),
      ["ntp.selected unproven", "syslog.arrived unproven"],
    );
  });

  it("apply: hosts are changed, with the proofs and how long they took", () => {
    const { status, checks } = applied.host("web1");
    assert.equal(status, "changed");
    assert.deepEqual(
      checks.map(({ name, result }) => `${name} ${result}`),
      ["ntp.selected passed", "syslog.arrived passed"],
    );
    assert.deepEqual(
      applied.host("time1").checks.map(({ name, result }) => `${name} ${result}`),
      ["ntp.serving passed", "syslog.listening passed"],
    );
    for (const { ms } of checks) assert.ok(Number.isInteger(ms) && ms >= 0);
  });

  it("a second apply, plan, drift and verify exit 0", async () => {
    for (const [command, ...args] of [["apply"], ["plan"], ["apply", "--dry-run"], ["drift"], ["verify"]]) {
      const result = await json(command ?? "", ...args);
      assert.equal(result.code, 0, `${command} ${args}\n${result.stderr}`);
      assertContract(result);
    }
  });

  it("drift that is found: exit 2, and what it is", async () => {
    await lab.run("web1", ["systemctl", "disable", "chrony"]);
    const result = await json("drift");
    await lab.run("web1", ["systemctl", "enable", "chrony"]);
    assert.equal(result.code, 2, result.stderr);
    const found = assertContract(result).find((one) => one.event === "host-finished" && one.host === "web1");
    assert.ok(found?.event === "host-finished" && found.drift?.length === 1);
    assert.equal(found.drift[0]?.code, "unit-disabled");
  });

  it("a host that fails: exit 3, with the error in its event", async () => {
    await lab.linkDown("web1");
    try {
      for (const command of ["apply", "plan", "drift", "verify"]) {
        const result = await json(command, "--timeout", "1s", "--limit", "web1");
        assert.equal(result.code, 3, `${command}\n${result.stderr}`);
        const end = assertContract(result).find((event) => event.event === "host-finished");
        assert.ok(end?.event === "host-finished" && end.error);
        assert.equal(end.status, "unreachable");
      }
    } finally {
      await lab.linkUp("web1");
    }
  });

  for (const [what, args, code] of [
    ["a playbook that is not there", ["plan", "nowhere.yml", "-i", "inventory.yml"], "file-not-readable"],
    ["an inventory that is not there", ["plan", "playbook.yml", "-i", "nowhere.yml"], "file-not-readable"],
    [
      "a pattern that leaves no host",
      ["apply", "playbook.yml", "-i", "inventory.yml", "-l", "db*"],
      "pattern.no-hosts",
    ],
    ["a playbook that is wrong", ["apply", "wrong.yml", "-i", "inventory.yml"], "config.value"],
  ] as const) {
    it(`${what}: exit 64, no host is contacted, and the summary holds the error`, async () => {
      place.write("wrong.yml", "- name: Wrong\n  hosts: all\n  roles:\n    - role: ntp_sever\n");
      const result = await place.run([...args, "-o", "json"]);
      assert.equal(result.code, 64, result.stderr);
      const events = assertContract(result);
      assert.deepEqual(order(events), ["summary"]);
      const [summary] = events;
      assert.ok(summary?.event === "summary");
      assert.equal(summary.error?.code, code);
      assert.ok(result.stderr.includes(summary.error?.message ?? "nothing"), "told on stderr as well");
    });
  }

  it("commands without hosts: 0, or 64 for what is wrong", async () => {
    const inventory = ["-i", "inventory.yml"];
    for (const [code, ...args] of [
      [0, "validate", "playbook.yml", ...inventory],
      [64, "validate", "wrong.yml", ...inventory],
      [0, "inventory", ...inventory],
      [0, "inventory", "clients", ...inventory, "-o", "json"],
      [64, "inventory", "nobody", ...inventory],
      [64, "inventory", "-i", "nowhere.yml"],
      [64, "applly", "playbook.yml"],
      [64, "apply"],
      [64, "apply", "playbook.yml", ...inventory, "--nonsense"],
      [64, "apply", "playbook.yml", ...inventory, "-o", "xml"],
      [0, "--help"],
      [0, "--version"],
    ] as const) {
      const result = await place.run(args);
      assert.equal(result.code, code, `lfce ${args.join(" ")}\n${result.stdout}${result.stderr}`);
      assert.ok(!/^\s+at .*:\d+:\d+\)?$/m.test(result.stderr), "no stack trace");
    }
  });
});

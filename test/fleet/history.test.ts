import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { LfceEvent } from "../../src/core/events.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/processes.ts";
import { fleetLab } from "./fleet-lab.ts";
import { inventoryOf, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

/** A port on which nobody listens: the host is there, but cannot be looked at. */
const OUT_OF_REACH = ["--extra-vars", "ansible_port=1", "--timeout", "1s"];

describe("the history of drift", () => {
  let lab: Lab;
  let place: Workplace;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1"] }));
    for (const machine of ["time1", "web1"]) await lab.reset(machine);
    const applied = await place.json("apply", timeAndLogs());
    assert.equal(applied.code, 0, applied.trouble);
  });
  after(() => place.remove());

  const drift = (...words: string[]) => place.json("drift", undefined, ...words);
  const directory = () => {
    const all = join(place.directory, "state/lfce/history");
    return join(all, readdirSync(all)[0] ?? "");
  };
  const filesEnding = (end: string) => readdirSync(directory()).filter((name) => name.endsWith(end));
  const startOf = (run: LfceRun) => run.events.find(({ event }) => event === "run-started")?.time;

  it("tells new, standing and resolved drift apart, also across nights in which nobody could look", async () => {
    const clean = await drift();
    assert.equal(clean.code, 0, clean.trouble);
    await onHost(lab, "web1", "systemctl stop chrony");
    const first = await drift();
    assert.equal(first.code, 2, first.trouble);
    assert.deepEqual(
      first.host("web1").drift?.map(({ code, since, looks }) => ({ code, since, looks })),
      [{ code: "unit-inactive", since: startOf(first), looks: 1 }],
    );
    const unknown = await drift("--limit", "web1", ...OUT_OF_REACH);
    assert.equal(unknown.code, 3, unknown.trouble);
    assert.equal(unknown.host("web1").unknownSince, startOf(unknown));
    assert.deepEqual(unknown.summary.drift, { new: 0, standing: 0, resolved: 0, unknownHosts: 1 });
    const standing = await drift();
    const [finding] = standing.host("web1").drift ?? [];
    assert.deepEqual([finding?.since, finding?.looks], [startOf(first), 2]);
    assert.equal(standing.host("web1").unknownSince, startOf(unknown));
    assert.deepEqual(standing.summary.drift, { new: 0, standing: 1, resolved: 0, unknownHosts: 0 });
    await onHost(lab, "web1", "systemctl start chrony");
    const resolved = await drift();
    assert.equal(resolved.code, 0, resolved.trouble);
    assert.deepEqual(
      resolved.host("web1").resolved?.map(({ code, since }) => ({ code, since })),
      [{ code: "unit-inactive", since: startOf(first) }],
    );
    const told = await place.run(["history", "web1"]);
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stdout, /^web1 +· +\+1 +\? +1 +✔$/m);
    assert.match(told.stdout, /unit-inactive\)\n +last .* 2 of 4 looks +web1$/m);
    assert.equal(filesEnding(".ndjson").length, 5);
  });

  it("keeps what -o json prints, line by line", async () => {
    const run = await drift();
    const newest = filesEnding(".ndjson").sort().at(-1) ?? "";
    assert.equal(readFileSync(join(directory(), newest), "utf8"), run.stdout);
  });

  it("says what --fix mended, and does not say it again", async () => {
    await onHost(lab, "web1", "systemctl stop chrony");
    const fixed = await drift("--fix");
    assert.equal(fixed.code, 0, fixed.trouble);
    assert.deepEqual(
      fixed.host("web1").resolved?.map(({ code, mended }) => ({ code, mended })),
      [{ code: "unit-inactive", mended: true }],
    );
    const next = await drift();
    assert.deepEqual([next.code, next.host("web1").resolved], [0, undefined], next.trouble);
  });

  it("survives kill -9 of a run, and the next one tidies what that left", async () => {
    let runs = filesEnding(".ndjson").length;
    const seen: readonly (() => boolean)[] = [
      () => filesEnding(".part").length > 0,
      () => output.includes("wave-started"),
      () => output.includes('"host-finished"'),
    ];
    let output = "";
    for (const isTime of seen) {
      output = "";
      const killed = await place.run(["drift", "playbook.yml", "-i", "inventory.yml", "-o", "json"], {
        started: (child) => {
          child.stdout?.on("data", (chunk) => {
            output += chunk;
          });
          void waitFor("the instant of the kill", isTime, { seconds: 60 }).then(() => child.kill("SIGKILL"));
        },
      });
      const kept = filesEnding(".ndjson").length - runs;
      // The kill may have come when the run was over already, or had just been kept.
      assert.ok(kept === 1 || (kept === 0 && killed.code === null), `${kept} kept, exit code ${killed.code}`);
      runs += kept;
    }
    const next = await drift();
    assert.equal(next.code, 0, next.trouble);
    assert.deepEqual(filesEnding(".part"), []);
    for (const name of filesEnding(".ndjson")) assertWhole(join(directory(), name));
  });

  it("holds two runs that go on at once", async () => {
    const before = filesEnding(".ndjson").length;
    const runs = await Promise.all([drift(), drift(), drift("--limit", "web1")]);
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0, 0],
      runs.map(({ trouble }) => trouble).join("\n"),
    );
    assert.equal(filesEnding(".ndjson").length, before + 3);
    for (const name of filesEnding(".ndjson")) assertWhole(join(directory(), name));
  });

  it("hides no drift when it cannot be kept", async () => {
    await onHost(lab, "web1", "systemctl stop chrony");
    writeFileSync(join(place.directory, "in-the-way"), "");
    const run = await drift("--state-dir", "in-the-way");
    await onHost(lab, "web1", "systemctl start chrony");
    assert.equal(run.code, 2, run.trouble);
    assert.deepEqual(
      run.host("web1").drift?.map(({ code }) => code),
      ["unit-inactive"],
    );
    assert.ok(
      run.summary.warnings?.some(({ code }) => code === "history-not-read"),
      run.stdout,
    );
    assert.match(run.stderr, /neither kept nor compared/);
  });
});

function assertWhole(path: string): void {
  const events = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LfceEvent);
  assert.equal(events[0]?.event, "run-started", path);
  assert.equal(events.at(-1)?.event, "summary", path);
}

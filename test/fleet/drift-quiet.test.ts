import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertClean, reported } from "./drift-kinds/see-kind.ts";
import { fleetLab } from "./fleet-lab.ts";
import { inventoryOf, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

const CLIENTS = ["web1", "old1", "db1", "log1", "bare1"];
const HOSTS = ["time1", ...CLIENTS];

const lab = await fleetLab();

describe("nights in which nothing drifted, and nights in which not every host answers", () => {
  let place: Workplace;
  before(async () => {
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: CLIENTS }));
    await Promise.all(HOSTS.map((machine) => lab.reset(machine)));
    const applied = await place.json("apply", timeAndLogs());
    assert.equal(applied.code, 0, applied.trouble);
  });
  after(() => place.remove());

  it("20 runs in a row over an untouched fleet report nothing", async () => {
    for (let run = 1; run <= 20; run += 1) assertClean(await place.json("drift"));
  });

  it("all daemons were restarted just now: nothing", async () => {
    await Promise.all(HOSTS.map((host) => onHost(lab, host, restartDaemons(host))));
    assertClean(await place.json("drift"));
  });

  it("a host has just booted: nothing", async () => {
    await lab.reboot("web1");
    assertClean(await place.json("drift"));
  });

  it("a third of the hosts is unreachable: unknown, which is neither fine nor drift", async () => {
    await Promise.all(["db1", "old1"].map((host) => lab.linkDown(host)));
    try {
      const run = await place.json("drift", undefined, "--timeout", "5s");
      assert.equal(run.code, 3, run.trouble);
      assertCounts(run, { unreachable: 2, unchanged: 4 });
      assert.deepEqual(reported(run), []);
      for (const host of ["db1", "old1"]) assertUnknown(run, host);
    } finally {
      await Promise.all(["db1", "old1"].map((host) => lab.linkUp(host)));
    }
  });

  it("one host drifted while another is unreachable: each is told as what it is", async () => {
    await lab.linkDown("old1");
    await onHost(lab, "web1", "systemctl stop chrony");
    try {
      const run = await place.json("drift", undefined, "--timeout", "5s");
      assert.equal(run.code, 3, run.trouble);
      assertCounts(run, { unreachable: 1, drifted: 1, unchanged: 4 });
      assert.deepEqual(reported(run), ["web1: unit-inactive chrony"]);
      assertUnknown(run, "old1");
    } finally {
      await lab.linkUp("old1");
    }
    const after = await place.json("drift");
    assert.equal(after.code, 2, after.trouble);
    assertCounts(after, { drifted: 1, unchanged: 5 });
    await onHost(lab, "web1", "systemctl start chrony");
    assertClean(await place.json("drift"));
  });

  it("what cannot be looked at for want of rights is unknown too", async () => {
    const run = await place.json("drift", undefined, "--limit", "web1", "-e", "ansible_user=admin");
    assert.equal(run.code, 3, run.trouble);
    assertCounts(run, { failed: 1 });
    assert.equal(run.host("web1").drift, undefined);
    assert.ok(run.host("web1").error?.hint);
  });
});

function restartDaemons(host: string): string {
  return `systemctl restart rsyslog ${host === "db1" ? "chronyd" : "chrony"}`;
}

/** Every host is counted once: those given here under these names, and no other under any. */
function assertCounts(run: LfceRun, expected: Partial<LfceRun["summary"]["hosts"]>): void {
  const counted = Object.entries(run.summary.hosts).filter(([, count]) => count > 0);
  assert.deepEqual(Object.fromEntries(counted), expected, run.trouble);
}

/** A host that did not answer: its event says so, and nothing about how it stands. */
function assertUnknown(run: LfceRun, host: string): void {
  const { status, drift, changes, error } = run.host(host);
  assert.deepEqual([status, drift, changes], ["unreachable", undefined, []]);
  assert.ok(error?.code && error.hint, run.trouble);
}

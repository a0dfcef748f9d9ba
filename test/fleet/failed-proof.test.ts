import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { dropNothing, dropPort } from "./faults.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf, differences, snapshot, startTimes } from "./host-state.ts";
import { inventoryOf, type Workplace, workplace } from "./lfce.ts";
import { LOGS_GIVE_UP_SOON, timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

const clients = ["web1", "db1", "old1"];
const playbook = timeAndLogs({ syslogClient: [LOGS_GIVE_UP_SOON] });

describe("a proof that fails", () => {
  let lab: Lab;
  let place: Workplace;
  const stock = new Map<string, Map<string, string>>();

  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients }));
    for (const machine of ["time1", ...clients]) await lab.reset(machine);
    for (const machine of clients) stock.set(machine, await configuration(machine));
    await dropPort(lab, "time1", 514);
  });
  after(() => place.remove());

  /** Every file of /etc, with inode and times. */
  async function configuration(machine: string): Promise<Map<string, string>> {
    return new Map([...(await snapshot(lab, machine))].filter(([path]) => path.startsWith("/etc/")));
  }

  async function assertAsBefore(machine: string): Promise<void> {
    assert.deepEqual(differences(stock.get(machine) ?? new Map(), await configuration(machine)), [], machine);
  }

  it("puts the client back byte for byte, says why and what to do, and stops the rest of the play", async () => {
    const careful = timeAndLogs({
      clients: ["serial: 1", "max_fail_percentage: 0"],
      syslogClient: [LOGS_GIVE_UP_SOON],
    });
    const run = await place.json("apply", careful);
    assert.equal(run.code, 3, run.trouble);
    assert.equal(run.host("time1").status, "changed", "a client's failure is none of the server's");

    const { status, error, checks, changes } = run.host("web1");
    assert.equal(status, "rolled-back", run.trouble);
    assert.ok(changes.some(({ kind }) => kind === "file"));
    assert.deepEqual(
      checks.map(({ name, result }) => `${name} ${result}`),
      ["ntp.selected passed", "syslog.arrived failed"],
    );
    assert.equal(error?.code, "proof-failed");
    assert.match(error?.message ?? "", /^syslog\.arrived: .*nftables.*; everything was put back$/s);
    assert.match(error?.hint ?? "", /nft .*514/);
    await assertAsBefore("web1");
    assert.equal(await onHost(lab, "web1", "systemctl is-active chrony rsyslog"), "active\nactive\n");

    for (const machine of ["db1", "old1"]) {
      assert.equal(run.host(machine).status, "skipped");
      assert.equal(run.host(machine).error?.code, "too-many-failures");
      assert.ok(!run.events.some((one) => one.event === "host-started" && one.host === machine));
      await assertAsBefore(machine);
    }
    assert.deepEqual(run.summary.hosts, {
      unchanged: 0,
      changed: 1,
      pending: 0,
      drifted: 0,
      failed: 0,
      rolledBack: 1,
      unreachable: 0,
      skipped: 2,
    });
  });

  it("with --keep-failed leaves the client as declared, and says that it failed", async () => {
    const run = await place.json("apply", playbook, "--keep-failed", "--limit", "web1");
    assert.equal(run.code, 3, run.trouble);
    assert.equal(run.host("web1").status, "failed");
    assert.equal(run.host("web1").error?.code, "proof-failed");
    assert.match(await contentOf(lab, "web1", "/etc/rsyslog.conf"), /lfce: begin/);
    const plan = await place.json("plan", undefined, "--limit", "web1");
    assert.equal(plan.code, 0, plan.trouble);
  });

  it("is not asked for with --no-verify: the change is committed", async () => {
    const run = await place.json("apply", undefined, "--no-verify", "--limit", "db1");
    assert.equal(run.code, 0, run.trouble);
    assert.equal(run.host("db1").status, "changed");
    assert.deepEqual(run.host("db1").checks, []);
    assert.match(await contentOf(lab, "db1", "/etc/rsyslog.conf"), /lfce: begin/);
  });

  it("is `verify`'s exit code 3, and changes nothing", async () => {
    const before = await configuration("web1");
    const run = await place.json("verify", undefined, "--limit", "web1");
    assert.equal(run.code, 3, run.trouble);
    assert.equal(run.host("web1").checks.at(-1)?.result, "failed");
    assert.deepEqual(differences(before, await configuration("web1")), []);
  });

  it("passes once the way is free; with --limit the server is only read", async () => {
    await dropNothing(lab, "time1");
    const before = await snapshot(lab, "time1");
    const started = await startTimes(lab, "time1", ["chrony", "rsyslog"]);
    // web1's rsyslog tries again by and by: now the proof may take its usual time.
    const run = await place.json("apply", timeAndLogs(), "--limit", "web1");
    assert.equal(run.code, 0, run.trouble);
    assert.equal(run.summary.checks.passed, 2);
    assert.ok(!run.events.some((event) => "host" in event && event.host !== "web1"));
    assert.deepEqual(differences(before, await snapshot(lab, "time1")), []);
    assert.equal(await startTimes(lab, "time1", ["chrony", "rsyslog"]), started);
  });

  it("with --limit against a server that lacks its rules: the error says to run without --limit", async () => {
    await lab.reset("time1");
    const before = await snapshot(lab, "time1");
    const soon = timeAndLogs({ ntpClient: ["verify_timeout: 5s"], syslogClient: [LOGS_GIVE_UP_SOON] });
    const run = await place.json("apply", soon, "--limit", "old1");
    assert.equal(run.code, 3, run.trouble);
    const { status, error, checks } = run.host("old1");
    assert.equal(status, "rolled-back", run.trouble);
    assert.match(`${error?.message} ${error?.hint} ${JSON.stringify(checks)}`, /without --limit/);
    await assertAsBefore("old1");
    assert.deepEqual(differences(before, await snapshot(lab, "time1")), []);
  });

  it("a server that fails: clients that have no other are skipped with that reason", async () => {
    await lab.reset("web1");
    stock.set("web1", await configuration("web1"));
    await onHost(lab, "time1", "systemctl mask rsyslog");
    const run = await place.json("apply", playbook);
    assert.equal(run.code, 3, run.trouble);
    assert.equal(run.host("time1").status, "failed");
    for (const machine of clients) {
      const { status, error } = run.host(machine);
      assert.equal(status, "skipped");
      assert.equal(error?.code, "servers-failed");
      assert.match(error?.message ?? "", /\(time1\)/);
    }
    await assertAsBefore("web1");
  });
});

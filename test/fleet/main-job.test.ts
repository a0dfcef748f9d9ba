import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf, differences, snapshot, startTimes, withoutLfce } from "./host-state.ts";
import { inventoryOf, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";

const playbook = timeAndLogs({ syslogServer: ['store: { file: "/var/log/remote/{host}/{date}.log" }'] });

/** Every family and release that lfce promises, as a client; time1 is a Debian 12 server. */
const clients = ["old1", "web1", "log1", "db1"];
const machines = ["time1", ...clients];
const chronyFiles: Record<string, string> = { db1: "/etc/chrony.conf" };
const chronyFile = (machine: string) => chronyFiles[machine] ?? "/etc/chrony/chrony.conf";

describe("the main job, from stock", () => {
  let lab: Lab;
  let place: Workplace;
  const stock = new Map<string, Map<string, string>>();
  const stockContents = new Map<string, { chrony: string; rsyslog: string }>();
  let planned: LfceRun;
  let applied: LfceRun;

  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients }));
    for (const machine of machines) {
      await lab.reset(machine);
      stock.set(machine, await snapshot(lab, machine));
      stockContents.set(machine, {
        chrony: await contentOf(lab, machine, chronyFile(machine)),
        rsyslog: await contentOf(lab, machine, "/etc/rsyslog.conf"),
      });
    }
    planned = await place.json("plan", playbook);
  });
  after(() => place.remove());

  it("plan exits 2, shows a diff and the restarts for every machine, and changes nothing", async () => {
    assert.equal(planned.code, 2, planned.stderr);
    assert.equal(planned.summary.hosts.pending, machines.length);
    for (const machine of machines) {
      const { status, changes } = planned.host(machine);
      assert.equal(status, "pending");
      assert.ok(
        changes.some((change) => change.kind === "file" && (change.diff ?? "").includes("lfce: begin")),
      );
      assert.ok(changes.some((change) => change.kind === "restart" && change.target === "rsyslog"));
      const now = await snapshot(lab, machine);
      assert.deepEqual(differences(stock.get(machine) ?? new Map(), now), [], machine);
    }
  });

  it("apply exits 0 with every machine changed and every check passed", async () => {
    applied = await place.json("apply");
    assert.equal(applied.code, 0, applied.trouble);
    assert.equal(applied.summary.hosts.changed, machines.length);
    assert.deepEqual(applied.summary.checks, { passed: 10, failed: 0, unproven: 0 });
  });

  it("apply does exactly what the plan showed", () => {
    for (const machine of machines) {
      assert.deepEqual(applied.host(machine).changes, planned.host(machine).changes, machine);
    }
  });

  it("chronyd on every client has selected the server", async () => {
    for (const machine of clients) {
      const { stdout } = await lab.run(machine, ["chronyc", "-n", "sources"]);
      assert.match(stdout, /^\^\* 172\.31\.96\.11 /m, machine);
    }
  });

  it("leaves all other bytes of the files as they were", async () => {
    for (const machine of machines) {
      const before = stockContents.get(machine);
      assert.equal(withoutLfce(await contentOf(lab, machine, chronyFile(machine))), before?.chrony, machine);
      assert.equal(withoutLfce(await contentOf(lab, machine, "/etc/rsyslog.conf")), before?.rsyslog, machine);
    }
  });

  it("the next apply reports 0 changed and touches no file and no service", async () => {
    const units = ["chrony", "chronyd", "rsyslog"];
    const before = new Map<string, Map<string, string>>();
    const started = new Map<string, string>();
    for (const machine of machines) {
      before.set(machine, await snapshot(lab, machine));
      started.set(machine, await startTimes(lab, machine, units));
    }
    const again = await place.json("apply");
    assert.equal(again.code, 0, again.trouble);
    assert.equal(again.summary.hosts.changed, 0);
    assert.equal(again.summary.hosts.unchanged, machines.length);
    assert.deepEqual(again.summary.checks, { passed: 10, failed: 0, unproven: 0 });
    for (const machine of machines) {
      assert.deepEqual(
        differences(before.get(machine) ?? new Map(), await snapshot(lab, machine)),
        [],
        machine,
      );
      assert.equal(await startTimes(lab, machine, units), started.get(machine), machine);
    }
  });

  it("plan, drift and verify exit 0 afterwards", async () => {
    assert.equal((await place.json("plan")).code, 0);
    assert.equal((await place.json("drift")).code, 0);
    assert.equal((await place.json("verify")).code, 0);
  });

  it("absent gives back every file byte for byte", async () => {
    const absent = playbook.replaceAll(/- role: (\w+)/g, "- role: $1\n      state: absent");
    const removed = await place.json("apply", absent);
    assert.equal(removed.code, 0, removed.trouble);
    for (const machine of machines) {
      const before = stockContents.get(machine);
      assert.equal(await contentOf(lab, machine, chronyFile(machine)), before?.chrony, machine);
      assert.equal(await contentOf(lab, machine, "/etc/rsyslog.conf"), before?.rsyslog, machine);
      const { stdout } = await lab.run(machine, [
        "sh",
        "-c",
        "ls /etc/rsyslog.d /etc/logrotate.d | grep lfce; true",
      ]);
      assert.equal(stdout, "", machine);
    }
  });

  it("the machines themselves stayed sound", async () => {
    for (const machine of machines) assert.deepEqual(await lab.failures(machine), [], machine);
  });
});

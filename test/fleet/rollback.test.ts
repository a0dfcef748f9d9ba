import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { snapshot } from "./host-state.ts";
import { leftBehind } from "./left-behind.ts";
import { inventoryOf, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

const machines = ["time1", "web1", "db1"];
const first = timeAndLogs();
/** The same with another file on the server and another selector on the clients. */
const second = timeAndLogs({
  syslogServer: ['store: { file: "/var/log/remote/{host}/all.log" }'],
  syslogClient: ['selector: "*.info"'],
});

describe("lfce rollback", () => {
  let lab: Lab;
  let place: Workplace;
  let stock: Map<string, string>;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1", "db1"] }));
  });
  after(() => place.remove());
  beforeEach(async () => {
    await Promise.all(machines.map((machine) => lab.reset(machine)));
    stock = await configuration();
    const applied = await place.json("apply", first);
    assert.equal(applied.code, 0, applied.trouble);
  });

  /** Mode, owner and checksum of every file of /etc on every machine; inodes and times are new after a rollback. */
  async function configuration(): Promise<Map<string, string>> {
    const all = await Promise.all(
      machines.map(async (machine) =>
        [...(await snapshot(lab, machine))]
          .filter(([path]) => path.startsWith("/etc/"))
          .map(([path, state]): [string, string] => [
            `${machine}:${path}`,
            state.split(" ").slice(2).join(" "),
          ]),
      ),
    );
    return new Map(all.flat().sort());
  }

  async function assertSound(): Promise<void> {
    for (const machine of machines) {
      const chrony = machine === "db1" ? "chronyd" : "chrony";
      assert.equal(await onHost(lab, machine, `systemctl is-active ${chrony} rsyslog`), "active\nactive\n");
      assert.deepEqual(await leftBehind(lab, machine), []);
    }
  }

  it("--dry-run shows the diffs and changes nothing; without it the files are as before the change", async () => {
    const applied = await configuration();
    const shown = await place.json("rollback", undefined, "--dry-run");
    assert.equal(shown.code, 2, shown.trouble);
    for (const machine of machines) {
      assert.equal(shown.host(machine).status, "pending");
      assert.ok(shown.host(machine).changes.some(({ diff }) => diff?.includes("\n-# lfce: begin ")));
    }
    assert.deepEqual(await configuration(), applied);

    const done = await place.json("rollback");
    assert.equal(done.code, 0, done.trouble);
    for (const machine of machines) {
      assert.equal(done.host(machine).status, "changed");
      assert.deepEqual(done.host(machine).changes, shown.host(machine).changes);
    }
    assert.deepEqual(await configuration(), stock);
    await assertSound();

    const none = await place.json("rollback");
    assert.equal(none.code, 0, none.trouble);
    assert.equal(none.host("web1").status, "unchanged");
    assert.equal(none.host("web1").warnings.at(-1)?.code, "nothing-to-undo");
    const again = await place.json("apply");
    assert.equal(again.code, 0, again.trouble);
    assert.deepEqual(await configuration(), applied);
  });

  it("takes one change after the other back, or several at once", async () => {
    const applied = await configuration();
    const changed = await place.json("apply", second);
    assert.equal(changed.code, 0, changed.trouble);
    const once = await place.json("rollback");
    assert.equal(once.code, 0, once.trouble);
    assert.deepEqual(await configuration(), applied);
    const plan = await place.json("plan", first);
    assert.equal(plan.code, 0, plan.trouble);

    const changedAgain = await place.json("apply", second);
    assert.equal(changedAgain.code, 0, changedAgain.trouble);
    const twice = await place.json("rollback", undefined, "--to", "2");
    assert.equal(twice.code, 0, twice.trouble);
    assert.deepEqual(await configuration(), stock);
    await assertSound();
  });

  it("refuses a file that was changed since, with the difference, and leaves all of that host alone", async () => {
    await onHost(lab, "web1", "echo '# by hand' >>/etc/chrony/chrony.conf");
    const edited = await configuration();
    const run = await place.json("rollback", undefined, "--limit", "web1");
    assert.equal(run.code, 3);
    assert.equal(run.host("web1").status, "failed");
    assert.equal(run.host("web1").error?.code, "changed-since");
    assert.match(
      run.host("web1").error?.message ?? "",
      /chrony\.conf was changed since lfce wrote it[\s\S]*\+# by hand/,
    );
    assert.deepEqual(await configuration(), edited);
  });

  it("puts back what it changed when a daemon does not run with the old file", async () => {
    const applied = await configuration();
    await onHost(
      lab,
      "web1",
      `mkdir -p /run/systemd/system/chrony.service.d
       printf '[Service]\\nExecStartPre=/bin/grep -q lfce /etc/chrony/chrony.conf\\n' >/run/systemd/system/chrony.service.d/test.conf
       systemctl daemon-reload`,
    );
    const run = await place.json("rollback", undefined, "--limit", "web1");
    assert.equal(run.code, 3, run.trouble);
    assert.equal(run.host("web1").status, "rolled-back", run.trouble);
    assert.deepEqual(await configuration(), applied);
    await assertSound();
  });

  it("prints for people what it puts back, and who made it", async () => {
    const { stdout, code } = await place.run([
      "rollback",
      "playbook.yml",
      "-i",
      "inventory.yml",
      "--dry-run",
    ]);
    assert.equal(code, 2);
    assert.match(stdout, /rollback playbook\.yml: 3 hosts/);
    assert.match(stdout, /as it was before 20\S+ by \S+ with lfce apply playbook\.yml/);
  });
});

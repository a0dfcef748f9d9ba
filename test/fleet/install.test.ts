import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/processes.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf, differences, snapshot } from "./host-state.ts";
import { asRun, inventoryOf, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

/** bare1: Debian and apt-get; bare2: EL layout and its stand-in for dnf. */
const clients = ["bare1", "bare2"];

/** What dpkg knows as installed on a machine, whatever package manager asked for it. */
function installed(lab: Lab, machine: string): Promise<string> {
  return onHost(lab, machine, "dpkg-query -l | grep '^ii'");
}

const packages = (run: LfceRun, host: string) =>
  run
    .host(host)
    .changes.filter(({ kind }) => kind === "package")
    .map(({ target }) => target);

describe("machines with neither chrony nor rsyslog", () => {
  let lab: Lab;
  let place: Workplace;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients }));
    for (const machine of ["time1", ...clients]) await lab.reset(machine);
  });
  after(() => place.remove());

  it("plan shows each install as a change of its own, exits 2, and installs nothing", async () => {
    const before = await Promise.all(clients.map((machine) => snapshot(lab, machine)));
    const known = await Promise.all(clients.map((machine) => installed(lab, machine)));
    const run = await place.json("plan", timeAndLogs());
    assert.equal(run.code, 2, run.trouble);
    for (const [index, machine] of clients.entries()) {
      const { status, changes, error } = run.host(machine);
      assert.equal(status, "pending");
      assert.equal(error, undefined);
      assert.deepEqual(
        changes.map(({ kind, target }) => `${kind} ${target}`),
        ["package chrony", "package rsyslog"],
      );
      for (const change of changes) assert.match(change.reason, /not installed.*diff.*known after/);
      assert.equal(await installed(lab, machine), known[index]);
      assert.deepEqual(differences(before[index] ?? new Map(), await snapshot(lab, machine)), []);
    }
  });

  it("what cannot be installed fails its host with the package manager's words; the others go on", async () => {
    await onHost(lab, "bare1", "mv /srv/packages /srv/away");
    const before = await snapshot(lab, "bare1");
    const known = await installed(lab, "bare1");
    const run = await place.json("apply");
    await onHost(lab, "bare1", "mv /srv/away /srv/packages");
    assert.equal(run.code, 3, run.trouble);
    const { status, error, changes } = run.host("bare1");
    assert.equal(status, "failed");
    assert.equal(error?.code, "install-failed");
    assert.match(error?.message ?? "", /apt-get could not install chrony, rsyslog:\n/);
    assert.match(error?.message ?? "", /\/srv\/packages/);
    assert.match(error?.hint ?? "", /apt-get install chrony rsyslog/);
    assert.ok(changes.every(({ kind }) => kind === "package"));
    assert.equal(await installed(lab, "bare1"), known);
    assert.deepEqual(differences(before, await snapshot(lab, "bare1")), []);

    assert.equal(run.host("bare2").status, "changed", run.trouble);
    assert.deepEqual(packages(run, "bare2"), ["chrony", "rsyslog"]);
    assert.deepEqual(
      run.host("bare2").checks.map(({ name, result }) => `${name} ${result}`),
      ["ntp.selected passed", "syslog.arrived passed"],
    );
  });

  it("apply installs, configures, starts and proves", async () => {
    const run = await place.json("apply");
    assert.equal(run.code, 0, run.trouble);
    assert.equal(run.host("bare1").status, "changed");
    assert.equal(run.host("bare2").status, "unchanged");
    assert.deepEqual(packages(run, "bare1"), ["chrony", "rsyslog"]);
    const files = run.host("bare1").changes.filter(({ kind }) => kind === "file");
    assert.ok(files.some(({ diff }) => diff?.includes("lfce: begin")));
    assert.deepEqual(run.summary.checks, { passed: 6, failed: 0, unproven: 0 });
    for (const [machine, chrony] of [
      ["bare1", "chrony"],
      ["bare2", "chronyd"],
    ] as const) {
      const states = await onHost(lab, machine, `systemctl is-enabled ${chrony} rsyslog`);
      assert.equal(states, "enabled\nenabled\n", machine);
      assert.match(await onHost(lab, machine, "chronyc -n sources"), /^\^\* 172\.31\.96\.11 /m);
    }
  });

  it("the next apply changes nothing", async () => {
    const before = await Promise.all(clients.map((machine) => snapshot(lab, machine)));
    const run = await place.json("apply");
    assert.equal(run.code, 0, run.trouble);
    assert.equal(run.summary.hosts.unchanged, 3);
    for (const [index, machine] of clients.entries()) {
      assert.deepEqual(run.host(machine).changes, []);
      assert.deepEqual(differences(before[index] ?? new Map(), await snapshot(lab, machine)), [], machine);
    }
  });

  it("an interrupt lets the package manager finish, changes nothing else, and says what stays", async () => {
    await lab.reset("bare1");
    const gate = "touch /run/at-the-gate; until [ -e /run/gate-is-open ]; do sleep 0.05; done";
    await lab.write("bare1", "/etc/apt/apt.conf.d/99gate", `DPkg::Pre-Invoke { "${gate}"; };\n`);
    let said = "";
    const ended = place.run(["apply", "playbook.yml", "-i", "inventory.yml", "-o", "json", "-l", "bare1"], {
      started: async (lfce) => {
        lfce.stderr?.on("data", (chunk) => {
          said += chunk;
        });
        const there = async () => (await lab.run("bare1", ["test", "-e", "/run/at-the-gate"])).code === 0;
        await waitFor("the installation", there, { seconds: 60 });
        lfce.kill("SIGINT");
        await waitFor("lfce to hear of it", () => said.includes("interrupted:"), { seconds: 20 });
        await onHost(lab, "bare1", "touch /run/gate-is-open");
      },
    });
    const run = asRun(await ended);
    assert.equal(run.code, 130, run.trouble);
    const { status, error, changes } = run.host("bare1");
    assert.equal(status, "changed");
    assert.deepEqual(
      changes.map(({ kind, target }) => `${kind} ${target}`),
      ["package chrony", "package rsyslog"],
    );
    assert.match(
      error?.message ?? "",
      /interrupted; nothing was changed on bare1, except that chrony, rsyslog stay/,
    );
    assert.match(await installed(lab, "bare1"), /^ii +chrony .*^ii +rsyslog /ms);
    assert.doesNotMatch(await contentOf(lab, "bare1", "/etc/chrony/chrony.conf"), /lfce/);
  });
});

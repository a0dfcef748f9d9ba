import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { waitFor } from "../lab/processes.ts";
import { declaredFleet } from "./drift-kinds/declared-fleet.ts";
import { assertClean, reported } from "./drift-kinds/see-kind.ts";
import { fleetLab } from "./fleet-lab.ts";
import type { LfceRun, Workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

const CLIENTS = ["web1", "old1", "db1", "log1", "bare1"];
const HOSTS = ["time1", ...CLIENTS];

/** Of some hosts: shell text. Files that lfce owns settings in are changed, but no setting of them. */
const HARMLESS: readonly (readonly [host: string, commands: string])[] = [
  [
    "time1",
    `echo '# the rack in the cellar' >>/etc/chrony/chrony.conf; systemctl restart chrony
     logrotate -f /etc/logrotate.conf; touch -d yesterday /var/log/remote
     systemctl kill -s HUP rsyslog`,
  ],
  [
    "web1",
    `DEBIAN_FRONTEND=noninteractive apt-get -q -y --reinstall install chrony rsyslog
     printf 'server 172.31.96.250 iburst\\n' >/etc/chrony/sources.d/ours.sources; chronyc reload sources
     echo 'local5.* /var/log/ours.log' >/etc/rsyslog.d/20-ours.conf; systemctl restart rsyslog`,
  ],
  [
    "db1",
    `sed -i '1i # by hand' /etc/rsyslog.conf; systemctl restart rsyslog
     chmod 0600 /etc/rsyslog.conf; systemctl daemon-reload; systemctl restart rsyslog`,
  ],
  ["old1", "chronyc burst 1/1; chronyc offline; chronyc online; systemctl restart systemd-journald"],
];

const lab = await fleetLab();

describe("nights in which nothing drifted, and nights in which not every host answers", () => {
  let place: Workplace;
  before(async () => {
    const groups = { servers: ["time1"], clients: CLIENTS };
    // As on machines in a cloud: some messages never reach the forward.
    place = await declaredFleet(lab, groups, timeAndLogs(), async () => {
      const rule = ':syslogtag, isequal, "[CLOUDINIT]" /var/log/cloud-init.log\n& stop\n';
      await lab.write("web1", "/etc/rsyslog.d/21-cloudinit.conf", rule);
      await onHost(lab, "web1", "systemctl restart rsyslog");
    });
  });
  after(() => place?.remove());

  it("20 runs in a row over an untouched fleet report nothing", async () => {
    for (let run = 1; run <= 20; run += 1) assertClean(await place.json("drift"));
  });

  it("all daemons were restarted just now: nothing", async () => {
    await Promise.all(HOSTS.map((host) => onHost(lab, host, restartDaemons(host))));
    assertClean(await place.json("drift"));
  });

  it("what administrators, upgrades and rotation do to a host without harm: nothing", async () => {
    await Promise.all(HARMLESS.map(([host, commands]) => onHost(lab, host, `set -e\n${commands}`)));
    assertClean(await place.json("drift"));
  });

  it("looked at by an administrator with sudo: nothing", async () => {
    assertClean(
      await place.json("drift", undefined, "-e", "ansible_user=admin", "-e", "ansible_become=true"),
    );
  });

  it("a host has just booted: nothing", async () => {
    await lab.reboot("web1");
    assertClean(await place.json("drift"));
  });

  /** A host that was cut off has no connection to its log server for some seconds more, which is drift. */
  async function waitForDrift(hosts: number): Promise<void> {
    await waitFor(
      `drift on ${hosts} hosts, and nobody unreachable`,
      async () => {
        const { drifted, unreachable } = (await place.json("drift")).summary.hosts;
        return drifted === hosts && unreachable === 0;
      },
      { seconds: 90 },
    );
  }

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
    await waitForDrift(0);
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
    await waitForDrift(1);
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

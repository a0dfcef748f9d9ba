import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/processes.ts";
import { fleetLab } from "./fleet-lab.ts";
import { differences, snapshot, startTimes } from "./host-state.ts";
import { inventoryOf, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

const ON_WEB1 = ["--limit", "web1"];
const UNITS = ["chrony", "rsyslog"];

describe("drift", () => {
  let lab: Lab;
  let place: Workplace;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1"] }));
    for (const machine of ["time1", "web1"]) await lab.reset(machine);
    const applied = await place.json("apply", timeAndLogs());
    assert.equal(applied.code, 0, applied.trouble);
    const found = await place.json("drift");
    assert.equal(found.code, 0, found.trouble);
  });
  after(() => place.remove());

  /** Runs a command that must leave web1 as it is. */
  async function looking(command: string): Promise<LfceRun> {
    const files = await snapshot(lab, "web1");
    const started = await startTimes(lab, "web1", UNITS);
    const run = await place.json(command, undefined, ...ON_WEB1);
    assert.deepEqual(differences(files, await snapshot(lab, "web1")), []);
    assert.equal(await startTimes(lab, "web1", UNITS), started);
    return run;
  }

  /** Drift must be found under exactly these codes, and the host be left as it is. */
  async function assertDrift(...codes: string[]): Promise<LfceRun> {
    const run = await looking("drift");
    assert.equal(run.code, 2, run.trouble);
    const { status, drift, error } = run.host("web1");
    assert.equal(status, "drifted");
    assert.equal(error, undefined);
    assert.deepEqual((drift ?? []).map(({ code }) => code).sort(), codes.sort());
    for (const { message } of drift ?? []) assert.match(message, /\w+ \w+/);
    return run;
  }

  /** `apply` does what the drift run announced, and then there is none. */
  async function assertRepaired(announced: LfceRun): Promise<void> {
    const run = await place.json("apply", undefined, ...ON_WEB1);
    assert.equal(run.code, 0, run.trouble);
    assert.equal(run.host("web1").status, "changed");
    assert.deepEqual(run.host("web1").changes, announced.host("web1").changes);
    const states = await onHost(
      lab,
      "web1",
      "systemctl is-active chrony rsyslog; systemctl is-enabled chrony rsyslog",
    );
    assert.equal(states, "active\nactive\nenabled\nenabled\n");
    const found = await looking("drift");
    assert.equal(found.code, 0, JSON.stringify(found.host("web1").drift));
  }

  const changesOf = (run: LfceRun) => run.host("web1").changes.map(({ kind, target }) => `${kind} ${target}`);

  it("units that were stopped, and would not start at boot", async () => {
    await onHost(lab, "web1", "systemctl stop chrony syslog.socket rsyslog");
    const stopped = await assertDrift("unit-inactive", "unit-inactive");
    assert.deepEqual(changesOf(stopped), ["unit chrony", "unit rsyslog"]);
    await onHost(lab, "web1", "systemctl disable chrony rsyslog");
    const run = await assertDrift("unit-inactive", "unit-disabled", "unit-inactive", "unit-disabled");
    assert.deepEqual(changesOf(run), ["unit chrony", "unit chrony", "unit rsyslog", "unit rsyslog"]);
    await assertRepaired(run);
  });

  it("files that changed after their daemons had started", async () => {
    await onHost(
      lab,
      "web1",
      "for file in /etc/chrony/chrony.conf /etc/rsyslog.conf; do echo '# by hand' >>$file; done",
    );
    const run = await assertDrift("unit-stale", "unit-stale");
    assert.deepEqual(changesOf(run), ["restart chrony", "restart rsyslog"]);
    await assertRepaired(run);
  });

  it("a line that lfce had switched off, switched on by hand", async () => {
    await onHost(
      lab,
      "web1",
      "sed -i 's/^#lfce# pool /pool /' /etc/chrony/chrony.conf && systemctl restart chrony",
    );
    await waitFor("chronyd to select its server", async () => (await selected()) !== "", { seconds: 30 });
    const run = await assertDrift();
    assert.deepEqual(changesOf(run), ["file /etc/chrony/chrony.conf", "restart chrony"]);
    assert.match(run.host("web1").changes[0]?.diff ?? "", /^-pool .*\n\+#lfce# pool /m);
    await assertRepaired(run);
  });

  it("the server's files are right and it runs, but this host has selected no declared source", async () => {
    await onHost(lab, "time1", "systemctl stop chrony");
    await onHost(lab, "web1", "systemctl restart chrony");
    const run = await assertDrift("chrony-not-selected");
    assert.deepEqual(changesOf(run), []);
    await onHost(lab, "time1", "systemctl start chrony");
    await waitFor("chronyd to select its server", async () => (await selected()) !== "", { seconds: 60 });
    assert.equal((await looking("drift")).code, 0);
  });

  it("a port that the log server no longer listens on", async () => {
    await onHost(
      lab,
      "time1",
      "sed -i '/^input(type=\"imtcp\"/s/^/#/' /etc/rsyslog.conf && systemctl restart rsyslog",
    );
    const run = await place.json("drift", undefined, "--limit", "time1");
    assert.equal(run.code, 2, run.trouble);
    assert.deepEqual(
      run.host("time1").drift?.map(({ code }) => code),
      ["not-listening"],
    );
    const repaired = await place.json("apply", undefined, "--limit", "time1");
    assert.equal(repaired.code, 0, repaired.trouble);
  });

  for (const unit of ["rsyslog", "chrony"]) {
    it(`${unit} masked: an error, because somebody decided that`, async () => {
      await onHost(lab, "web1", `systemctl mask ${unit}`);
      for (const command of ["drift", "apply"]) {
        const run = await looking(command);
        assert.equal(run.code, 3, run.trouble);
        const { status, error } = run.host("web1");
        assert.equal(status, "failed");
        assert.equal(error?.code, "unit-masked");
        assert.match(error?.hint ?? "", new RegExp(`systemctl unmask ${unit}`));
      }
      await onHost(lab, "web1", `systemctl unmask ${unit}`);
    });
  }

  it("another time daemon runs: refused, with the command that stops it", async () => {
    // Not the program itself, which the machine does not have: a unit of that name that runs.
    const service = "/etc/systemd/system/systemd-timesyncd.service";
    const unit = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n";
    await lab.write("web1", service, unit);
    await onHost(lab, "web1", "systemctl daemon-reload; systemctl enable --now systemd-timesyncd");
    let hint = "";
    for (const command of ["drift", "apply"]) {
      const run = await looking(command);
      assert.equal(run.code, 3, run.trouble);
      const { status, error } = run.host("web1");
      assert.equal(status, "failed");
      assert.equal(error?.code, "other-time-daemon");
      hint = error?.hint ?? "";
    }
    assert.equal(hint, "systemctl disable --now systemd-timesyncd");
    await onHost(lab, "web1", hint);
    const mended = await place.json("apply", undefined, ...ON_WEB1);
    assert.equal(mended.code, 0, mended.trouble);
  });

  /** The address of the source that web1's chronyd has selected; empty: none. */
  async function selected(): Promise<string> {
    return /^\^\* (\S+)/m.exec(await onHost(lab, "web1", "chronyc -n sources"))?.[1] ?? "";
  }
});

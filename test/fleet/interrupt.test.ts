import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/processes.ts";
import { closeGate, dropNothing, dropPort, openGate } from "./faults.ts";
import { fleetLab } from "./fleet-lab.ts";
import { differences, snapshot } from "./host-state.ts";
import { asRun, inventoryOf, type LfceResult, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { onHost } from "./proof-hosts.ts";

const machines = ["time1", "web1"];
/** Long proofs: an interrupt must not wait for their end. */
const playbook = timeAndLogs({ syslogClient: ["verify_timeout: 100s"] });

describe("Ctrl-C during apply", () => {
  let lab: Lab;
  let place: Workplace;
  const stock = new Map<string, Map<string, string>>();
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1"] }));
    place.write("playbook.yml", playbook);
  });
  after(() => place.remove());
  beforeEach(async () => {
    for (const machine of machines) {
      await lab.reset(machine);
      stock.set(machine, await configuration(machine));
    }
  });

  /** Every file of /etc, with inode and times. */
  async function configuration(machine: string): Promise<Map<string, string>> {
    return new Map([...(await snapshot(lab, machine))].filter(([path]) => path.startsWith("/etc/")));
  }

  async function assertAsBefore(machine: string): Promise<void> {
    assert.deepEqual(differences(stock.get(machine) ?? new Map(), await configuration(machine)), [], machine);
    const state = await onHost(
      lab,
      machine,
      "systemctl is-active chrony rsyslog; ls /var/lib/lfce 2>/dev/null; true",
    );
    assert.equal(state.replace(/transactions\n$/, ""), "active\nactive\n", machine);
  }

  /** Nothing is pending for the machine: it is as the playbook declares. */
  async function assertAsDeclared(machine: string): Promise<void> {
    const plan = await place.json("plan", undefined, "--limit", machine);
    assert.equal(plan.host(machine).status, "unchanged", plan.trouble);
    assert.equal(await onHost(lab, machine, "systemctl is-active chrony rsyslog"), "active\nactive\n");
  }

  /** Starts `apply`, interrupts it once `moment` has come, calls `then`, and waits for the end. */
  async function interruptAt(
    moment: (output: () => string) => Promise<void>,
    signal: NodeJS.Signals = "SIGINT",
    then: (process: ChildProcess) => Promise<void> = async () => {},
  ): Promise<LfceResult> {
    const lfces: ChildProcess[] = [];
    let stdout = "";
    const result = place.run(["apply", "playbook.yml", "-i", "inventory.yml", "-o", "json"], {
      started: (process) => {
        lfces.push(process);
        process.stdout?.on("data", (chunk) => {
          stdout += chunk;
        });
      },
    });
    await moment(() => stdout);
    const [lfce] = lfces;
    if (!lfce?.kill(signal)) throw new Error("lfce had ended before");
    await then(lfce);
    return result;
  }

  const finished = (host: string) => (output: () => string) =>
    waitFor(`the end of ${host}`, () => new RegExp(`"host-finished".*"host":"${host}"`).test(output()), {
      seconds: 60,
    });
  const started = (host: string) => (output: () => string) =>
    waitFor(`the start of ${host}`, () => new RegExp(`"host-started".*"host":"${host}"`).test(output()), {
      seconds: 60,
    });
  /** web1's files are swapped and its rsyslog is being restarted, behind its gate. */
  const restarting = () =>
    waitFor(
      "the restart of rsyslog",
      async () => {
        const state = await lab.run("web1", ["systemctl", "show", "--property=ActiveState,Job", "rsyslog"]);
        const open = await lab.run("web1", ["test", "-e", "/var/lib/lfce/open"]);
        return open.code === 0 && /ActiveState=activating/.test(state.stdout);
      },
      { seconds: 60 },
    );
  /** web1 is changed and healthy, and waits for the verdict while its proofs go on. */
  const proving = () =>
    waitFor(
      "the proofs of web1",
      async () => (await lab.run("web1", ["sh", "-c", "ls /var/lib/lfce/transactions/*/verdict"])).code === 0,
      { seconds: 60 },
    );

  function assertInterrupted(result: LfceResult): LfceRun {
    assert.equal(result.code, 130, result.stderr);
    const run = asRun(result);
    assert.equal(run.events.at(-1)?.event, "summary");
    assert.equal(run.summary.exitCode, 130);
    assert.match(result.stderr, /interrupted: /);
    const ended = run.events.flatMap((event) => (event.event === "host-finished" ? [event.host] : []));
    assert.deepEqual(ended.sort(), machines, "each host's end is told once");
    return run;
  }

  it("before anything is changed: every host is as before, and says so", async () => {
    const run = assertInterrupted(await interruptAt(started("time1")));
    for (const machine of machines) {
      assert.equal(run.host(machine).status, "skipped", run.trouble);
      assert.equal(run.host(machine).error?.code, "interrupted");
      await assertAsBefore(machine);
    }
    assert.equal(run.summary.hosts.skipped, 2);
  });

  it("between two waves: the servers are as declared, their clients as before", async () => {
    const run = assertInterrupted(await interruptAt(finished("time1")));
    assert.equal(run.host("time1").status, "changed", run.trouble);
    assert.ok(["skipped", "rolled-back"].includes(run.host("web1").status), run.trouble);
    await assertAsBefore("web1");
    await assertAsDeclared("time1");
  });

  it("during a restart: that is finished, then the host is put back", async () => {
    await closeGate(lab, "web1", "rsyslog");
    const run = assertInterrupted(
      await interruptAt(restarting, "SIGINT", async () => {
        await openGate(lab, "web1");
      }),
    );
    assert.equal(run.host("time1").status, "changed");
    assert.equal(run.host("web1").status, "rolled-back", run.trouble);
    assert.equal(run.host("web1").error?.message, "the run was interrupted; everything was put back");
    await assertAsBefore("web1");
    await assertAsDeclared("time1");
  });

  it("during the proofs: at once, the host is put back, and the next apply does all of it", async () => {
    await dropPort(lab, "time1", 514);
    const before = performance.now();
    let interrupted = before;
    const result = await interruptAt(proving, "SIGINT", async () => {
      interrupted = performance.now();
    });
    assert.ok(performance.now() - interrupted < 30_000, "it waited for the end of the proof");
    const run = assertInterrupted(result);
    assert.equal(run.host("web1").status, "rolled-back", run.trouble);
    await assertAsBefore("web1");
    await dropNothing(lab, "time1");
    const again = await place.json("apply");
    assert.equal(again.code, 0, again.trouble);
    assert.equal(again.host("web1").status, "changed");
  });

  it("SIGTERM is an interrupt, too", async () => {
    const run = assertInterrupted(await interruptAt(started("time1"), "SIGTERM"));
    assert.equal(run.host("web1").status, "skipped");
    for (const machine of machines) await assertAsBefore(machine);
  });

  it("a second one leaves at once; the host puts itself back", async () => {
    await closeGate(lab, "web1", "rsyslog");
    const result = await interruptAt(restarting, "SIGINT", async (lfce) => {
      let said = "";
      lfce.stderr?.on("data", (chunk) => {
        said += chunk;
      });
      await waitFor("the first interrupt to be heard", () => said.includes("interrupted:"), { seconds: 20 });
      lfce.kill("SIGINT");
      await waitFor("lfce to leave", () => lfce.exitCode !== null, { seconds: 10 });
      assert.ok((await lab.run("web1", ["test", "-e", "/var/lib/lfce/open"])).code === 0);
    });
    assert.equal(result.code, 130);
    assert.match(result.stderr, /leaving at once/);
    const last = asRun(result).events.at(-1);
    assert.ok(last?.event === "summary" && last.exitCode === 130, result.stdout);
    await openGate(lab, "web1");
    await putsItselfBack("web1");
  });

  it("lfce killed during the proofs: the host puts itself back", async () => {
    await dropPort(lab, "time1", 514);
    const result = await interruptAt(proving, "SIGKILL");
    assert.equal(result.code, null);
    await putsItselfBack("web1");
  });

  async function putsItselfBack(machine: string): Promise<void> {
    await waitFor(
      "the host to put itself back",
      async () => (await onHost(lab, machine, "ls /var/lib/lfce")) === "transactions\n",
      { seconds: 60 },
    );
    await assertAsBefore(machine);
    const kept = await onHost(lab, machine, "cat /var/lib/lfce/transactions/*/meta");
    assert.match(kept, /^rolled-back-because the controller went away/m);
  }
});

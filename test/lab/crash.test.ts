import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { cgroupTrees } from "./cgroups.ts";
import { ensureImages } from "./images.ts";
import { startLab } from "./lab.ts";
import { machineRecord } from "./machine.ts";
import { mountsBelow } from "./mounts.ts";
import { labPaths, machinePaths } from "./paths.ts";
import { installPrerequisites } from "./prerequisites.ts";
import { identify, isAlive, kill, waitFor } from "./processes.ts";
import { silent } from "./progress.ts";
import { labCondition } from "./record.ts";
import { removeLab, removeLeftOvers } from "./teardown.ts";

const name = `crashtest-${process.pid}`;
const paths = labPaths(name);
const machines = ["a", "b", "c"];
const skip =
  process.platform === "linux" && process.getuid?.() === 0
    ? false
    : "needs Linux and root: no machine was booted";

/** The words of every process of this box. procps is not on every machine. */
function commandLines(): string[][] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      } catch {
        return []; // it has ended meanwhile
      }
    });
}

describe("a lab that comes to a bad end", { skip }, () => {
  // Making an image takes its time; only the boot has a deadline.
  before(async () => {
    await installPrerequisites({ say: silent });
    await ensureImages(["debian12"], { say: silent });
  });
  after(() => removeLab(name, silent));

  /** Starts `lab up` in a process of its own and waits until its first machine is being booted. */
  async function upUntilFirstBoot(): Promise<ChildProcess> {
    const cli = join(import.meta.dirname, "cli.ts");
    const words = machines.map((machine) => `${machine}:debian12`);
    const child = spawn(process.execPath, ["--import", "tsx", cli, "up", "--name", name, ...words], {
      stdio: "ignore",
    });
    const isBooting = () => machines.some((machine) => machineRecord(name, machine)?.nspawn !== undefined);
    await waitFor("the first machine to be booted", isBooting, { seconds: 120 });
    return child;
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    const ended = once(child, "exit");
    child.kill(signal);
    return (await ended)[0];
  }

  async function assertNothingLeft(): Promise<void> {
    const cgroups = cgroupTrees().map((tree) => join(tree, paths.cgroup));
    const propagated = machines.map(
      (machine) => `/run/systemd/nspawn/propagate/${machinePaths(name, machine).nspawnName}`,
    );
    assert.deepEqual(
      [paths.state, paths.open, paths.namespace, ...cgroups, ...propagated].filter(existsSync),
      [],
    );
    assert.deepEqual(mountsBelow(paths.state), []);
    assert.deepEqual(
      commandLines().filter((words) => words.some((word) => word.startsWith(`--machine=${name}.`))),
      [],
    );
  }

  it("is removed when `up` is interrupted half-way", async () => {
    const child = await upUntilFirstBoot();
    assert.equal(await end(child, "SIGINT"), 130);
    await assertNothingLeft();
  });

  it("is removed by `clean` when `up` was killed half-way", async () => {
    await end(await upUntilFirstBoot(), "SIGKILL");
    assert.equal(labCondition(name), "left over");
    await removeLeftOvers(silent);
    await assertNothingLeft();
  });

  it("is replaced by the next lab of that name", async () => {
    await end(await upUntilFirstBoot(), "SIGKILL");
    const lab = await startLab({ name, machines: [{ name: "a", image: "debian12" }] });
    assert.equal((await lab.run("a", ["hostname"])).stdout, "a\n");
    await lab.stop();
    await assertNothingLeft();
  });

  it("is not touched by `clean` while its owner lives, even with all its machines dead", async () => {
    const lab = await startLab({ name, machines: [{ name: "a", image: "debian12" }] });
    const { nspawn, init } = machineRecord(name, "a") ?? {};
    assert.ok(nspawn && init);
    for (const id of [nspawn, init]) await kill(id);
    await removeLeftOvers(silent);
    assert.equal(labCondition(name), "in use");
    await lab.powerCut("a");
    assert.equal((await lab.run("a", ["hostname"])).stdout, "a\n");
    await lab.stop();
  });

  it("never has another process killed that got the number of one of its own", async () => {
    const lab = await startLab({ name, machines: [{ name: "a", image: "debian12" }] });
    const bystander = spawn("sleep", ["600"]);
    const id = identify(bystander.pid ?? 0);
    assert.ok(id);
    const { record } = machinePaths(name, "a");
    const written = JSON.parse(readFileSync(record, "utf8"));
    writeFileSync(record, JSON.stringify({ ...written, nspawn: { ...written.nspawn, pid: id.pid } }));
    await lab.stop();
    assert.ok(isAlive(id));
    bystander.kill();
    await assertNothingLeft();
  });

  it("says what a machine wrote on its console when it does not boot", async () => {
    const lab = await startLab({ name, machines: [{ name: "a", image: "debian12" }] });
    await lab.run("a", ["rm", "/sbin/init", "/lib/systemd/systemd"]);
    await assert.rejects(lab.powerCut("a"), /a did not boot:[\s\S]*No such file or directory/);
    await lab.stop();
    await assertNothingLeft();
  });
});

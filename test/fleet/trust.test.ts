import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { HostKeyEvent } from "../../src/core/host-key-events.ts";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { asRun, type LfceResult, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { onHost } from "./proof-hosts.ts";

const program = join(import.meta.dirname, "../../dist/cli/main.js");
const machines = ["time1", "web1", "log1", "old1", "db1"];

/** log1 is reached at port 2222, old1 through web1; names are hashed, as Debian's ssh_config has it. */
describe("lfce trust on real machines", () => {
  let lab: Lab;
  let place: Workplace;
  let knownHosts: string;
  const address = (machine: string): string => lab.machine(machine).address;

  before(async () => {
    lab = await fleetLab();
    for (const machine of machines) await lab.reset(machine);
    // The lab's machines have fewer types than a host usually has.
    for (const machine of machines) await onHost(lab, machine, "ssh-keygen -q -A && systemctl restart ssh");
    await onHost(lab, "log1", "mkdir -p /run/sshd && /usr/sbin/sshd -p 2222");
    const hosts = machines.map((machine) => {
      const port = machine === "log1" ? ", ansible_port: 2222" : "";
      return `    ${machine}: {ansible_host: ${address(machine)}${port}}\n`;
    });
    place = workplace(`all:\n  vars: {ansible_user: root}\n  hosts:\n${hosts.join("")}`);
    place.write(
      "playbook.yml",
      "- hosts: all\n  roles:\n    - role: ntp_client\n      servers: [192.0.2.1]\n",
    );
    const key = join(place.directory, "id");
    copyFileSync(lab.privateKeyPath, key);
    chmodSync(key, 0o600);
    mkdirSync(join(place.directory, "ssh"), { mode: 0o700 });
    knownHosts = join(place.directory, "ssh", "known_hosts");
    place.write(
      "config",
      `Host ${address("old1")}
  ProxyJump root@${address("web1")}
Host *
  IdentityFile ${key}
  UserKnownHostsFile ${knownHosts}
  GlobalKnownHostsFile /dev/null
  HashKnownHosts yes
`,
    );
  });
  after(() => place.remove());

  const trust = (...args: string[]): Promise<LfceResult> =>
    place.run(["trust", "playbook.yml", "-i", "inventory.yml", "-F", "config", ...args]);
  const trustJson = async (...args: string[]): Promise<LfceRun> => asRun(await trust("-o", "json", ...args));
  const keysOf = (run: LfceRun): HostKeyEvent[] =>
    (run.events as unknown as HostKeyEvent[]).filter(({ event }) => event === "host-key");

  /** The same on a terminal that somebody types `answers` on. */
  function typing(answers: string, ...args: string[]): Promise<LfceResult> {
    const words = [
      process.execPath,
      program,
      "trust",
      "playbook.yml",
      "-i",
      "inventory.yml",
      "-F",
      "config",
      ...args,
    ];
    return new Promise((resolve, reject) => {
      const child = spawn("script", ["-qec", words.join(" "), "/dev/null"], { cwd: place.directory });
      let stdout = "";
      let typed = false;
      child.stdout.on("data", (chunk) => {
        stdout += chunk;
        if (typed || !stdout.includes("(yes/no/fingerprints)")) return;
        typed = true;
        child.stdin.write(answers);
      });
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, stdout, stderr: "" }));
    });
  }

  /** Whether ssh itself logs in, asking nobody and trusting only what was written. */
  function sshTakes(machine: string, ...more: string[]): Promise<boolean> {
    const options = [
      "-F",
      join(place.directory, "config"),
      "-o",
      "BatchMode=yes",
      "-o",
      "StrictHostKeyChecking=yes",
    ];
    return new Promise((resolve) => {
      execFile("ssh", [...options, ...more, `root@${address(machine)}`, "true"], (error) => resolve(!error));
    });
  }

  function found(name: string): Promise<string> {
    return new Promise((resolve) => {
      execFile("ssh-keygen", ["-f", knownHosts, "-F", name], (_error, stdout) => resolve(stdout));
    });
  }

  /** A machine's key fingerprint, as ssh-keygen on that machine says it. */
  async function fingerprint(machine: string, type = "ed25519"): Promise<string> {
    const { stdout } = await lab.run(machine, ["ssh-keygen", "-lf", `/etc/ssh/ssh_host_${type}_key.pub`]);
    return stdout.split(" ")[1] ?? "";
  }

  it("a run before it names the command that helps", async () => {
    const run = await place.json("plan", undefined, "-F", "config", "-l", "db1,old1");
    assert.equal(run.code, 3);
    assert.equal(run.host("db1").error?.code, "host-key-unknown");
    assert.match(run.host("db1").error?.hint ?? "", /lfce trust PLAYBOOK --limit db1$/);
    assert.equal(run.host("old1").error?.code, "host-key-unknown");
    assert.match(run.host("old1").error?.hint ?? "", /lfce trust PLAYBOOK$/);
  });

  it("without a terminal nothing is trusted", async () => {
    const run = await trustJson();
    assert.equal(run.code, 64);
    assert.equal(run.summary.error?.code, "not-a-terminal");
    assert.throws(() => statSync(knownHosts));
  });

  it("a fingerprint of another host is an error, and the others' keys are written", async () => {
    const lines = [
      `time1 ${await fingerprint("db1")}`,
      `web1 ${await fingerprint("web1")}`,
      `[${address("log1")}]:2222 ${await fingerprint("log1", "rsa")}`,
      `old1 ${await fingerprint("old1")}`,
      `old1 ${await fingerprint("old1", "ecdsa")}`,
    ];
    place.write("expected", `${lines.join("\n")}\n`);
    const run = await trustJson("--fingerprints", "expected", "-l", "all:!db1");
    assert.equal(run.code, 3, run.trouble);
    assert.equal(run.host("time1").error?.code, "host-key-unexpected");
    for (const machine of ["web1", "log1", "old1"])
      assert.equal(run.host(machine).status, "changed", run.trouble);
    const added = keysOf(run).filter(({ result }) => result === "added");
    assert.deepEqual(added.map(({ host, type }) => `${host} ${type}`).sort(), [
      "log1 ssh-rsa",
      "old1 ecdsa-sha2-nistp256",
      "old1 ssh-ed25519",
      "web1 ssh-ed25519",
    ]);
    assert.equal(readFileSync(knownHosts, "utf8").trim().split("\n").length, added.length);
    assert.equal(statSync(knownHosts).mode & 0o777, 0o600);
  });

  it("ssh itself accepts the file: directly, at another port, through a jump host", async () => {
    assert.equal(await sshTakes("web1"), true);
    assert.equal(await sshTakes("log1", "-p", "2222"), true);
    assert.equal(await sshTakes("old1"), true);
    assert.equal(await sshTakes("time1"), false);
    assert.equal(await sshTakes("log1"), false, "at port 22 nothing is known of log1");
  });

  it("ssh-keygen finds the hashed names", async () => {
    assert.doesNotMatch(readFileSync(knownHosts, "utf8"), /172\.31/);
    assert.match(await found(address("web1")), /found: line/);
    assert.match(await found(`[${address("log1")}]:2222`), /found: line/);
    assert.equal(await found(address("time1")), "");
  });

  it("on a terminal it shows what the host's own console shows, and asks", async () => {
    const before = readFileSync(knownHosts, "utf8");
    const no = await typing("no\n", "-l", "db1");
    for (const type of ["ed25519", "ecdsa", "rsa"])
      assert.ok(no.stdout.includes(await fingerprint("db1", type)));
    assert.equal(no.code, 0, no.stdout);
    assert.equal(readFileSync(knownHosts, "utf8"), before);

    const yes = await typing("perhaps\nyes\n", "-l", "db1");
    assert.equal(yes.code, 0, yes.stdout);
    assert.match(yes.stdout, /Type yes, no, or fingerprints/);
    assert.ok(readFileSync(knownHosts, "utf8").startsWith(before));
    assert.equal(await sshTakes("db1"), true);
  });

  it("a typed fingerprint takes the key that has it, and no other", async () => {
    const before = readFileSync(knownHosts, "utf8");
    const run = await typing(`${await fingerprint("time1", "ecdsa")}\n`, "-l", "time1");
    assert.equal(run.code, 0, run.stdout);
    const added = readFileSync(knownHosts, "utf8").slice(before.length).trim().split("\n");
    assert.equal(added.length, 1);
    assert.match(added[0] ?? "", / ecdsa-sha2-nistp256 /);
    assert.equal(await sshTakes("time1"), true);
  });

  it("when all are known nobody is asked, and lfce gets to all of them", async () => {
    const before = readFileSync(knownHosts, "utf8");
    const run = await trustJson("--fingerprints", "/dev/null");
    assert.equal(run.code, 0, run.trouble);
    assert.equal(run.summary.hosts.unchanged, machines.length);
    assert.equal(readFileSync(knownHosts, "utf8"), before);
    const plan = await place.json("plan", undefined, "-F", "config");
    assert.equal(plan.code, 2, plan.trouble);
    assert.equal(plan.summary.hosts.pending, machines.length);
  });

  it("a host with new keys is refused until the command of the hint was run", async () => {
    await onHost(lab, "db1", "rm /etc/ssh/ssh_host_*_key* && ssh-keygen -q -A && systemctl restart ssh");
    const before = readFileSync(knownHosts, "utf8");
    const run = await trustJson("--yes", "-l", "db1,web1");
    assert.equal(run.code, 3);
    assert.equal(run.host("web1").status, "unchanged");
    assert.equal(run.host("db1").error?.code, "host-key-changed");
    assert.equal(readFileSync(knownHosts, "utf8"), before);

    const [, command = ""] = /installed anew: (.*); then run/.exec(run.host("db1").error?.hint ?? "") ?? [];
    assert.match(command, /^ssh-keygen -f \S+ -R 172/);
    await new Promise((resolve) => execFile("sh", ["-c", command], resolve));
    const again = await trustJson("--yes", "-l", "db1");
    assert.equal(again.code, 0, again.trouble);
    assert.equal(again.host("db1").status, "changed");
    assert.equal(await sshTakes("db1"), true);
  });

  it("keys that nobody compared are loud in every output: accept-new once, no in each run", async () => {
    const key = join(place.directory, "id");
    const record = join(place.directory, "ssh", "other");
    const config = (strict: string) =>
      `IdentityFile ${key}\nUserKnownHostsFile ${record}\nGlobalKnownHostsFile /dev/null\nHashKnownHosts no\nStrictHostKeyChecking ${strict}\n`;
    place.write("accept-new", config("accept-new"));
    place.write("off", config("no"));
    const plan = async (file: string, output: string): Promise<string> => {
      const command = ["plan", "playbook.yml", "-i", "inventory.yml", "-F", file, "-l", "web1", "-o", output];
      const run = await place.run(command);
      assert.equal(run.code, 2, run.stderr);
      return run.stdout;
    };
    assert.match(await plan("accept-new", "plain"), /was unknown and is now in .*other/);
    const first = readFileSync(record, "utf8");
    assert.equal(first.split(" ")[0], address("web1"));
    assert.doesNotMatch(await plan("accept-new", "plain"), /warning.*host key/);
    assert.equal(readFileSync(record, "utf8"), first);

    const [, , wrong] =
      (await lab.run("time1", ["cat", "/etc/ssh/ssh_host_ed25519_key.pub"])).stdout.match(/^(\S+) (\S+)/) ??
      [];
    writeFileSync(record, `${address("web1")} ssh-ed25519 ${wrong}\n`);
    for (const output of ["plain", "tty"]) {
      const text = await plan("off", output);
      assert.match(text, /HOST KEYS ARE NOT ENFORCED/, output);
      assert.match(text, /CONNECTED TO A HOST WITH A CHANGED KEY/, output);
    }
    const json = await plan("off", "json");
    assert.match(json, /"code":"host-key-checking-off"/);
    assert.match(json, /"code":"host-key-changed"/);
  });
});

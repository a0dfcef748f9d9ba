import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf, differences, snapshot } from "./host-state.ts";
import { inventoryOf, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";

const clients = ["web1", "db1", "log1", "old1"];

describe("logging in as somebody who is not root", () => {
  let lab: Lab;
  let place: Workplace;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1", "db1"] }));
    for (const machine of ["time1", "web1", "db1"]) await lab.reset(machine);
  });
  after(() => place.remove());

  for (const [user, shell, selector] of [
    ["admin", "bash", "*.*"],
    ["csh-admin", "tcsh", "*.info"],
  ] as const) {
    it(`${user} (${shell}) becomes root by sudo, applies, proves, and finds nothing to do then`, async () => {
      const as = ["-e", `ansible_user=${user}`, "-e", "ansible_become=true"];
      const playbook = timeAndLogs({ syslogClient: [`selector: "${selector}"`] });
      const run = await place.json("apply", playbook, ...as);
      assert.equal(run.code, 0, run.trouble);
      for (const machine of ["web1", "db1"]) assert.equal(run.host(machine).status, "changed");
      assert.deepEqual(run.summary.checks, { passed: 6, failed: 0, unproven: 0 });
      const { stdout } = await lab.run("web1", ["journalctl", "--no-pager", "-t", "sudo", "-o", "cat"]);
      assert.match(stdout, new RegExp(`^ *${user} : .*COMMAND=`, "m"));
      const again = await place.json("plan", undefined, ...as);
      assert.equal(again.code, 0, again.trouble);
    });
  }

  it("`become` of the plays does the same as the variable", async () => {
    const playbook = timeAndLogs({ clients: ["become: true"], syslogClient: ['selector: "*.info"'] });
    const run = await place.json("plan", playbook, "-e", "ansible_user=admin", "-l", "clients");
    assert.equal(run.code, 0, run.trouble);
    assert.equal(run.summary.hosts.unchanged, 2);
  });

  it("without become: an error that says what to set, and nothing is changed", async () => {
    await lab.reset("web1");
    const before = await snapshot(lab, "web1");
    const run = await place.json("apply", timeAndLogs(), "-e", "ansible_user=admin");
    assert.equal(run.code, 3);
    for (const machine of ["time1", "web1", "db1"]) {
      const { status, error } = run.host(machine);
      if (machine === "time1") {
        assert.equal(status, "failed");
        assert.equal(error?.code, "not-root");
        assert.match(error?.message ?? "", /admin on time1/);
        assert.match(error?.hint ?? "", /become: true/);
      } else assert.equal(status, "skipped", run.trouble);
    }
    const alone = await place.json("apply", undefined, "-e", "ansible_user=admin", "-l", "web1");
    assert.equal(alone.code, 3);
    assert.equal(alone.host("web1").error?.code, "not-root", alone.trouble);
    assert.deepEqual(differences(before, await snapshot(lab, "web1")), []);
  });
});

describe("hosts that cannot be logged in to", () => {
  let lab: Lab;
  let place: Workplace;
  let knownHosts: string;
  let run: LfceRun;
  const stock = new Map<string, Map<string, string>>();
  const refused = ["web1", "db1", "old1"];

  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients }));
    for (const machine of ["time1", ...clients]) await lab.reset(machine);
    for (const machine of refused) stock.set(machine, await snapshot(lab, machine));
    const lines = readFileSync(lab.knownHostsPath, "utf8").split("\n");
    const keyOf = (machine: string, type: string) =>
      lines
        .find((line) => line.startsWith(`${lab.machine(machine).address},`) && line.includes(` ${type} `))
        ?.split(" ")[2] ?? assert.fail(`no ${type} key of ${machine}`);
    knownHosts = join(place.directory, "known_hosts");
    place.write(
      "known_hosts",
      lines
        .filter((line) => !line.includes(",web1 "))
        // db1 was known by time1's keys.
        .map((line) =>
          line.includes(",db1 ")
            ? line.replace(/(\S+) \S+$/, (_, type: string) => `${type} ${keyOf("time1", type)}`)
            : line,
        )
        .join("\n"),
    );
    await lab.linkDown("old1");
    const common = `ansible_ssh_common_args=-o UserKnownHostsFile=${knownHosts}`;
    run = await place.json("apply", timeAndLogs(), "-e", common, "--timeout", "2s");
  });
  after(async () => {
    await lab.linkUp("old1");
    place.remove();
  });

  /** A machine's key fingerprint, as ssh-keygen on that machine says it. */
  async function fingerprint(machine: string): Promise<string> {
    const { stdout } = await lab.run(machine, ["ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub"]);
    return stdout.split(" ")[1] ?? "";
  }

  it("exits 3", () => {
    assert.equal(run.code, 3, run.trouble);
    assert.deepEqual(
      [run.summary.hosts.failed, run.summary.hosts.unreachable, run.summary.hosts.changed],
      [2, 1, 2],
    );
  });

  it("an unknown host key: its fingerprint, the file, and how to add it", async () => {
    const { status, error } = run.host("web1");
    assert.equal(status, "failed");
    assert.equal(error?.code, "host-key-unknown");
    assert.ok(error?.message.includes(await fingerprint("web1")), error?.message);
    assert.ok(error?.message.includes(knownHosts));
    assert.match(error?.hint ?? "", /lfce trust PLAYBOOK --limit web1$/);
  });

  it("a changed host key: both fingerprints, file and line, and the command that removes the old one", async () => {
    const { status, error } = run.host("db1");
    assert.equal(status, "failed");
    assert.equal(error?.code, "host-key-changed");
    assert.ok(error?.message.includes(await fingerprint("db1")), error?.message);
    assert.ok(error?.message.includes(await fingerprint("time1")), error?.message);
    const line =
      readFileSync(knownHosts, "utf8")
        .split("\n")
        .findIndex((one) => one.includes(",db1 ")) + 1;
    assert.ok(error?.message.includes(`${knownHosts}:${line}`), error?.message);
    const [, command] = error?.hint?.split(/: |; /) ?? [];
    assert.equal(command, `ssh-keygen -f ${knownHosts} -R ${lab.machine("db1").address}`);
  });

  it("no answer: unreachable, within the time-out", () => {
    const { status, error, time } = run.host("old1");
    assert.equal(status, "unreachable");
    assert.match(error?.code ?? "", /^(connect-timeout|host-unreachable)$/);
    assert.match(error?.message ?? "", /old1 \(172\.31\.96\.14:22\)/);
    const started = run.events.find((one) => one.event === "host-started" && one.host === "old1");
    const waited = Date.parse(time) - Date.parse(started?.time ?? "");
    assert.ok(waited >= 0 && waited < 4000, `${waited} ms`);
  });

  it("the others go on, and nothing is changed on these", async () => {
    assert.equal(run.host("log1").status, "changed");
    assert.ok(run.host("log1").checks.every(({ result }) => result === "passed"));
    for (const machine of refused) {
      const now = await snapshot(lab, machine);
      assert.deepEqual(differences(stock.get(machine) ?? new Map(), now), [], machine);
      const chrony = machine === "db1" ? "/etc/chrony.conf" : "/etc/chrony/chrony.conf";
      assert.ok(!(await contentOf(lab, machine, chrony)).includes("lfce"));
    }
  });
});

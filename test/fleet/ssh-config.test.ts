import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { type Workplace, workplace } from "./lfce.ts";
import { onHost } from "./proof-hosts.ts";

const playbook = `
- name: Clocks
  hosts: all
  become: true
  roles:
    - role: ntp_client
      servers: [192.0.2.1]
`;

describe("a fleet whose inventory has only names, and whose ssh_config has the rest", () => {
  let lab: Lab;
  let place: Workplace;
  before(async () => {
    lab = await fleetLab();
    for (const machine of ["time1", "web1"]) await lab.reset(machine);
    place = workplace("all: {hosts: {target: , second: }}\n");
    place.write(
      "config",
      `
Host target second
  HostName ${lab.machine("web1").address}
  User admin
  ProxyJump jump
Host jump
  HostName ${lab.machine("time1").address}
  User root
Match host 172.31.*
  IdentityFile ${lab.privateKeyPath}
  IdentitiesOnly yes
  UserKnownHostsFile ${lab.knownHostsPath}
`,
    );
    place.write("broken", "Host target\n  Port banana\n");
  });
  after(() => place.remove());
  const file = (name: string) => join(place.directory, name);

  it("is reached by -F: as its user, through its jump host, and becomes root", async () => {
    const run = await place.json("plan", playbook, "-F", "config", "--no-verify");
    assert.equal(run.code, 2, run.trouble);
    for (const host of ["target", "second"]) assert.equal(run.host(host).status, "pending", run.trouble);
    const logins = await onHost(lab, "web1", "journalctl --no-pager -o cat -u ssh -g 'Accepted publickey'");
    const from = lab.machine("time1").address;
    assert.match(logins, new RegExp(`^Accepted publickey for admin from ${from} `, "m"));
    assert.doesNotMatch(logins, new RegExp(`for admin from (?!${from} )`));
  });

  it("is not reached without it", async () => {
    const run = await place.json("plan", undefined, "-F", "none", "--no-verify", "-l", "target");
    assert.equal(run.code, 3, run.trouble);
    assert.equal(run.host("target").error?.code, "host-unreachable");
  });

  it("is not contacted when ssh would refuse the file: one error with its place, and exit code 64", async () => {
    const run = await place.run(["plan", "playbook.yml", "-i", "inventory.yml", "-F", file("broken")]);
    assert.equal(run.code, 64);
    assert.match(run.stderr, /broken:2:1: port must be a whole number, not "banana"/);
    assert.equal(run.stdout.includes("target"), false);
    const missing = await place.run(["plan", "playbook.yml", "-i", "inventory.yml", "-F", "nowhere"]);
    assert.equal(missing.code, 64);
    assert.match(missing.stderr, /there is no ssh configuration nowhere/);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf } from "./host-state.ts";
import { inventoryOf, type Workplace, workplace } from "./lfce.ts";

/** Whether chronyd on the server would answer an address. */
async function access(lab: Lab, machine: string, address: string): Promise<string> {
  const { stdout } = await lab.run(machine, ["chronyc", "accheck", address]);
  return stdout.trim().replace(/^\d+ /, "");
}

function server(parameters: string): string {
  return `- name: Server\n  hosts: time1\n  roles:\n    - role: ntp_server\n${parameters.replace(/^/gm, "      ")}\n`;
}

describe("an NTP server", () => {
  let lab: Lab;
  let place: Workplace;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1"] }));
    await lab.reset("time1");
  });
  after(() => place.remove());

  it("lets a network in, and nobody else", async () => {
    const run = await place.json("apply", server("allow: [192.0.2.0/24]\nlocal_stratum: 10"));
    assert.equal(run.code, 0, run.trouble);
    assert.equal(await access(lab, "time1", "192.0.2.7"), "Access allowed");
    assert.equal(await access(lab, "time1", "198.51.100.7"), "Access denied");
  });

  it("lets a host of the inventory in by its address", async () => {
    const run = await place.json("apply", server("allow: [{ host: web1 }]\nlocal_stratum: 10"));
    assert.equal(run.code, 0, run.trouble);
    assert.match(await contentOf(lab, "time1", "/etc/chrony/chrony.conf"), /^allow 172\.31\.96\.13$/m);
    assert.equal(await access(lab, "time1", "172.31.96.13"), "Access allowed");
  });

  it("lets a name in that resolves there, and warns that it now needs it at boot", async () => {
    await lab.run("time1", ["sh", "-c", "echo 203.0.113.9 printer.example >> /etc/hosts"]);
    const run = await place.json("apply", server("allow: [printer.example]\nlocal_stratum: 10"));
    assert.equal(run.code, 0, run.trouble);
    assert.equal(await access(lab, "time1", "203.0.113.9"), "Access allowed");
    assert.ok(run.host("time1").warnings.some(({ message }) => message.includes("printer.example")));
  });

  it("refuses a name that does not resolve there: chronyd would not start", async () => {
    const before = await contentOf(lab, "time1", "/etc/chrony/chrony.conf");
    const run = await place.json("apply", server("allow: [nobody.example]\nlocal_stratum: 10"));
    assert.equal(run.code, 3);
    assert.match(run.host("time1").error?.message ?? "", /nobody\.example/);
    assert.equal(await contentOf(lab, "time1", "/etc/chrony/chrony.conf"), before);
  });

  it("lets everyone in", async () => {
    const run = await place.json("apply", server("allow: all\nlocal_stratum: 10"));
    assert.equal(run.code, 0, run.trouble);
    assert.equal(await access(lab, "time1", "198.51.100.7"), "Access allowed");
    assert.equal(await access(lab, "time1", "2001:db8::7"), "Access allowed");
  });

  it("serves its own clock at the declared stratum", async () => {
    const { stdout } = await lab.run("time1", ["chronyc", "-c", "tracking"]);
    const [reference, , stratum] = stdout.split(",");
    assert.deepEqual([reference, stratum], ["7F7F0101", "10"]);
  });
});

describe("an NTP client", () => {
  let lab: Lab;
  let place: Workplace;
  const client = (parameters = "") =>
    `${server("allow: [172.31.96.0/20]\nlocal_stratum: 10").replace("hosts: time1", "hosts: servers")}
- name: Clients
  hosts: clients
  roles:
    - role: ntp_client
${parameters.replace(/^(?=.)/gm, "      ")}
`;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1", "log1"], clients: ["web1", "db1"] }));
    for (const machine of ["time1", "log1", "web1", "db1"]) await lab.reset(machine);
  });
  after(() => place.remove());

  it("switches off the servers in use, on Debian and EL layout, and adds several of ours", async () => {
    const run = await place.json("apply", client());
    assert.equal(run.code, 0, run.trouble);
    const debian = await contentOf(lab, "web1", "/etc/chrony/chrony.conf");
    assert.match(debian, /^#lfce# pool 2\.debian\.pool\.ntp\.org iburst$/m);
    assert.match(debian, /^server 172\.31\.96\.11 iburst\nserver 172\.31\.96\.12 iburst$/m);
    const el = await contentOf(lab, "db1", "/etc/chrony.conf");
    assert.match(el, /^#lfce# pool /m);
    assert.match(el, /^server 172\.31\.96\.11 iburst$/m);
  });

  it("has selected one of them", async () => {
    for (const machine of ["web1", "db1"]) {
      const { stdout } = await lab.run(machine, ["chronyc", "-n", "sources"]);
      assert.match(stdout, /^\^\* 172\.31\.96\.1[12] /m, machine);
      assert.doesNotMatch(stdout, /pool\.ntp\.org/, machine);
    }
  });

  it("keeps the other sources with exclusive: false", async () => {
    await lab.reset("web1");
    const run = await place.json("apply", client("exclusive: false"), "--limit", "web1");
    assert.equal(run.code, 0, run.trouble);
    assert.match(
      await contentOf(lab, "web1", "/etc/chrony/chrony.conf"),
      /^pool 2\.debian\.pool\.ntp\.org iburst$/m,
    );
  });

  it("takes a declared server away again when the playbook no longer names it", async () => {
    const run = await place.json("apply", client("servers: [{ host: log1, minpoll: 4, maxpoll: 6 }]"));
    assert.equal(run.code, 0, run.trouble);
    const text = await contentOf(lab, "web1", "/etc/chrony/chrony.conf");
    assert.match(
      text,
      /^server 172\.31\.96\.12 .*minpoll 4.*maxpoll 6|^server 172\.31\.96\.12 .*maxpoll 6.*minpoll 4/m,
    );
    assert.doesNotMatch(text, /^server 172\.31\.96\.11/m);
  });
});

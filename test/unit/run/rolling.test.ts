import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimulatedFleet, type SimulatedHost, simulatedFleet } from "./simulated-fleet.ts";

const names = ["time1", "web1", "web2", "web3", "web4"];
const playbook = (keys: string) => `
- hosts: time1
  roles: [{ role: ntp_server, allow: all, local_stratum: 10 }]
- name: Clients
  hosts: all:!time1
${keys}  roles: [{ role: ntp_client }]
`;

function host(fleet: SimulatedFleet, name: string): SimulatedHost {
  return fleet.hosts.get(name) as SimulatedHost;
}

async function statuses(fleet: SimulatedFleet): Promise<string[]> {
  await fleet.run({});
  return [...fleet.hosts.keys()].map((name) => fleet.finished(name).status);
}

describe("the first batch of a list of batches", () => {
  it("is proven and committed before any host of the next is touched", async () => {
    const fleet = simulatedFleet(playbook("  serial: [1, 100%]\n"), names);
    await fleet.run({});
    const first = fleet.log.findIndex((line) => /^web[234]: /.test(line));
    assert.ok(fleet.log.slice(0, first).includes("web1: commit"), fleet.log.join("\n"));
  });

  it("stops the play when its change is put back, is unhealthy, or nobody answers", async () => {
    for (const trouble of ["deaf", "unhealthy", "unreachable"] as const) {
      const fleet = simulatedFleet(playbook("  serial: [1, 100%]\n"), names);
      host(fleet, "web1")[trouble] = true;
      const [, first, ...others] = await statuses(fleet);
      assert.notEqual(first, "changed", trouble);
      assert.deepEqual(others, ["skipped", "skipped", "skipped"], trouble);
      assert.equal(fleet.finished("web4").error?.code, "too-many-failures");
      assert.deepEqual(host(fleet, "web4").log, []);
    }
  });

  it("must be right on every one of its hosts", async () => {
    const fleet = simulatedFleet(playbook("  serial: [2, 1, 1]\n"), names);
    host(fleet, "web2").deaf = true;
    assert.deepEqual(await statuses(fleet), ["changed", "changed", "rolled-back", "skipped", "skipped"]);
  });

  it("may fail where max_fail_percentage says so", async () => {
    const fleet = simulatedFleet(playbook("  serial: [1, 100%]\n  max_fail_percentage: 100\n"), names);
    host(fleet, "web1").deaf = true;
    assert.deepEqual(await statuses(fleet), ["changed", "rolled-back", "changed", "changed", "changed"]);
  });

  it("stops the play's hosts in later waves, too", async () => {
    const chain = `
- hosts: time1
  roles: [{ role: ntp_server, allow: all, local_stratum: 10 }]
- name: Middle
  hosts: mid1:mid2:web1
  serial: [1, 1]
  roles: [{ role: ntp_client, servers: [192.0.2.99] }]
- hosts: web1
  roles: [{ role: ntp_client, servers: [192.0.2.99] }]
- hosts: mid1
  roles: [{ role: ntp_server, allow: all }]
`;
    const fleet = simulatedFleet(chain, ["time1", "mid1", "mid2", "web1"]);
    const later = { client: "web1", server: "mid2", kind: "syslog" as const };
    const references = [...fleet.declaration.references, later];
    host(fleet, "mid1").unreachable = true;
    await fleet.run({ fleet: { ...fleet.declaration, references } });
    for (const name of ["mid2", "web1"]) {
      assert.equal(fleet.finished(name).error?.code, "too-many-failures", name);
    }
    assert.equal(fleet.finished("time1").status, "changed");
  });
});

describe("batches of one size", () => {
  it("go on after a failure, but not after a batch of which every host failed", async () => {
    const fleet = simulatedFleet(playbook("  serial: 2\n"), names);
    host(fleet, "web1").deaf = true;
    assert.deepEqual(await statuses(fleet), ["changed", "rolled-back", "changed", "changed", "changed"]);
    const worse = simulatedFleet(playbook("  serial: 2\n"), names);
    for (const name of ["web1", "web2"]) host(worse, name).unreachable = true;
    assert.deepEqual(await statuses(worse), ["changed", "unreachable", "unreachable", "skipped", "skipped"]);
  });

  it("without `serial` there is nothing to stop", async () => {
    const fleet = simulatedFleet(playbook(""), names);
    for (const name of ["web1", "web2", "web3"]) host(fleet, name).unreachable = true;
    assert.equal((await statuses(fleet)).at(-1), "changed");
  });
});

describe("an interrupt in the first batch", () => {
  it("is no failure of it: every host says that the run was interrupted", async () => {
    const fleet = simulatedFleet(playbook("  serial: [1, 100%]\n"), names);
    const { log } = host(fleet, "web1");
    log.push = (...what) => {
      if (what[0] === "observe") fleet.interrupt.abort();
      return Array.prototype.push.apply(log, what);
    };
    await fleet.run({});
    assert.equal(fleet.finished("web4").error?.code, "interrupted");
  });
});

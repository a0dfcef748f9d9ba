import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { agreementOn } from "../../../src/run/agreement.ts";
import { playbook } from "./server-and-clients.ts";
import { type SimulatedHost, simulatedFleet } from "./simulated-fleet.ts";

const names = ["time1", "web1", "web2", "web3", "web4"];

describe("a run over a fleet", () => {
  it("changes and proves servers before their clients are touched", async () => {
    const fleet = simulatedFleet(playbook(), ["web1", "time1"]);
    const outcome = await fleet.run({});
    assert.deepEqual(
      fleet.log.filter((line) => !line.endsWith(": observe") && !line.endsWith(": close")),
      ["time1: apply", "time1: prove", "time1: commit", "web1: apply", "web1: prove", "web1: commit"],
    );
    assert.equal(outcome.hosts.changed, 2);
    assert.deepEqual(outcome.checks, { passed: 2, failed: 0, unproven: 0 });
  });

  it("applies nothing where nothing differs", async () => {
    const fleet = simulatedFleet(playbook(), names);
    await fleet.run({});
    for (const host of fleet.hosts.values()) host.log.length = 0;
    const again = await fleet.run({});
    assert.equal(again.hosts.unchanged, names.length);
    for (const host of fleet.hosts.values()) assert.ok(!host.log.includes("apply"));
  });

  it("tells once what is odd about a host's connection, also where nothing else works", async () => {
    const fleet = simulatedFleet(playbook(), ["time1", "web1", "web2"]);
    const odd = { code: "host-key-checking-off", message: "whoever answers is let in" };
    for (const name of ["web1", "web2"])
      (fleet.hosts.get(name) as SimulatedHost).warnings = [odd, { ...odd }];
    (fleet.hosts.get("web2") as SimulatedHost).broken = true;
    await fleet.run({ command: "plan" });
    assert.equal(fleet.finished("web2").status, "failed");
    for (const name of ["web1", "web2"]) {
      const told = fleet.finished(name).warnings.filter(({ code }) => code === odd.code);
      assert.deepEqual(told, [odd], name);
    }
  });

  it("tells what is odd about a server outside the run with the client that needed it", async () => {
    const fleet = simulatedFleet(playbook(), ["time1", "web1"]);
    const odd = { code: "host-key-checking-off", message: "whoever answers is let in" };
    (fleet.hosts.get("time1") as SimulatedHost).warnings = [odd];
    (fleet.hosts.get("web1") as SimulatedHost).deaf = true;
    await fleet.run({ command: "verify", hosts: ["web1"] });
    assert.ok(fleet.finished("web1").warnings.some(({ code }) => code === odd.code));
  });

  it("only observes in a plan", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const outcome = await fleet.run({ command: "plan" });
    assert.equal(outcome.hosts.pending, names.length);
    for (const host of fleet.hosts.values()) assert.deepEqual(host.log, ["observe", "close"]);
  });

  it("announces no change on a host that cannot be changed as declared", async () => {
    const both = `
- hosts: all
  roles: [{ role: ntp_client, servers: [192.0.2.9], directives: { makestep: "1 3" } }]
`;
    const fleet = simulatedFleet(both, ["web1"]);
    const web1 = fleet.hosts.get("web1");
    assert.ok(web1);
    web1.content = "# lfce: begin ntp_client, playbook other\nserver 192.0.2.8\n# lfce: end ntp_client\n";
    await fleet.run({ command: "plan" });
    assert.equal(fleet.finished("web1").status, "failed");
    assert.deepEqual(fleet.finished("web1").changes, []);
  });

  it("puts a host back whose proof fails, and goes on with the others", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const web1 = fleet.hosts.get("web1");
    assert.ok(web1);
    web1.deaf = true;
    const before = web1.content;
    const outcome = await fleet.run({});
    assert.equal(fleet.finished("web1").status, "rolled-back");
    assert.equal(fleet.finished("web1").error?.code, "proof-failed");
    assert.equal(web1.content, before);
    assert.equal(outcome.hosts.rolledBack, 1);
    assert.equal(outcome.hosts.changed, names.length - 1);
  });

  it("leaves an unproven change with --keep-failed, and says that it failed", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const web1 = fleet.hosts.get("web1");
    assert.ok(web1);
    web1.deaf = true;
    await fleet.run({ keepFailed: true });
    assert.equal(fleet.finished("web1").status, "failed");
    assert.ok(web1.log.includes("commit"));
  });

  it("commits without proofs with --no-verify", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const outcome = await fleet.run({ verify: false });
    assert.equal(outcome.hosts.changed, names.length);
    assert.ok(!fleet.log.some((line) => line.endsWith(": prove")));
  });

  it("skips clients all of whose servers failed", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const time1 = fleet.hosts.get("time1");
    assert.ok(time1);
    time1.unreachable = true;
    const outcome = await fleet.run({});
    assert.equal(fleet.finished("time1").status, "unreachable");
    assert.equal(fleet.finished("web1").status, "skipped");
    assert.equal(fleet.finished("web1").error?.code, "servers-failed");
    assert.equal(outcome.hosts.skipped, 4);
    assert.deepEqual(fleet.hosts.get("web1")?.log, []);
  });

  it("skips clients of servers that were skipped, too", async () => {
    const chain = `
- hosts: time1
  roles: [{ role: ntp_server, allow: all, local_stratum: 10 }]
- hosts: mid1
  roles: [{ role: ntp_server, allow: all, sources: [{ host: time1 }] }]
- hosts: web1
  roles: [{ role: ntp_client, servers: [{ host: mid1 }] }]
`;
    const fleet = simulatedFleet(chain, ["time1", "mid1", "web1"]);
    const time1 = fleet.hosts.get("time1");
    assert.ok(time1);
    time1.unreachable = true;
    await fleet.run({});
    assert.equal(fleet.finished("mid1").error?.code, "servers-failed");
    assert.equal(fleet.finished("web1").error?.code, "servers-failed");
    assert.deepEqual(fleet.hosts.get("web1")?.log, []);
  });

  it("makes no other changes than those that were agreed to", async () => {
    const fleet = simulatedFleet(playbook(), names);
    await fleet.run({ command: "plan" });
    const agreement = new Map(names.map((name) => [name, agreementOn(fleet.finished(name).changes)]));
    fleet.events.length = 0;
    const web2 = fleet.hosts.get("web2");
    assert.ok(web2);
    web2.content = "driftfile /var/lib/chrony/drift\nserver 192.0.2.7 iburst\n";
    const outcome = await fleet.run({ agreement });
    assert.equal(fleet.finished("web2").status, "failed");
    assert.equal(fleet.finished("web2").error?.code, "plan-changed");
    assert.deepEqual(fleet.finished("web2").changes, []);
    assert.ok(!web2.log.includes("apply"));
    assert.equal(outcome.hosts.changed, names.length - 1);
  });

  it("stops a play when more than max_fail_percentage of a batch failed", async () => {
    const fleet = simulatedFleet(playbook("  serial: [1, 2]\n  max_fail_percentage: 0\n"), names);
    const web2 = fleet.hosts.get("web2");
    assert.ok(web2);
    web2.deaf = true;
    await fleet.run({});
    assert.deepEqual(
      names.map((name) => fleet.finished(name).status),
      ["changed", "changed", "rolled-back", "changed", "skipped"],
    );
    assert.equal(fleet.finished("web4").error?.code, "too-many-failures");
  });

  it("begins no other host of a batch once too many have failed in it", async () => {
    const fleet = simulatedFleet(playbook("  max_fail_percentage: 40\n"), names);
    for (const name of ["web1", "web2"]) (fleet.hosts.get(name) as SimulatedHost).unreachable = true;
    await fleet.run({ forks: 1 });
    assert.deepEqual(
      names.map((name) => fleet.finished(name).status),
      ["changed", "unreachable", "unreachable", "skipped", "skipped"],
    );
    assert.match(fleet.finished("web4").error?.message ?? "", /2 of 4 hosts failed in a batch/);
    assert.deepEqual(fleet.hosts.get("web3")?.log, []);
  });

  it("leaves alone a host that was still being looked at when too many had failed", async () => {
    for (const request of [{}, { command: "drift", fix: true }] as const) {
      const fleet = simulatedFleet(playbook("  max_fail_percentage: 0\n"), names);
      (fleet.hosts.get("web1") as SimulatedHost).unhealthy = true;
      const others = ["web2", "web3", "web4"];
      const hasFailed = () =>
        fleet.events.some((event) => event.event === "host-finished" && event.host === "web1");
      for (const name of others) {
        (fleet.hosts.get(name) as SimulatedHost).beforeLook = async () => {
          while (!hasFailed()) await turn();
        };
      }
      await fleet.run({ forks: 2, ...request });
      for (const name of others) {
        const { status, error, changes, drift } = fleet.finished(name);
        assert.deepEqual([status, error?.code], ["skipped", "too-many-failures"]);
        // What was found is not judged to its end: nothing is told of it, as of hosts that were not begun.
        assert.deepEqual([changes, drift], [[], undefined]);
        assert.ok(!fleet.hosts.get(name)?.log.includes("apply"));
      }
    }
  });

  it("looks at every host whatever failed, where nothing is changed", async () => {
    for (const command of ["plan", "drift", "verify"] as const) {
      const fleet = simulatedFleet(playbook("  serial: [1, 1]\n  max_fail_percentage: 0\n"), names);
      (fleet.hosts.get("web1") as SimulatedHost).unreachable = true;
      await fleet.run({ command });
      assert.equal(fleet.finished("web1").status, "unreachable");
      for (const name of ["web2", "web3", "web4"]) {
        assert.equal(fleet.hosts.get(name)?.log[0], "observe", `${command} ${name}`);
      }
    }
  });

  it("counts failures of hosts that need each other for their play, too", async () => {
    const text = playbook("  max_fail_percentage: 0\n").replace("all:!time1", "web1:web2:web3:web4");
    const circle = (one: string, other: string) => [
      { client: one, server: other, kind: "syslog" as const },
      { client: other, server: one, kind: "syslog" as const },
    ];
    // web1 and web2 log to each other, and so do web3 and web4, a wave later.
    const logs = [...circle("web1", "web2"), ...circle("web3", "web4")];
    const later = { client: "web3", server: "web1", kind: "syslog" as const };
    const fleet = simulatedFleet(text, names);
    const references = [...fleet.declaration.references, ...logs, later];
    const web2 = fleet.hosts.get("web2");
    assert.ok(web2);
    web2.deaf = true;
    await fleet.run({ fleet: { ...fleet.declaration, references } });
    assert.deepEqual(
      names.map((name) => fleet.finished(name).status),
      ["changed", "changed", "rolled-back", "skipped", "skipped"],
    );
    assert.equal(fleet.finished("web3").error?.code, "too-many-failures");
  });

  it("reads servers outside --limit for the proofs, and changes nothing there", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const web1 = fleet.hosts.get("web1");
    assert.ok(web1);
    web1.deaf = true;
    await fleet.run({ hosts: ["web1"] });
    assert.deepEqual(fleet.hosts.get("time1")?.log, ["observe", "prove", "close"]);
    assert.deepEqual(fleet.hosts.get("web2")?.log, []);
  });

  it("finds a circle of time servers outside --limit as well, before any host is contacted", async () => {
    const circle = `
- hosts: time1
  roles: [{ role: ntp_server, allow: all, sources: [{ host: time2 }] }]
- hosts: time2
  roles: [{ role: ntp_server, allow: all, sources: [{ host: time1 }] }]
- hosts: web1
  roles: [{ role: ntp_client }]
`;
    const fleet = simulatedFleet(circle, ["time1", "time2", "web1"]);
    await assert.rejects(fleet.run({ hosts: ["web1"] }), { code: "ntp-cycle" });
    assert.deepEqual(fleet.log, []);
  });

  it("an interrupt starts nothing new and puts back what was not proven", async () => {
    const fleet = simulatedFleet(playbook("  serial: 1\n"), names);
    const web2 = fleet.hosts.get("web2");
    assert.ok(web2);
    const before = web2.content;
    web2.log.push = (...what) => {
      if (what[0] === "apply") fleet.interrupt.abort();
      return Array.prototype.push.apply(web2.log, what);
    };
    const outcome = await fleet.run({});
    assert.equal(outcome.interrupted, true);
    assert.deepEqual(
      names.map((name) => fleet.finished(name).status),
      ["changed", "changed", "rolled-back", "skipped", "skipped"],
    );
    assert.equal(web2.content, before);
    assert.deepEqual(fleet.hosts.get("web3")?.log, []);
  });

  it("says of every host how it ended, exactly once", async () => {
    const fleet = simulatedFleet(playbook("  serial: 2\n"), names);
    const web3 = fleet.hosts.get("web3");
    assert.ok(web3);
    web3.unreachable = true;
    await fleet.run({});
    const finished = fleet.events.flatMap((event) => (event.event === "host-finished" ? [event.host] : []));
    assert.deepEqual([...finished].sort(), [...names].sort());
  });
});

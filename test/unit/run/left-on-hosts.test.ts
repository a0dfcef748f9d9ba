import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { simulatedFleet } from "./simulated-fleet.ts";

const playbook = () => `
- name: Servers
  hosts: time1
  roles: [{ role: ntp_server, allow: [192.0.2.0/24], local_stratum: 10 }]
- name: Clients
  hosts: all:!time1
  roles: [{ role: ntp_client }]
`;
const names = ["time1", "web1"];

describe("what is left on hosts", () => {
  it("puts back what an earlier run left open before it plans, even where the files look right", async () => {
    const fleet = simulatedFleet(playbook(), ["time1", "web1"]);
    await fleet.run({});
    const web1 = fleet.hosts.get("web1");
    assert.ok(web1);
    const declared = web1.content;
    web1.cutOff = "pool ntp.example iburst\n";
    fleet.events.length = 0;
    await fleet.run({ command: "plan" });
    assert.equal(fleet.finished("web1").status, "pending");
    assert.match(
      fleet.finished("web1").changes[0]?.reason ?? "",
      /interrupted change cut-off is put back first/,
    );
    assert.equal(web1.content, declared);

    fleet.events.length = 0;
    web1.log.length = 0;
    const outcome = await fleet.run({});
    assert.deepEqual(web1.log, [
      "observe",
      "apply",
      "rollback",
      "observe",
      "apply",
      "prove",
      "commit",
      "close",
    ]);
    assert.equal(fleet.finished("web1").status, "changed");
    assert.deepEqual(
      fleet.finished("web1").changes.map(({ target }) => target),
      ["/var/lib/lfce/transactions/cut-off", "/etc/chrony/chrony.conf", "chrony"],
    );
    assert.match(web1.content, /^server 192\.0\.2\.1/m);
    assert.equal(outcome.hosts.failed, 0);
  });

  it("lets apply tidy up what a cut-off run had made ready; a plan shows no change for that", async () => {
    const fleet = simulatedFleet(playbook(), names);
    await fleet.run({});
    const web1 = fleet.hosts.get("web1");
    assert.ok(web1);
    web1.madeReady = true;
    fleet.events.length = 0;
    await fleet.run({ command: "plan" });
    assert.equal(fleet.finished("web1").status, "unchanged");
    assert.equal(web1.madeReady, true);
    fleet.events.length = 0;
    await fleet.run({});
    assert.equal(fleet.finished("web1").status, "unchanged");
    assert.equal(web1.madeReady, undefined);
  });

  it("tells of a change that the host put back by itself, until an apply has taken note of it", async () => {
    const fleet = simulatedFleet(playbook(), names);
    await fleet.run({});
    const web1 = fleet.hosts.get("web1");
    assert.ok(web1);
    const told = async (command: "plan" | "drift" | "verify" | "apply") => {
      fleet.events.length = 0;
      web1.log.length = 0;
      web1.putBack = "no verdict came within the lease";
      await fleet.run({ command });
      return fleet.finished("web1").warnings.map(({ code, message }) => `${code}: ${message}`);
    };
    assert.deepEqual(await told("drift"), []);
    const [finding] = fleet.finished("web1").drift?.filter(({ code }) => code === "change-put-back") ?? [];
    assert.match(finding?.message ?? "", /no verdict came within the lease/);
    for (const command of ["plan", "verify", "apply"] as const) {
      const warnings = await told(command);
      assert.equal(warnings.length, 1, command);
      assert.match(warnings[0] ?? "", /^put-back-by-the-host: .*no verdict came within the lease/);
      assert.equal(web1.log.includes("apply"), command === "apply");
    }
    // Nothing of it touched the daemons: what was seen of them before is their proof.
    assert.deepEqual(web1.log, ["observe", "apply", "rollback", "close"]);
    assert.equal(fleet.finished("web1").status, "unchanged");
    assert.equal(web1.putBack, undefined);
  });

  it("says which packages it installed and left, when the rest is put back or was not begun", async () => {
    const failed = simulatedFleet(playbook(), names);
    Object.assign(failed.hosts.get("web1") ?? {}, { bare: true, deaf: true });
    await failed.run({});
    assert.equal(failed.finished("web1").status, "rolled-back");
    assert.match(
      failed.finished("web1").error?.message ?? "",
      /everything was put back, except that chrony stays installed$/,
    );

    const stopped = simulatedFleet(playbook(), names);
    const web1 = stopped.hosts.get("web1");
    assert.ok(web1);
    web1.bare = true;
    web1.log.push = (...what) => {
      if (what[0] === "install") stopped.interrupt.abort();
      return Array.prototype.push.apply(web1.log, what);
    };
    await stopped.run({ forks: 1 });
    assert.ok(!web1.log.includes("apply"));
    assert.match(
      stopped.finished("web1").error?.message ?? "",
      /nothing was changed on web1, except that chrony stays installed$/,
    );
    assert.deepEqual(
      stopped
        .finished("web1")
        .changes.map(({ kind, target }) => `${kind} ${target}`)
        .slice(0, 1),
      ["package chrony"],
    );
  });

  it("says so as well when what comes after the installation fails on the host", async () => {
    const fleet = simulatedFleet(playbook(), names);
    Object.assign(fleet.hosts.get("web1") ?? {}, { bare: true, unhealthy: true });
    await fleet.run({});
    assert.equal(fleet.finished("web1").status, "failed");
    assert.match(
      fleet.finished("web1").error?.message ?? "",
      /not running after the change\nchrony stays installed$/,
    );
  });
});

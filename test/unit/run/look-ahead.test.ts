import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLooksAhead } from "../../../src/run/look-ahead.ts";
import { playbook } from "./server-and-clients.ts";
import { type SimulatedHost, simulatedFleet } from "./simulated-fleet.ts";

const names = ["time1", "web1", "web2", "web3"];

const looks = (log: readonly string[]) => log.filter((line) => line.endsWith(": observe"));

describe("looking at the next wave while one is at work", () => {
  it("looks once at each host, and changes it only after its server was proven", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const outcome = await fleet.run({});
    assert.equal(outcome.hosts.changed, names.length);
    assert.deepEqual(
      looks(fleet.log),
      names.map((name) => `${name}: observe`),
    );
    const proven = fleet.log.indexOf("time1: commit");
    for (const name of names.slice(1)) {
      assert.ok(fleet.log.indexOf(`${name}: observe`) < proven, name);
      assert.ok(fleet.log.indexOf(`${name}: apply`) > proven, name);
    }
  });

  it("takes no more hosts than `forks` leaves room for", async () => {
    const fleet = simulatedFleet(playbook(), names);
    await fleet.run({ forks: 2 });
    const before = fleet.log.slice(0, fleet.log.indexOf("time1: commit"));
    assert.deepEqual(looks(before).sort(), ["time1: observe", "web1: observe"]);
  });

  it("looks at the first batch alone", async () => {
    const fleet = simulatedFleet(playbook("  serial: 1\n"), names);
    await fleet.run({});
    const before = fleet.log.slice(0, fleet.log.indexOf("time1: commit"));
    assert.deepEqual(looks(before).sort(), ["time1: observe", "web1: observe"]);
  });

  it("proves by what it saw ahead where no server was changed", async () => {
    const fleet = simulatedFleet(playbook(), names);
    await fleet.run({});
    fleet.log.length = 0;
    assert.equal((await fleet.run({})).hosts.unchanged, names.length);
    assert.ok(!fleet.log.includes("web1: prove"));
  });

  it("asks again for the proof of a host that was looked at before its server was changed", async () => {
    const fleet = simulatedFleet(playbook(), names);
    await fleet.run({});
    const time1 = fleet.hosts.get("time1") as SimulatedHost;
    time1.content = "driftfile /var/lib/chrony/drift\npool ntp.example iburst\n";
    fleet.log.length = 0;
    const outcome = await fleet.run({});
    assert.deepEqual([outcome.hosts.changed, outcome.hosts.unchanged], [1, 3]);
    assert.ok(fleet.log.includes("web1: prove"));
  });

  it("asks again where hosts that need each other share a wave, and one of them was changed", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const logs = { client: "time1", server: "web1", kind: "syslog" as const };
    const circle = { ...fleet.declaration, references: [...fleet.declaration.references, logs] };
    await fleet.run({ fleet: circle });
    const time1 = fleet.hosts.get("time1") as SimulatedHost;
    time1.content = "driftfile /var/lib/chrony/drift\npool ntp.example iburst\n";
    fleet.log.length = 0;
    await fleet.run({ fleet: circle });
    assert.ok(fleet.log.includes("web1: prove"));
  });

  it("looks anew where the connection of the look was too old to be kept", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const time1 = fleet.hosts.get("time1") as SimulatedHost;
    // It settles when its clients' connections are 15 s old, and is proven when they are 22 s old.
    time1.onEvent = (what) => {
      if (what === "apply") fleet.clock.now = 15_000;
      if (what === "commit") fleet.clock.now = 22_000;
    };
    const outcome = await fleet.run({});
    assert.equal(outcome.hosts.changed, names.length);
    assert.equal(looks(fleet.log).filter((line) => line === "web1: observe").length, 2);
  });

  it("never asks a host twice at the same time, however long a look takes", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const web1 = fleet.hosts.get("web1") as SimulatedHost;
    const time1 = fleet.hosts.get("time1") as SimulatedHost;
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    web1.beforeLook = () => answered;
    time1.onEvent = (what) => {
      if (what === "commit") fleet.clock.now = 12_000;
    };
    (fleet.hosts.get("web3") as SimulatedHost).onEvent = (what) => {
      if (what === "commit") answer();
    };
    assert.equal((await fleet.run({})).hosts.changed, names.length);
    assert.equal(looks(fleet.log).filter((line) => line === "web1: observe").length, 1);
  });

  it("lets go of hosts that are skipped after they were looked at, before the next wave", async () => {
    const fleet = simulatedFleet(playbook(), names);
    // A wave of its own, after the others.
    const logs = { client: "web3", server: "web2", kind: "syslog" as const };
    const references = [...fleet.declaration.references, logs];
    let isLast = false;
    (fleet.hosts.get("web1") as SimulatedHost).onEvent = (what) => {
      if (what === "close") isLast = fleet.events.some((one) => "host" in one && one.host === "web3");
    };
    const time1 = fleet.hosts.get("time1") as SimulatedHost;
    time1.onEvent = (what) => {
      if (what === "commit") throw new Error("it came too late");
    };
    await fleet.run({ fleet: { ...fleet.declaration, references } });
    assert.deepEqual(
      names.map((name) => fleet.finished(name).status),
      ["failed", "skipped", "skipped", "skipped"],
    );
    assert.deepEqual(fleet.hosts.get("web1")?.log, ["observe", "close"]);
    assert.equal(isLast, false);
  });

  it("tells of a host that could not be looked at when its wave has come", async () => {
    const fleet = simulatedFleet(playbook(), names);
    (fleet.hosts.get("web2") as SimulatedHost).broken = true;
    await fleet.run({});
    assert.deepEqual(
      names.map((name) => fleet.finished(name).status),
      ["changed", "changed", "failed", "changed"],
    );
  });

  it("does not look ahead for drift that is mended: servers come first", async () => {
    const fleet = simulatedFleet(playbook(), names);
    await fleet.run({ command: "drift", fix: true });
    const before = fleet.log.slice(0, fleet.log.indexOf("time1: commit"));
    assert.deepEqual(looks(before), ["time1: observe"]);
  });

  it("believes a look for ten seconds, and hands it out once", async () => {
    const fleet = simulatedFleet(playbook(), names);
    const declaration = fleet.declaration.hosts.get("web1");
    assert.ok(declaration);
    const clock = { now: 0 };
    const refused = Promise.reject(new Error("no way to it"));
    refused.catch(() => {});
    const another = Promise.reject(new Error("no way to it either"));
    another.catch(() => {});
    const over = () => new Promise((resolve) => setImmediate(resolve));
    const request = { command: "apply", verify: true, fleet: fleet.declaration } as const;
    const ahead = createLooksAhead(request, { warm: () => refused }, { now: () => clock.now });
    ahead.prepare(declaration);
    ahead.begin();
    await over();
    clock.now = 10_000;
    await assert.rejects(ahead.take("web1", refused) ?? Promise.resolve(), /no way to it/);
    assert.equal(ahead.take("web1", refused), undefined);
    ahead.prepare(declaration);
    ahead.begin();
    await over();
    clock.now = 20_001;
    assert.equal(ahead.take("web1", refused), undefined);
    ahead.prepare(declaration);
    ahead.begin();
    assert.equal(ahead.take("web1", another), undefined);
    ahead.prepare(declaration);
    ahead.forget();
    ahead.begin();
    assert.equal(ahead.take("web1", refused), undefined);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostFinished } from "../../../src/core/events.ts";
import type { RunRequest } from "../../../src/run/run-request.ts";
import { type SimulatedFleet, type SimulatedHost, simulatedFleet } from "./simulated-fleet.ts";

const playbook = `
- name: Servers
  hosts: time1
  roles: [{ role: ntp_server, allow: [192.0.2.0/24], local_stratum: 10 }]
- name: Clients
  hosts: all:!time1
  roles: [{ role: ntp_client }]
`;
const names = ["time1", "web1", "web2"];

interface Night {
  fleet: SimulatedFleet;
  host(name: string): SimulatedHost;
  /** Looks at the fleet, and what came of it by status. */
  drift(request?: Partial<RunRequest>): Promise<Record<string, number>>;
  /** `CODE ITEM` of a host's findings; undefined: it was not looked at. */
  told(name: string): string[] | undefined;
}

/** A fleet after an apply. */
async function night(hosts: readonly string[] = names, text = playbook): Promise<Night> {
  const fleet = simulatedFleet(text, hosts);
  await fleet.run({});
  const host = (name: string) => fleet.hosts.get(name) as SimulatedHost;
  return {
    fleet,
    host,
    drift: async (request = {}) => {
      fleet.events.length = 0;
      for (const one of fleet.hosts.values()) one.log.length = 0;
      const { hosts } = await fleet.run({ command: "drift", ...request });
      return Object.fromEntries(Object.entries(hosts).filter(([, count]) => count > 0));
    },
    told: (name) => keys(fleet.finished(name).drift),
  };
}

function keys(findings: HostFinished["drift"] | HostFinished["resolved"]): string[] | undefined {
  return findings?.map(({ code, item }) => `${code} ${item}`);
}

/** A line of lfce's goes, another comes. */
function editByHand(host: SimulatedHost): void {
  host.content = host.content.replace("server 192.0.2.1 iburst", "server 192.0.2.9 iburst");
}

describe("a drift run", () => {
  it("finds nothing on an untouched fleet, changes and proves nothing, and tells links and clocks", async () => {
    const { fleet, drift, told, host } = await night();
    assert.deepEqual(await drift(), { unchanged: 3 });
    assert.deepEqual(told("web1"), []);
    assert.deepEqual(fleet.finished("web1").links, [
      { kind: "ntp", to: "time1", state: "in-use", detail: "selected" },
    ]);
    assert.equal(fleet.finished("time1").clock?.stratum, 10);
    for (const name of names) assert.deepEqual(host(name).log, ["observe", "close"]);
  });

  it("tells an edit on its own host, and leaves it as it is", async () => {
    const { drift, told, host, fleet } = await night();
    editByHand(host("web1"));
    const before = host("web1").content;
    assert.deepEqual(await drift(), { unchanged: 2, drifted: 1 });
    assert.deepEqual(told("web1"), ["source-undeclared 192.0.2.9", "source-missing 192.0.2.1"]);
    assert.equal(fleet.finished("web1").changes.length, 2);
    assert.equal(host("web1").content, before);
  });

  it("takes a masked unit for drift, with whatever else there is; apply and plan still refuse it", async () => {
    const { drift, told, host, fleet } = await night();
    host("web1").masked = true;
    editByHand(host("web1"));
    assert.deepEqual(await drift(), { unchanged: 2, drifted: 1 });
    assert.deepEqual(told("web1")?.sort(), [
      "source-missing 192.0.2.1",
      "source-undeclared 192.0.2.9",
      "unit-masked chrony",
    ]);
    assert.deepEqual(fleet.finished("web1").changes, []);
    for (const command of ["plan", "apply"] as const) {
      fleet.events.length = 0;
      await fleet.run({ command });
      assert.equal(fleet.finished("web1").status, "failed");
      assert.equal(fleet.finished("web1").error?.code, "unit-masked");
    }
  });

  it("counts what could not be looked at as unknown: neither fine nor drifted", async () => {
    const { drift, told, host } = await night();
    host("web1").unreachable = true;
    host("web2").broken = true;
    assert.deepEqual(await drift(), { unchanged: 1, unreachable: 1, failed: 1 });
    assert.equal(told("web1"), undefined);
    assert.equal(told("web2"), undefined);
  });

  it("tells of a run that was cut off", async () => {
    const { drift, told, host } = await night();
    host("web1").madeReady = true;
    host("web2").cutOff = host("web2").content;
    assert.deepEqual(await drift(), { unchanged: 1, drifted: 2 });
    assert.deepEqual(told("web1"), ["transaction-left-over /var/lib/lfce/transactions/made-ready"]);
    assert.deepEqual(told("web2"), ["transaction-left-over /var/lib/lfce/transactions/cut-off"]);
  });

  it("looks a second time before it says that no source is selected", async () => {
    const { drift, told, host } = await night();
    host("web1").deaf = true;
    await drift();
    assert.deepEqual(told("web1"), ["chrony-not-selected chronyd"]);
    // These daemons have run for longer than any source needs.
    assert.deepEqual(host("web1").log, ["observe", "close"]);
  });

  it("tells that a source does not answer on the client, unless the fault is its server's", async () => {
    const two = playbook.replace("hosts: time1", "hosts: time*").replace("all:!time1", "all:!time*");
    const { drift, told, host, fleet } = await night(["time1", "time2", "web1"], two);
    assert.deepEqual(await drift(), { unchanged: 2, drifted: 1 });
    assert.deepEqual(told("web1"), ["source-unreachable 192.0.2.2"]);
    host("time2").unreachable = true;
    assert.deepEqual(await drift(), { unchanged: 2, unreachable: 1 });
    assert.deepEqual(told("web1"), []);
    assert.deepEqual(
      fleet.finished("web1").links?.map(({ to, state }) => `${to} ${state}`),
      ["time1 in-use", "time2 broken"],
    );
    host("time2").unreachable = false;
    host("time2").masked = true;
    await drift({ hosts: ["web1", "time2"] });
    assert.deepEqual([told("time2"), told("web1")], [["unit-masked chrony"], []]);
    await drift({ hosts: ["web1"] });
    assert.deepEqual(told("web1"), ["source-unreachable 192.0.2.2"]);
  });

  it("proves as well where that is asked for", async () => {
    const { drift, told, host, fleet } = await night();
    assert.deepEqual(await drift({ probe: true }), { unchanged: 3 });
    assert.deepEqual(
      fleet.finished("web1").checks.map(({ name, result }) => `${name} ${result}`),
      ["ntp.selected passed"],
    );
    host("web1").deaf = true;
    assert.deepEqual(await drift({ probe: true }), { unchanged: 2, drifted: 1 });
    assert.deepEqual(told("web1"), ["chrony-not-selected chronyd"]);
  });
});

describe("a drift run that fixes", () => {
  it("applies what drifted, and tells what it mended", async () => {
    const { drift, told, host, fleet } = await night();
    editByHand(host("web1"));
    assert.deepEqual(await drift({ fix: true }), { unchanged: 2, changed: 1 });
    assert.deepEqual(told("web1"), []);
    assert.deepEqual(keys(fleet.finished("web1").resolved), [
      "source-undeclared 192.0.2.9",
      "source-missing 192.0.2.1",
    ]);
    assert.ok(fleet.finished("web1").resolved?.every(({ mended }) => mended));
    assert.deepEqual(host("web1").log, ["observe", "apply", "prove", "commit", "observe", "close"]);
    assert.deepEqual(host("web2").log, ["observe", "close"]);
    assert.deepEqual(await drift(), { unchanged: 3 });
  });

  it("leaves alone what apply refuses, and says that it stands", async () => {
    const { drift, told, host } = await night();
    host("web1").masked = true;
    assert.deepEqual(await drift({ fix: true }), { unchanged: 2, drifted: 1 });
    assert.deepEqual(told("web1"), ["unit-masked chrony"]);
    assert.deepEqual(host("web1").log, ["observe", "close"]);
  });

  it("puts back what does not become healthy or is not proven, and tells what was found", async () => {
    const { drift, told, host } = await night();
    editByHand(host("web1"));
    host("web1").deaf = true;
    const before = host("web1").content;
    assert.deepEqual(await drift({ fix: true }), { unchanged: 2, rolledBack: 1 });
    assert.equal(host("web1").content, before);
    assert.ok(told("web1")?.includes("source-missing 192.0.2.1"));
  });

  it("tidies up what a run left that was cut off", async () => {
    const { drift, fleet, host } = await night();
    host("web1").madeReady = true;
    assert.deepEqual(await drift({ fix: true }), { unchanged: 2, changed: 1 });
    assert.deepEqual(keys(fleet.finished("web1").resolved), [
      "transaction-left-over /var/lib/lfce/transactions/made-ready",
    ]);
    host("web1").putBack = "no verdict came within the lease";
    assert.deepEqual(await drift({ fix: true }), { unchanged: 2, changed: 1 });
    assert.deepEqual(await drift(), { unchanged: 3 });
  });

  it("does nothing more after an interrupt", async () => {
    const { drift, host, fleet } = await night();
    editByHand(host("web1"));
    fleet.interrupt.abort();
    assert.deepEqual(await drift({ fix: true }), { skipped: 3 });
    assert.deepEqual(host("web1").log, []);
  });
});

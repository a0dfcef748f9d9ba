import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedHost, ObservedUnit } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import { el } from "../../../../src/distros/el.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { absent, desiredOf } from "./desired-of.ts";
import { observe, type VirtualHost } from "./virtual-host.ts";

const MAIN = "/etc/chrony/chrony.conf";
const client = desiredOf({ client: { servers: ["10.0.0.1"] } });
const satisfied = { [MAIN]: "server 10.0.0.1\nconfdir /etc/chrony/conf.d\nsourcedir /run/x\n" };
const STARTED = 1000;

function plan(host: Partial<VirtualHost> = {}, desired = client) {
  return planChrony(desired, observe({ files: satisfied, distro: debian, ...host }), debian);
}

function actions(host: Partial<VirtualHost> = {}, desired = client): string[] {
  return plan(host, desired).units.map(({ unit, action }) => `${action} ${unit}`);
}

function otherUnit(unit: string): ObservedUnit {
  return { unit, load: "loaded", active: "active", sub: "running", enabled: "enabled" };
}

describe("chrony plan: package and unit", () => {
  // Source directories are switched off by an exclusive client, which would be a change of its own.
  const notExclusive = desiredOf({ client: { servers: ["10.0.0.1"], exclusive: false } });

  it("leaves a host alone that is right", () => {
    const { files, units, packages, staged, health, loadedFiles } = plan({}, notExclusive);
    assert.deepEqual([files, units, packages, staged], [[], [], [], undefined]);
    assert.deepEqual(health, [{ kind: "active", unit: "chrony" }]);
    assert.deepEqual(loadedFiles, [MAIN]);
  });

  it("only installs the package when it is missing", () => {
    const nothing: Partial<ObservedHost> = { programs: {}, units: {} };
    const missing = planChrony(
      client,
      observe({ files: {}, distro: el, version: undefined, facts: nothing }),
      el,
    );
    assert.deepEqual(missing.packages, ["chrony"]);
    assert.deepEqual([missing.files, missing.units, missing.health, missing.errors], [[], [], [], []]);
    const gone = planChrony(
      absent(client),
      observe({ files: {}, distro: el, version: undefined, facts: nothing }),
      el,
    );
    assert.deepEqual([gone.packages, gone.errors], [[], []], "absent installs nothing");
  });

  it("enables a disabled unit and starts one that does not run", () => {
    assert.deepEqual(actions({ unit: { enabled: "disabled" } }, notExclusive), ["enable chrony"]);
    assert.deepEqual(actions({ unit: { active: "inactive" } }, notExclusive), ["start chrony"]);
    assert.deepEqual(actions({ unit: { active: "failed", enabled: "disabled" } }), [
      "enable chrony",
      "start chrony",
    ]);
  });

  it("restarts a running unit when files change, with the file in the reason", () => {
    const [change] = plan().units;
    assert.equal(change?.action, "restart");
    assert.match(change?.reason ?? "", /\/etc\/chrony\/chrony\.conf/);
  });

  it("absent neither enables nor starts, and restarts only what runs", () => {
    const files = {
      [MAIN]:
        "#lfce# pool a.example\n# lfce: begin ntp_client, playbook lab\nserver b\n# lfce: end ntp_client\n",
    };
    const idle = { files, unit: { active: "inactive", enabled: "disabled" } } as const;
    assert.equal(plan(idle, absent(client)).files[0]?.after, "pool a.example\n");
    assert.deepEqual(actions(idle, absent(client)), []);
    assert.deepEqual(actions({ files }, absent(client)), ["restart chrony"]);
  });

  it("refuses a masked unit and never unmasks it", () => {
    const masked = plan({ unit: { load: "masked", enabled: "masked", active: "inactive" } });
    assert.deepEqual(
      masked.errors.map((error) => error.code),
      ["unit-masked"],
    );
    assert.match(masked.errors[0]?.hint ?? "", /systemctl unmask chrony/);
    assert.deepEqual([masked.files, masked.units], [[], []]);
    const facts = { programs: {}, versions: {} };
    const notInstalled = plan({ unit: { load: "masked", enabled: "masked", active: "inactive" }, facts });
    assert.deepEqual(
      [notInstalled.errors.map(({ code }) => code), notInstalled.packages],
      [["unit-masked"], []],
    );
  });

  for (const name of ["ntp", "ntpd", "ntpsec", "openntpd", "systemd-timesyncd"]) {
    it(`refuses to run beside ${name}, with the command that stops it`, () => {
      const base = observe({ files: satisfied, distro: debian });
      const units = { ...base.units, [`${name}.service`]: otherUnit(name) };
      const { errors, files } = planChrony(client, { ...base, units }, debian);
      assert.deepEqual(
        errors.map((error) => [error.code, error.hint]),
        [["other-time-daemon", `systemctl disable --now ${name}`]],
      );
      assert.deepEqual(files, []);
      const stopped = { ...base.units, [name]: { ...otherUnit(name), active: "inactive" } as ObservedUnit };
      assert.deepEqual(planChrony(client, { ...base, units: stopped }, debian).errors, []);
      assert.deepEqual(planChrony(absent(client), { ...base, units }, debian).errors, [], "absent may");
    });
  }

  it("says so when the main file is not there", () => {
    assert.deepEqual(
      plan({ files: {} }).errors.map((error) => error.code),
      ["chrony-no-main-file"],
    );
    assert.deepEqual(plan({ files: {} }, absent(client)).errors, []);
  });

  describe("a daemon that runs with older files", () => {
    const withTimes = (path: string, times: { mtime?: number; ctime?: number }) => {
      const observed = observe({ files: satisfied, distro: debian });
      observed.files[path] = { path, kind: "file", ...observed.files[path], ...times };
      return observed;
    };
    const restarts = (observed: ObservedHost) =>
      planChrony(notExclusive, observed, debian).units.map((unit) => `${unit.action}: ${unit.reason}`);

    it("is restarted when a file changed after its start, by content or by rename", () => {
      for (const times of [{ mtime: STARTED + 1 }, { ctime: STARTED + 1 }]) {
        assert.match(
          restarts(withTimes(MAIN, times))[0] ?? "",
          /^restart: chrony was started before \/etc\/chrony\/chrony\.conf changed/,
        );
      }
      assert.deepEqual(restarts(withTimes(MAIN, { mtime: STARTED - 1, ctime: STARTED - 1 })), []);
    });

    it("is restarted when an include directory changed after its start", () => {
      assert.equal(restarts(withTimes("/etc/chrony/conf.d", { mtime: STARTED + 5 })).length, 1);
      assert.deepEqual(
        restarts(withTimes("/etc/chrony", { mtime: STARTED + 5 })),
        [],
        "no include directory",
      );
    });

    it("is not taken for old because a check was staged beside the main file", () => {
      const files = { [MAIN]: "server 10.0.0.1\ninclude /etc/chrony/*.conf\n" };
      const observed = observe({ files, distro: debian });
      observed.files["/etc/chrony"] = { path: "/etc/chrony", kind: "directory", mtime: STARTED + 5 };
      assert.deepEqual(restarts(observed), []);
    });

    it("is left alone when the time lies in the future", () => {
      assert.deepEqual(restarts(withTimes(MAIN, { mtime: STARTED + 999_999 })), []);
    });

    it("is left alone when a source file changed: chronyd re-reads those without a restart", () => {
      const source = "/run/x/dhcp.sources";
      const observed = observe({ files: { ...satisfied, [source]: "server 10.0.0.9\n" }, distro: debian });
      observed.files[source] = { path: source, kind: "file", ...observed.files[source], mtime: STARTED + 5 };
      assert.deepEqual(restarts(observed), [], "by its times");
      const checksums = { [MAIN]: observed.files[MAIN]?.sha256 ?? "" };
      const record = { unit: "chrony", bootId: "boot", startedAt: STARTED, checksums };
      assert.deepEqual(restarts({ ...observed, restartRecords: [record] }), [], "by the record");
    });

    it("is judged by checksums where lfce recorded this very start", () => {
      const observed = withTimes(MAIN, { mtime: STARTED + 1 });
      const record = {
        unit: "chrony",
        bootId: "boot",
        startedAt: STARTED,
        checksums: {} as Record<string, string>,
      };
      record.checksums[MAIN] = observed.files[MAIN]?.sha256 ?? "";
      const recorded = (change: object) => ({ ...observed, restartRecords: [{ ...record, ...change }] });
      assert.deepEqual(restarts(recorded({})), [], "same checksums");
      assert.equal(restarts(recorded({ checksums: { [MAIN]: "other" } })).length, 1, "another checksum");
      assert.equal(restarts(recorded({ checksums: {} })).length, 1, "a file more");
      const more = { ...record.checksums, "/etc/chrony/conf.d/gone.conf": "x" };
      assert.equal(restarts(recorded({ checksums: more })).length, 1, "a file less");
      assert.equal(
        restarts(recorded({ bootId: "earlier" })).length,
        1,
        "the record of another boot says nothing",
      );
      assert.equal(restarts(recorded({ startedAt: STARTED - 50 })).length, 1, "nor that of another start");
    });
  });
});

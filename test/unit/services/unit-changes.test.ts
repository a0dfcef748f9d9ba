import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedFile, ObservedHost, ObservedUnit } from "../../../src/core/observed.ts";
import { planUnit } from "../../../src/services/unit-changes.ts";
import { observedHost } from "./rsyslog/host.ts";

const path = "/etc/rsyslog.conf";
const directory = "/etc/rsyslog.d";
const started = 1_000_000;

/** A host whose rsyslog runs since `started`, with a file and a directory older than that. */
function hostWith(
  unit: Partial<ObservedUnit> = {},
  file: Partial<ObservedFile> = {},
  host: Partial<ObservedHost> = {},
): ObservedHost {
  const base = observedHost(new Map(), path);
  return {
    ...base,
    now: started + 5000,
    units: { rsyslog: { ...(base.units.rsyslog as ObservedUnit), startedAt: started, ...unit } },
    files: {
      [path]: { path, kind: "file", sha256: "aa", mtime: started - 10, ctime: started - 10, ...file },
      [directory]: { path: directory, kind: "directory", mtime: started - 10, ctime: started - 10 },
    },
    ...host,
  };
}

function actions(observed: ObservedHost, changing: string[] = []): string[] {
  const plan = planUnit("rsyslog", observed, [path, directory], changing);
  return [...plan.errors.map(({ code }) => code), ...plan.changes.map(({ action }) => action)];
}

describe("planUnit", () => {
  it("does nothing for an enabled unit that runs with the files that are there", () => {
    assert.deepEqual(actions(hostWith()), []);
  });

  it("restarts when files change, and starts instead when the unit does not run", () => {
    assert.deepEqual(actions(hostWith(), [path]), ["restart"]);
    assert.deepEqual(actions(hostWith({ active: "inactive", sub: "dead" }), [path]), ["start"]);
    assert.deepEqual(actions(hostWith({ active: "failed", sub: "failed" })), ["start"]);
  });

  it("says for which files, but not for a file a client", () => {
    const reason = (count: number) => {
      const changing = Array.from({ length: count }, (_, index) => `/${index}`);
      return planUnit("rsyslog", hostWith(), [path], changing).changes[0]?.reason;
    };
    assert.equal(reason(4), "rsyslog reads /0, /1, /2, /3 only when it starts");
    assert.equal(reason(40), "rsyslog reads /0, /1, /2 and 37 more only when it starts");
  });

  it("restarts a unit that systemd starts again and again", () => {
    assert.deepEqual(actions(hostWith({ active: "activating", sub: "auto-restart" })), ["restart"]);
    assert.deepEqual(actions(hostWith({ active: "activating", sub: "start" })), []);
  });

  it("enables what does not start at boot before it starts it", () => {
    assert.deepEqual(actions(hostWith({ enabled: "disabled" })), ["enable"]);
    assert.deepEqual(actions(hostWith({ enabled: "disabled", active: "inactive", sub: "dead" })), [
      "enable",
      "start",
    ]);
    for (const enabled of ["static", "alias", "generated", "indirect", ""]) {
      assert.deepEqual(actions(hostWith({ enabled })), []);
    }
  });

  it("refuses masked, missing and broken units", () => {
    assert.deepEqual(actions(hostWith({ load: "masked", enabled: "masked" })), ["unit-masked"]);
    assert.deepEqual(actions(hostWith({ load: "not-found" })), ["unit-not-found"]);
    assert.deepEqual(actions(hostWith({}, {}, { units: {} })), ["unit-not-found"]);
    assert.deepEqual(actions(hostWith({ load: "bad-setting" })), ["unit-broken"]);
  });

  it("restarts a daemon that started before a file or an include directory changed", () => {
    assert.deepEqual(actions(hostWith({}, { mtime: started + 1 })), ["restart"]);
    assert.deepEqual(actions(hostWith({}, { ctime: started + 1 })), ["restart"]);
    const removed = hostWith();
    removed.files[directory] = { path: directory, kind: "directory", mtime: started + 1 };
    assert.deepEqual(actions(removed), ["restart"]);
    const { changes } = planUnit("rsyslog", hostWith({}, { mtime: started + 1 }), [path], []);
    assert.match(changes[0]?.reason ?? "", /before \/etc\/rsyslog\.conf changed/);
  });

  it("takes a time in the future for unknown", () => {
    assert.deepEqual(actions(hostWith({}, { mtime: started + 9999 })), []);
    assert.deepEqual(actions(hostWith({ startedAt: started + 9999 }, { mtime: started + 1 })), []);
    assert.deepEqual(actions(hostWith({ startedAt: undefined }, { mtime: started + 1 })), []);
  });

  it("trusts the checksums of its own restart more than times", () => {
    const record = { unit: "rsyslog", bootId: "boot", startedAt: started, checksums: { [path]: "aa" } };
    const touched = hostWith({}, { mtime: started + 1 }, { restartRecords: [record] });
    assert.deepEqual(actions(touched), []);
    const changed = hostWith({}, { sha256: "bb", mtime: started - 99 }, { restartRecords: [record] });
    assert.deepEqual(actions(changed), ["restart"]);
    const gone = { ...record, checksums: { ...record.checksums, "/etc/rsyslog.d/a.conf": "cc" } };
    assert.deepEqual(actions(hostWith({}, {}, { restartRecords: [gone] })), ["restart"]);
    const added = { ...record, checksums: {} };
    assert.deepEqual(actions(hostWith({}, {}, { restartRecords: [added] })), ["restart"]);
  });

  it("does not trust a record of another boot, start or unit", () => {
    const record = { unit: "rsyslog", bootId: "boot", startedAt: started, checksums: { [path]: "bb" } };
    for (const other of [{ bootId: "earlier" }, { startedAt: started - 60 }, { unit: "chrony" }]) {
      assert.deepEqual(actions(hostWith({}, {}, { restartRecords: [{ ...record, ...other }] })), []);
    }
  });
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import type { Backup, CommittedChange } from "../../../src/core/committed-change.ts";
import type { ObservedHost } from "../../../src/core/observed.ts";
import { backupsFor, changesToUndo, planRollback, standingChanges } from "../../../src/plan/rollback-plan.ts";

const sum = (content: string | null) =>
  content === null ? null : createHash("sha256").update(content, "latin1").digest("hex");

/** A change of /etc/a from one content to another, with a restart of chrony. */
function change(serial: number, before: string | null, after: string | null, parts = {}): CommittedChange {
  return {
    id: `change-${serial}`,
    serial,
    playbook: "site.yml",
    undoes: [],
    files: [{ number: 1, path: "/etc/a", before: sum(before), after: sum(after) }],
    units: [{ action: "restart", unit: "chrony" }],
    unitsBefore: [{ unit: "chrony", active: "active", enabled: "enabled" }],
    created: [],
    services: ["chrony"],
    ...parts,
  };
}

function backup(id: string, kind: Backup["kind"], content: string): Backup {
  return { id, number: 1, kind, content, mode: "0640", owner: "root", group: "adm" };
}

function host(content: string | null): ObservedHost {
  const file = { path: "/etc/a", kind: "file" as const, content, sha256: sum(content) };
  return { files: content === null ? {} : { "/etc/a": file }, globs: {} } as unknown as ObservedHost;
}

describe("taking changes back", () => {
  it("a rollback is no change that stands, nor is what it took back", () => {
    const changes = [change(1, "0", "1"), change(2, "1", "2"), change(3, "2", "1", { undoes: ["change-2"] })];
    assert.deepEqual(
      standingChanges(changes).map(({ id }) => id),
      ["change-1"],
    );
  });

  it("counts from the newest, or finds an identifier by its beginning", () => {
    const standing = [change(3, "2", "3"), change(2, "1", "2"), change(1, "0", "1")];
    const ids = (to: number | string) => {
      const undone = changesToUndo(standing, to);
      return Array.isArray(undone) ? undone.map(({ id }) => id) : undone.code;
    };
    assert.deepEqual(ids(1), ["change-3"]);
    assert.deepEqual(ids(2), ["change-3", "change-2"]);
    assert.deepEqual(ids("change-2"), ["change-3", "change-2"]);
    assert.equal(ids(4), "no-such-change");
    assert.equal(ids("change-9"), "no-such-change");
  });

  it("goes back over several changes to what the oldest of them found", () => {
    const undone = [change(2, "1", "2"), change(1, "0", "1")];
    assert.deepEqual(backupsFor(undone), [
      { id: "change-1", number: 1, kind: "before" },
      { id: "change-2", number: 1, kind: "after" },
    ]);
    const backups = [backup("change-1", "before", "0"), backup("change-2", "after", "2")];
    const plan = planRollback(undone, backups, host("2"));
    assert.deepEqual(plan.errors, []);
    assert.equal(plan.files[0]?.after, "0");
    assert.equal(plan.files[0]?.before?.content, "2");
    assert.deepEqual(
      plan.units.map(({ action, unit }) => `${action} ${unit}`),
      ["restart chrony"],
    );
  });

  it("removes what was created and brings back what was removed, with its rights", () => {
    assert.equal(planRollback([change(1, null, "1")], [], host("1")).files[0]?.after, null);
    const removed = planRollback([change(1, "0", null)], [backup("change-1", "before", "0")], host(null));
    assert.deepEqual(removed.files[0], {
      path: "/etc/a",
      before: null,
      after: "0",
      mode: "0640",
      owner: "root",
      group: "adm",
      reason: "as it was before with lfce apply site.yml",
    });
  });

  it("refuses a file that is not what lfce wrote, and shows how it differs", () => {
    const backups = [backup("change-1", "before", "0"), backup("change-1", "after", "1\n")];
    const [error] = planRollback([change(1, "0", "1\n")], backups, host("1\nmine\n")).errors;
    assert.equal(error?.code, "changed-since");
    assert.match(error?.message ?? "", /\+mine/);
  });

  it("refuses to go back over what somebody else wrote between two changes", () => {
    const plan = planRollback([change(2, "mine", "2"), change(1, "0", "1")], [], host("2"));
    assert.equal(plan.errors[0]?.code, "changed-between");
  });

  it("refuses while another change is open, and to write a backup that is not what the change replaced", () => {
    const refusal = (kept: string, open?: ObservedHost["openTransaction"]) => {
      const observed = { ...host("1"), ...(open ? { openTransaction: open } : {}) };
      const plan = planRollback([change(1, "0", "1")], [backup("change-1", "before", kept)], observed);
      assert.deepEqual(plan.files, plan.errors.length > 0 ? [] : plan.files);
      return plan.errors.map(({ code }) => code);
    };
    assert.deepEqual(refusal("0"), []);
    assert.deepEqual(refusal("torn"), ["backup-gone"]);
    assert.deepEqual(refusal("0", { id: "a", state: "open" }), ["change-open"]);
    assert.deepEqual(refusal("0", { id: "a", state: "rolling-back" }), ["change-open"]);
    assert.deepEqual(refusal("0", { id: "a", state: "prepared" }), []);
  });

  it("leaves alone what is back already, and then restarts nothing", () => {
    const plan = planRollback([change(1, "0", "1")], [backup("change-1", "before", "0")], host("0"));
    assert.deepEqual([plan.files, plan.units, plan.errors], [[], [], []]);
  });

  it("stops and disables what the change started and enabled", () => {
    const started = change(1, null, "1", {
      units: [
        { action: "enable", unit: "chrony" },
        { action: "start", unit: "chrony" },
      ],
      unitsBefore: [{ unit: "chrony", active: "inactive", enabled: "disabled" }],
      created: ["/var/log/remote"],
    });
    const plan = planRollback([started], [], host("1"));
    assert.deepEqual(
      plan.units.map(({ action }) => action),
      ["disable", "stop"],
    );
    assert.deepEqual(plan.health, []);
    assert.equal(plan.warnings[0]?.code, "directory-stays");
  });
});

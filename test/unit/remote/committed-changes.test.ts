import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { describe, it } from "node:test";
import type { BackupReference } from "../../../src/core/committed-change.ts";
import { committedChanges } from "../../../src/remote/committed-changes.ts";
import type { ScriptChannel } from "../../../src/remote/run-script.ts";
import { type ApplyHost, change, groupName, sha256, shells, transactionOf } from "./apply-host.ts";
import { applyTo, CHRONY_RESTART, hostWithChrony } from "./apply-steps.ts";

for (const shell of shells) {
  describe(`the committed changes of a host (${shell.name})`, () => {
    it("come newest first, with what made them, and with the contents that were asked for", async (t) => {
      const host = hostWithChrony(t, shell);
      const madeBy = { command: "apply", run: "run-1", version: "1.2.3" };
      const rights = { mode: "0755", owner: host.owner, group: groupName(), reason: "" };
      const first = transactionOf({
        files: [change(host, "etc/chrony.conf", "server b\x00\xff\n"), change(host, "etc/a new.conf", "")],
        directories: [{ path: host.path("etc/logs"), ...rights }],
        ...CHRONY_RESTART,
        madeBy,
      });
      await (await applyTo(host, first)).commit();
      const putBack = transactionOf({ files: [change(host, "etc/chrony.conf", "server x\n")] });
      await (await applyTo(host, putBack)).rollback("test");
      const second = transactionOf({ files: [change(host, "etc/a new.conf", null)], undoes: ["older"] });
      await (await applyTo(host, second)).commit();

      const wanted: BackupReference[] = [
        { id: first.id, number: 1, kind: "before" },
        { id: first.id, number: 1, kind: "after" },
        { id: second.id, number: 9, kind: "before" },
      ];
      const { changes, backups } = await committed(host, wanted);
      assert.deepEqual(
        changes.map(({ id, serial, undoes }) => ({ id, serial, undoes })),
        [
          { id: second.id, serial: 3, undoes: ["older"] },
          { id: first.id, serial: 1, undoes: [] },
        ],
      );
      const { madeAt, ...oldest } = changes[1] ?? assert.fail();
      assert.match(madeAt ?? "", /^20\d\d-\d\d-\d\dT/);
      assert.deepEqual(oldest, {
        id: first.id,
        serial: 1,
        playbook: "site.yml",
        who: "anna@desk",
        ...madeBy,
        undoes: [],
        files: [
          {
            number: 1,
            path: host.path("etc/chrony.conf"),
            before: sha256("server a\n"),
            after: sha256("server b\x00\xff\n"),
          },
          { number: 2, path: host.path("etc/a new.conf"), before: null, after: sha256("") },
        ],
        units: [{ action: "restart", unit: "chrony" }],
        unitsBefore: [{ unit: "chrony", active: "active", enabled: "enabled" }],
        created: [host.path("etc/logs")],
        services: [],
      });
      assert.deepEqual(
        backups.map(({ kind, content }) => [kind, content]),
        [
          ["before", "server a\n"],
          ["after", "server b\x00\xff\n"],
        ],
      );
      assert.match(backups[0]?.mode ?? "", /^06\d\d$/);
    });

    it("are none on a host that lfce never changed", async (t) => {
      const host = hostWithChrony(t, shell);
      rmSync(host.stateDirectory, { recursive: true, force: true });
      assert.deepEqual(await committed(host, []), { changes: [], backups: [] });
    });

    it("are not read through a name that climbs out of their directory", async (t) => {
      const host = hostWithChrony(t, shell);
      const wanted: BackupReference[] = [{ id: "../../etc", number: 1, kind: "before" }];
      await assert.rejects(committed(host, wanted), { code: "committed-failed" });
    });
  });
}

function committed(host: ApplyHost, wanted: readonly BackupReference[]) {
  const channel: ScriptChannel = {
    ...host.channel,
    run: async (script, { stdin }) => {
      const running = host.start(script);
      await running.write(stdin as Buffer).catch(() => undefined);
      running.end();
      const lines: string[] = [];
      for await (const line of running.lines) lines.push(`${line}\n`);
      return { ...(await running.done), stdout: Buffer.from(lines.join(""), "latin1") };
    },
  };
  return committedChanges(channel, wanted, { stateDirectory: host.stateDirectory });
}

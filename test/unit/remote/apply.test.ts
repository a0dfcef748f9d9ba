import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { applyTransaction } from "../../../src/remote/apply.ts";
import { type ApplyHost, change, makeHost, type Shell, sha256, shells, transactionOf } from "./apply-host.ts";

for (const shell of shells) {
  describe(`a change of a host (${shell.name})`, () => {
    test("writes, creates and removes files, restarts what was asked, and commits", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/old rules", "gone\n");
      const files = [
        change(host, "etc/chrony.conf", "server b\n\\n $HOME `id` '\" \x00\xff\n"),
        change(host, 'etc/it\'s "new".conf', "new"),
        change(host, "etc/old rules", null),
      ];
      const pending = await applyTransaction(
        host.channel,
        transactionOf({
          files,
          units: [{ unit: "chrony", action: "restart", reason: "test" }],
          health: [{ kind: "active", unit: "chrony" }],
          loadedFiles: { chrony: [host.path("etc/chrony.conf")] },
        }),
        { stateDirectory: host.stateDirectory },
      );
      await pending.commit();
      assert.deepEqual(pending.notices, []);
      assert.equal(host.read("etc/chrony.conf"), files[0]?.after);
      assert.equal(host.read('etc/it\'s "new".conf'), "new");
      assert.deepEqual(Object.keys(host.snapshot()), ["chrony.conf", 'it\'s "new".conf']);
      assert.deepEqual(host.systemctlCalls(), ["reset-failed chrony", "restart chrony"]);
      assert.ok(!existsSync(`${host.stateDirectory}/lock`));
      const record = readFileSync(`${host.stateDirectory}/restarts/chrony`, "utf8");
      assert.match(record, /^boot-id .+\nstarted-at .*\n/);
      assert.ok(
        record.endsWith(`\n${sha256(host.read("etc/chrony.conf"))}  ${host.path("etc/chrony.conf")}\n`),
      );
    });
  });
}

function hostWithChrony(t: { after(done: () => void): void }, shell: Shell): ApplyHost {
  const host = makeHost(shell);
  t.after(host.remove);
  host.write("etc/chrony.conf", "server a\n");
  host.addUnit("chrony", "etc/chrony.conf");
  return host;
}

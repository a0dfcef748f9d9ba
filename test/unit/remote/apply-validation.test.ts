import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { describe, test } from "node:test";
import type { ServiceName, StagedTree } from "../../../src/core/host-plan.ts";
import type { Transaction } from "../../../src/core/transaction.ts";
import { type ApplyHost, change, shells, transactionOf } from "./apply-host.ts";
import { applyTo, assertNothingLeft, CHRONY_RESTART, hostWithChrony, refusal } from "./apply-steps.ts";

for (const shell of shells) {
  describe(`the daemon's own check of what is staged (${shell.name})`, () => {
    for (const service of ["chrony", "rsyslog"] as const) {
      test(`${service} refuses the new file: its words, the real path, nothing touched`, async (t) => {
        const host = hostWithChrony(t, shell);
        const error = await refusal(
          host,
          stagedChange(host, service, "server b\nbogus thing\n"),
          "validation-failed",
          /line 2/,
        );
        assert.ok(error.message.includes(host.path("etc/chrony.conf")), error.message);
        assert.ok(!error.message.includes("lfce-stage"), error.message);
        assert.deepEqual(host.systemctlCalls(), []);
      });

      test(`${service} accepts the new file: it is swapped in and no staging directory is left`, async (t) => {
        const host = hostWithChrony(t, shell);
        const pending = await applyTo(host, stagedChange(host, service, "server b\n"));
        assert.deepEqual(pending.notices, []);
        await pending.commit();
        assert.deepEqual(Object.keys(host.snapshot()), ["chrony.conf"]);
      });
    }

    test("a fault that was there before does not block, also when it moved to another line", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/chrony.conf", "bogus old\n");
      const pending = await applyTo(host, stagedChange(host, "rsyslog", "server b\n\nbogus old\n"));
      assert.match(pending.notices.join("\n"), /already reports faults.*line 1: bogus old/);
      await pending.commit();
    });

    test("a second fault like one that was there before blocks", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/chrony.conf", "bogus old\n");
      const transaction = stagedChange(host, "rsyslog", "bogus old\nbogus old\n");
      await refusal(host, transaction, "validation-failed", /bogus old/);
    });

    test("another fault besides one that was there before blocks, and only it is shown", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/chrony.conf", "bogus old\n");
      const transaction = stagedChange(host, "rsyslog", "bogus old\nbogus new\n");
      const error = await refusal(host, transaction, "validation-failed", /bogus new/);
      assert.doesNotMatch(error.message, /bogus old/);
    });

    test("a chronyd that cannot check is a notice, not an error", async (t) => {
      const host = hostWithChrony(t, shell, { STAND_IN_CHRONY: "3.5" });
      const pending = await applyTo(host, stagedChange(host, "chrony", "bogus\n"));
      assert.match(pending.notices.join("\n"), /cannot check a configuration/);
      await pending.commit();
    });

    test("a file that an editor saves after the comparison: changed-meanwhile, and the editor's version stays", async (t) => {
      const host = hostWithChrony(t, shell);
      const files = [change(host, "etc/new.conf", "new\n")];
      const transaction = stagedChange(host, "rsyslog", "edited-meanwhile\n");
      transaction.files.unshift(...files);
      await assert.rejects(applyTo(host, transaction), { code: "changed-meanwhile" });
      assert.equal(host.read("etc/chrony.conf"), "server a\nby an editor\n");
      assert.deepEqual(Object.keys(host.snapshot()), ["chrony.conf"]);
      assertNothingLeft(host);
    });

    test("what a killed run left in the staging directory is not in the way", async (t) => {
      const host = hostWithChrony(t, shell);
      const transaction = stagedChange(host, "chrony", "server b\n");
      mkdirSync(transaction.staged[0]?.directory ?? "");
      await (await applyTo(host, transaction)).commit();
      assert.ok(!existsSync(transaction.staged[0]?.directory ?? ""));
    });
  });
}

function stagedChange(host: ApplyHost, service: ServiceName, content: string): Transaction {
  const main = host.path("etc/chrony.conf");
  const staged: StagedTree = {
    service,
    main,
    directory: host.path("etc/.lfce-stage"),
    stagedMain: main.slice(1),
    files: { [main.slice(1)]: content, "etc/some where/else.conf": "\n" },
  };
  return transactionOf({
    files: [change(host, "etc/chrony.conf", content)],
    staged: [staged],
    ...CHRONY_RESTART,
  });
}

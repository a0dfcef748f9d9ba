import assert from "node:assert/strict";
import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Transaction } from "../../../src/core/transaction.ts";
import { applyScript, recoveryScript } from "../../../src/remote/apply.ts";
import { loadScript, type RemoteScript } from "../../../src/remote/scripts.ts";
import { encodeTransaction } from "../../../src/remote/transaction-encode.ts";
import { dyingAt } from "./apply-faults.ts";
import { type ApplyHost, change, type LocalScript, shells, transactionOf } from "./apply-host.ts";
import { applyTo, assertNothingLeft, CHRONY_RESTART, hostWithChrony } from "./apply-steps.ts";

for (const shell of shells) {
  describe(`the rollback that is armed (${shell.name})`, () => {
    test("before the first rename a timer and a unit for the next boot are there", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const { id, script } = start(host, {}, dyingAt(applyScript(), "recorded"));
      await script.done;
      assert.equal(host.read("etc/chrony.conf"), "server a\n");
      const recover = `${host.stateDirectory}/transactions/${id}/recover`;
      assert.deepEqual(host.timers(), { [`lfce-lease-${id}.timer`]: ["/bin/sh", recover, "lease"] });
      const unit = readFileSync(`${host.bootUnits}/lfce-recover.service`, "utf8");
      assert.match(unit, /^Before=chrony\.service chronyd\.service rsyslog\.service$/m);
      assert.ok(unit.includes(`\nExecStart=/bin/sh ${recover} boot\n`), unit);
      const wanted = `${host.bootUnits}/multi-user.target.wants/lfce-recover.service`;
      assert.equal(readlinkSync(wanted), `${host.bootUnits}/lfce-recover.service`);
      await host.recover(id, "lease");
      assert.deepEqual(host.snapshot(), before);
      assertNothingLeft(host);
    });

    test("a process that was killed before its verdict: the next look of the timer puts back", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const { id, script } = start(host, {}, dyingAt(applyScript(), "healthy"));
      await script.done;
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
      const lines = await host.recover(id, "lease");
      assert.ok(lines.includes(`lfce restored ${host.path("etc/chrony.conf")}`), lines.join("\n"));
      assert.ok(lines.includes("lfce restarted chrony"));
      assert.deepEqual(host.snapshot(), before);
      assert.equal(host.unit("chrony", "ActiveState"), "active");
      assertNothingLeft(host);
      const meta = readFileSync(`${host.stateDirectory}/transactions/${id}/meta`, "utf8");
      assert.match(
        meta,
        /^rolled-back-because the process at work on the host was gone before the verdict came$/m,
      );
      assert.match(meta, /^rolled-back-by lease$/m);
      assert.match(meta, /^services-came-back yes$/m);
    });

    test("while the process is at work and the lease lasts, a look does nothing", async (t) => {
      const host = hostWithChrony(t, shell);
      const transaction = transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] });
      const pending = await applyTo(host, transaction);
      assert.deepEqual(await host.recover(transaction.id, "lease"), []);
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
      await pending.commit();
      assert.deepEqual(await host.recover(transaction.id, "lease"), []);
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
      assertNothingLeft(host);
    });

    test("a process that hangs beyond its lease is ended, and its change put back", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const { id, script } = start(host);
      await untilHealthy(script);
      process.kill(script.pid, "SIGSTOP");
      const deadline = `${host.stateDirectory}/transactions/${id}/deadline`;
      assert.match(readFileSync(deadline, "utf8"), /^ *\d+\n$/);
      assert.deepEqual(await host.recover(id, "lease"), []);
      writeFileSync(deadline, "           1\n");
      await host.recover(id, "lease");
      assert.equal((await script.done).signal, "KILL");
      assert.deepEqual(host.snapshot(), before);
      const meta = readFileSync(`${host.stateDirectory}/transactions/${id}/meta`, "utf8");
      assert.match(meta, /^rolled-back-because no verdict came within the lease$/m);
      assertNothingLeft(host);
    });

    test("at the next boot files go back before the daemons start, and nobody waits for them", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const { id, script } = start(host, {}, dyingAt(applyScript(), "healthy"));
      await script.done;
      const calls = host.systemctlCalls().length;
      await host.recover(id, "boot");
      assert.deepEqual(host.snapshot(), before);
      assert.deepEqual(host.systemctlCalls().slice(calls), [
        "reset-failed chrony",
        "--no-block start chrony",
      ]);
      assertNothingLeft(host);
      const meta = readFileSync(`${host.stateDirectory}/transactions/${id}/meta`, "utf8");
      assert.match(meta, /^rolled-back-by boot$/m);
      assert.match(meta, /^services-came-back unknown$/m);
    });

    test("a commit that comes after the lease's decision is told that it came too late", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const { id, script } = start(
        host,
        {},
        {
          ...applyScript(),
          source: applyScript().source.replace(
            "  keep_restart_records\n  step",
            () => '  mv "$state/open" "$state/rolling-back"\n  step',
          ),
        },
      );
      await untilHealthy(script);
      await script.write("commit\n");
      await script.done;
      await host.recover(id, "lease");
      assert.deepEqual(host.snapshot(), before);
      assertNothingLeft(host);
    });

    test("of many that find a stale lock, one takes it", async (t) => {
      const host = hostWithChrony(t, shell);
      const takers = loadScript("apply-report", "lock-holder", "apply-lock", "apply-files").source;
      const taker = {
        name: "taker",
        source: `${takers}\ntrap - EXIT\nread -r state\nwho=x\ntake_lock && echo won\necho done\nread -r go\n`,
      };
      for (let round = 0; round < 8; round++) {
        writeFileSync(host.path("lock"), `boot-id other\npid 1\nstarted ${round}\nwho x\n`);
        const all = Array.from({ length: 6 }, () => host.start(taker));
        const answers = all.map(async (one) => {
          let won = 0;
          for await (const line of one.lines) {
            if (line === "won") won += 1;
            if (line === "done") break;
          }
          return won;
        });
        await Promise.all(all.map((one) => one.write(`${host.root}\n`)));
        const won = (await Promise.all(answers)).reduce((sum, one) => sum + one, 0);
        for (const one of all) one.end();
        await Promise.all(all.map((one) => one.done));
        assert.equal(won, 1, `round ${round}`);
      }
    });
  });
}

test("without systemd-run a shell that outlives the connection puts back", async (t) => {
  const shell = shells[0] as (typeof shells)[0];
  const host = hostWithChrony(t, shell, { STAND_IN_NO_TIMERS: "yes" });
  const before = host.snapshot();
  const { id, script } = start(host, {}, dyingAt(applyScript(), "healthy"));
  await script.done;
  assert.equal(host.read("etc/chrony.conf"), "server b\n");
  const verdict = `${host.stateDirectory}/transactions/${id}/rolled-back`;
  await until(() => existsSync(verdict));
  await until(() => !existsSync(`${host.stateDirectory}/lock`));
  assert.deepEqual(host.snapshot(), before);
  assertNothingLeft(host);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

function start(
  host: ApplyHost,
  parts: Partial<Transaction> = {},
  build: RemoteScript = applyScript(),
): { id: string; script: LocalScript } {
  const files = [change(host, "etc/chrony.conf", "server b\n")];
  const transaction = transactionOf({ files, ...CHRONY_RESTART, ...parts });
  const { stateDirectory, bootUnits } = host;
  const options = { stateDirectory, bootUnits, who: "anna@desk", recovery: recoveryScript().source };
  const script = host.start(build);
  script.write(encodeTransaction(transaction, options)).catch(() => undefined);
  return { id: transaction.id, script };
}

async function untilHealthy(script: LocalScript): Promise<void> {
  for await (const line of script.lines) if (line === "lfce healthy") return;
  assert.fail("the change did not become healthy");
}

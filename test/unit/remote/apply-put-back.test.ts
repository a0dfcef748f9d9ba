import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import type { LfceError } from "../../../src/core/errors.ts";
import { rollbackOf, type Transaction } from "../../../src/core/transaction.ts";
import { type ApplyHost, change, groupName, shells, transactionOf } from "./apply-host.ts";
import { applyTo, assertNothingLeft, CHRONY_RESTART, hostWithChrony } from "./apply-steps.ts";

for (const shell of shells) {
  describe(`putting a change back (${shell.name})`, () => {
    test("a daemon that does not start: files come back with inode and times, the daemon runs again", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/old.conf", "old\n");
      const before = host.snapshot();
      const files = [
        change(host, "etc/chrony.conf", "kills-the-daemon\n"),
        change(host, "etc/new.conf", "new\n"),
        change(host, "etc/old.conf", null),
      ];
      const rights = { mode: "0755", owner: host.owner, group: groupName(), reason: "test" };
      const directories = [{ path: host.path("etc/logs/remote"), ...rights }];
      const error = await failure(host, transactionOf({ files, directories, ...CHRONY_RESTART }));
      assert.equal(error.code, "unhealthy");
      assert.match(error.message, /Job for chrony failed/);
      assert.match(error.message, /every file was put back, and the services run as before/);
      assert.deepEqual(rollbackOf(error), {
        reason: "cannot restart chrony",
        restoredFiles: files.map((file) => file.path),
        restartedUnits: ["chrony"],
        healthy: true,
      });
      assert.deepEqual(host.snapshot(), before);
      assert.equal(host.unit("chrony", "ActiveState"), "active");
      assertNothingLeft(host);
    });

    test("originals come back as they were also when lfce's directory is on another file system", async (t) => {
      if (!existsSync("/dev/shm")) return t.skip("no second file system: not tested");
      const host = hostWithChrony(t, shell);
      host.stateDirectory = `/dev/shm/lfce-${process.pid}-${shell.name}`;
      t.after(() => rmSync(host.stateDirectory, { recursive: true, force: true }));
      const before = host.snapshot();
      const files = [change(host, "etc/chrony.conf", "kills-the-daemon\n")];
      await failure(host, transactionOf({ files, ...CHRONY_RESTART }));
      assert.deepEqual(host.snapshot(), before);
      host.write("etc/chrony.conf", "server a\n");
      const good = transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] });
      await (await applyTo(host, good)).commit();
      assert.deepEqual(Object.keys(host.snapshot()), ["chrony.conf"]);
      assertNothingLeft(host);
    });

    test("a unit that was stopped and disabled is so again", async (t) => {
      const host = hostWithChrony(t, shell);
      host.setUnit("chrony", "ActiveState", "inactive");
      host.setUnit("chrony", "UnitFileState", "disabled");
      const units = (["enable", "start"] as const).map((action) => ({
        unit: "chrony",
        action,
        reason: "test",
      }));
      const files = [change(host, "etc/chrony.conf", "kills-the-daemon\n")];
      await failure(host, transactionOf({ files, units }));
      assert.equal(host.unit("chrony", "ActiveState"), "inactive");
      assert.equal(host.unit("chrony", "UnitFileState"), "disabled");
    });

    test("a daemon that does not come back with its old file either is said so", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/chrony.conf", "kills-the-daemon\n");
      const files = [change(host, "etc/chrony.conf", "kills-the-daemon too\n")];
      const error = await failure(host, transactionOf({ files, ...CHRONY_RESTART }));
      assert.match(error.message, /not everything came back: chrony did not come back/);
      assert.equal(rollbackOf(error)?.healthy, false);
      assert.equal(host.read("etc/chrony.conf"), "kills-the-daemon\n");
    });

    test("rsyslogd that runs but rejects a part of its new configuration is unhealthy", async (t) => {
      const host = hostWithRsyslog(t, shell);
      const complaint =
        "logs module 'imtcp' already in this config [v8.2302.0 try https://www.rsyslog.com/e/2221 ]\n";
      const error = await failure(host, rsyslogChange(host, complaint));
      assert.equal(error.code, "unhealthy");
      assert.match(error.message, /already in this config/);
    });

    test("what rsyslogd complained about before, and what it cannot reach, is no reason to put back", async (t) => {
      const host = hostWithRsyslog(t, shell);
      const old = "parameter 'foo' not known [v8.2302.0 try https://www.rsyslog.com/e/2207 ]";
      host.write("stand-in-state/journal", `boot hello\nrsyslog ${old}\n`);
      const refused =
        "cannot connect to 10.0.0.9:514: Connection refused [v8.2302.0 try https://www.rsyslog.com/e/2027 ]";
      const pending = await applyTo(host, rsyslogChange(host, `logs ${old}\nlogs ${refused}\n`));
      assert.deepEqual(pending.notices, [`rsyslog: ${refused}`]);
      await pending.commit();
    });

    test("a declared port on which something listens is healthy", async (t) => {
      const host = hostWithChrony(t, shell);
      const server = createServer().listen(0, "127.0.0.1");
      t.after(() => server.close());
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as { port: number };
      const pending = await applyTo(
        host,
        transactionOf({ health: [{ kind: "listening", protocol: "tcp", port }] }),
      );
      await pending.commit();
    });

    test("the verdict `rollback` puts back and says what; a reason of several lines is kept as one", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const files = [change(host, "etc/chrony.conf", "server b\n")];
      const pending = await applyTo(host, transactionOf({ files, ...CHRONY_RESTART }));
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
      assert.deepEqual(await pending.rollback("no source\nselected"), {
        reason: "no source\nselected",
        restoredFiles: [host.path("etc/chrony.conf")],
        restartedUnits: ["chrony"],
        healthy: true,
      });
      assert.deepEqual(host.snapshot(), before);
      assertNothingLeft(host);
    });

    test("keepFailed leaves a failed change as it is, without a lock", async (t) => {
      const host = hostWithChrony(t, shell);
      const files = [change(host, "etc/chrony.conf", "kills-the-daemon\n")];
      const transaction = transactionOf({ files, ...CHRONY_RESTART, keepFailed: true });
      const error = await failure(host, transaction);
      assert.match(error.message, /left as it is/);
      assert.equal(rollbackOf(error), undefined);
      assert.equal(host.read("etc/chrony.conf"), "kills-the-daemon\n");
      assertNothingLeft(host);
      assert.equal(
        readFileSync(`${host.stateDirectory}/transactions/${transaction.id}/before/1`, "utf8"),
        "server a\n",
      );
    });

    test("with keepFailed the verdict `rollback` is obeyed all the same: whoever sends it wants it", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const files = [change(host, "etc/chrony.conf", "server b\n")];
      const pending = await applyTo(host, transactionOf({ files, ...CHRONY_RESTART, keepFailed: true }));
      const outcome = await pending.rollback("interrupted");
      assert.deepEqual(outcome.restoredFiles, [host.path("etc/chrony.conf")]);
      assert.deepEqual(host.snapshot(), before);
      assertNothingLeft(host);
    });

    test("a file that was never swapped keeps no second name: the next change finds it as it was", async (t) => {
      const host = hostWithChrony(t, shell);
      // An editor saves into the same file between its backup and the swap.
      const bin = host.path("bin");
      mkdirSync(bin);
      writeFileSync(
        `${bin}/journalctl`,
        `#!/bin/sh\necho "server mine" >${host.path("etc/chrony.conf")}\nexit 0\n`,
        { mode: 0o755 },
      );
      const start = host.start;
      const disturbed: ApplyHost = {
        ...host,
        channel: { ...host.channel, open: async (script) => start(script, bin) },
      };
      const first = transactionOf({
        files: [change(host, "etc/chrony.conf", "server b\n")],
        ...CHRONY_RESTART,
      });
      const error = await failure(disturbed, first);
      assert.equal(error.code, "changed-meanwhile");
      assert.equal(host.read("etc/chrony.conf"), "server mine\n");
      assert.equal(statSync(host.path("etc/chrony.conf")).nlink, 1);
      const again = transactionOf({
        files: [change(host, "etc/chrony.conf", "server b\n")],
        ...CHRONY_RESTART,
      });
      await (await applyTo(host, again)).commit();
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
    });

    test("a version that somebody wrote over the new file is kept aside", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const transaction = transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] });
      const pending = await applyTo(host, transaction);
      host.write("etc/chrony.conf", "server mine\n");
      await pending.rollback("test");
      assert.deepEqual(host.snapshot(), before);
      const aside = `${host.stateDirectory}/transactions/${transaction.id}/displaced/1`;
      assert.equal(readFileSync(aside, "utf8"), "server mine\n");
    });
  });
}

test("a declared port on which nothing listens is unhealthy after ten seconds", async (t) => {
  const host = hostWithChrony(t, shells[0] as (typeof shells)[0]);
  const before = host.snapshot();
  const files = [change(host, "etc/chrony.conf", "server b\n")];
  const transaction = transactionOf({ files, health: [{ kind: "listening", protocol: "tcp", port: 1 }] });
  const error = await failure(host, transaction);
  assert.equal(error.code, "unhealthy");
  assert.match(error.message, /nothing listens on tcp port 1/);
  assert.deepEqual(host.snapshot(), before);
});

function failure(host: ApplyHost, transaction: Transaction): Promise<LfceError> {
  return applyTo(host, transaction).then(
    () => assert.fail("the change did not fail"),
    (reason) => reason,
  );
}

function hostWithRsyslog(...parameters: Parameters<typeof hostWithChrony>): ApplyHost {
  const host = hostWithChrony(...parameters);
  host.write("etc/rsyslog.conf", "\n");
  host.addUnit("rsyslog", "etc/rsyslog.conf");
  return host;
}

function rsyslogChange(host: ApplyHost, content: string): Transaction {
  return transactionOf({
    files: [change(host, "etc/rsyslog.conf", content)],
    units: [{ unit: "rsyslog", action: "restart", reason: "test" }],
    health: [{ kind: "active", unit: "rsyslog" }],
  });
}

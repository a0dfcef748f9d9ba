import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { describe, test } from "node:test";
import type { ScriptChannel } from "../../../src/remote/run-script.ts";
import { change, groupName, sha256, shells, transactionOf } from "./apply-host.ts";
import { applyTo, CHRONY_RESTART, hostWithChrony, refusal } from "./apply-steps.ts";

for (const shell of shells) {
  describe(`a change of a host (${shell.name})`, () => {
    test("writes, creates and removes files, restarts what was asked, and commits", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/old rules", "gone\n");
      const files = [
        change(host, "etc/chrony.conf", "server b\n\\n $HOME `id` '\" \x00\xff\n"),
        change(host, 'etc/it\'s "new".conf', "new"),
        change(host, "etc/old rules", null),
        change(host, "etc/empty", ""),
      ];
      const loadedFiles = { chrony: [host.path("etc/chrony.conf")] };
      const pending = await applyTo(host, transactionOf({ files, ...CHRONY_RESTART, loadedFiles }));
      await pending.commit();
      assert.deepEqual(pending.notices, []);
      assert.equal(host.read("etc/chrony.conf"), files[0]?.after);
      assert.equal(host.read('etc/it\'s "new".conf'), "new");
      assert.equal(statSync(host.path("etc/empty")).mode & 0o7777, 0o640);
      assert.deepEqual(readdirSync(host.path("etc")), ["chrony.conf", "empty", 'it\'s "new".conf']);
      assert.deepEqual(host.systemctlCalls(), ["reset-failed chrony", "restart chrony"]);
      const record = readFileSync(`${host.stateDirectory}/restarts/chrony`, "utf8");
      assert.match(record, /^boot-id .+\nstarted-at .*\n/);
      assert.ok(
        record.endsWith(`\n${sha256(host.read("etc/chrony.conf"))}  ${host.path("etc/chrony.conf")}\n`),
      );
    });

    test("a restart record that could not be written whole is not kept", async (t) => {
      const host = hostWithChrony(t, shell);
      const open: ScriptChannel["open"] = (script, options) => {
        const broken = "\nsha256sum() { echo half; return 1; }\nmake_restart_records\n";
        const source = script.source.replace("\nmake_restart_records\n", () => broken);
        assert.notEqual(source, script.source);
        return host.channel.open({ ...script, source }, options);
      };
      const files = [change(host, "etc/chrony.conf", "server b\n")];
      const loadedFiles = { chrony: [host.path("etc/chrony.conf")] };
      const transaction = transactionOf({ files, ...CHRONY_RESTART, loadedFiles });
      await (await applyTo({ ...host, channel: { ...host.channel, open } }, transaction)).commit();
      assert.equal(existsSync(`${host.stateDirectory}/restarts/chrony`), false);
      assert.deepEqual(readdirSync(`${host.stateDirectory}/transactions/${transaction.id}/restarts`), []);
    });

    test("starts a unit that was started too often for systemd all the same", async (t) => {
      const host = hostWithChrony(t, shell);
      host.setUnit("chrony", "started-too-often", "");
      const transaction = transactionOf({
        files: [change(host, "etc/chrony.conf", "server b\n")],
        ...CHRONY_RESTART,
      });
      await (await applyTo(host, transaction)).commit();
      assert.deepEqual(host.systemctlCalls(), ["reset-failed chrony", "restart chrony"]);
    });

    test("finds the names of an include pattern in whatever order its shell lists them", async (t) => {
      const host = hostWithChrony(t, shell);
      const names = ["etc/b-1/x.conf", "etc/b/x.conf", "etc/B/x.conf", "etc/b/\u00e4 x.conf", "etc/b/X.conf"];
      for (const name of names) {
        mkdirSync(dirname(host.path(name)), { recursive: true });
        writeFileSync(host.path(name), "");
      }
      const transaction = transactionOf({
        files: [change(host, "etc/chrony.conf", "server b\n")],
        expectMatches: [{ pattern: host.path("etc/*/*.conf"), paths: names.map(host.path) }],
      });
      await (await applyTo(host, transaction)).commit();
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
    });

    test("leaves neither lock nor record nor stage file, and keeps the original in a private directory", async (t) => {
      const host = hostWithChrony(t, shell);
      const transaction = transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] });
      await (await applyTo(host, transaction)).commit();
      assert.deepEqual(readdirSync(host.stateDirectory), ["transactions"]);
      assert.equal(statSync(host.stateDirectory).mode & 0o7777, 0o700);
      const backup = `${host.stateDirectory}/transactions/${transaction.id}`;
      assert.equal(readFileSync(`${backup}/before/1`, "utf8"), "server a\n");
      assert.match(readFileSync(`${backup}/meta`, "utf8"), /^playbook site.yml$/m);
      assert.deepEqual(readdirSync(host.path("etc")), ["chrony.conf"]);
    });

    test("an existing file keeps its mode; a symbolic link stays and its target is edited", async (t) => {
      const host = hostWithChrony(t, shell);
      chmodSync(host.path("etc/chrony.conf"), 0o604);
      symlinkSync("chrony.conf", host.path("etc/link.conf"));
      const files = [change(host, "etc/link.conf", "server b\n")];
      await (await applyTo(host, transactionOf({ files }))).commit();
      assert.equal(statSync(host.path("etc/chrony.conf")).mode & 0o7777, 0o604);
      assert.ok(lstatSync(host.path("etc/link.conf")).isSymbolicLink());
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
    });

    test("missing directories are made with the asked mode, existing ones are left alone", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = statSync(host.path("etc")).mode;
      const rights = { owner: host.owner, group: groupName(), mode: "0750", reason: "test" };
      const directories = [
        { path: host.path("etc"), ...rights },
        { path: host.path("etc/logs/remote"), ...rights },
      ];
      await (await applyTo(host, transactionOf({ directories }))).commit();
      assert.equal(statSync(host.path("etc")).mode, before);
      assert.equal(statSync(host.path("etc/logs/remote")).mode & 0o7777, 0o750);
      assert.equal(statSync(host.path("etc/logs")).mode & 0o7777, 0o755);
    });

    test("units are enabled, started and restarted in the order given", async (t) => {
      const host = hostWithChrony(t, shell);
      host.addUnit("rsyslog", "etc/rsyslog.conf", { active: "inactive", enabled: "disabled" });
      host.write("etc/rsyslog.conf", "\n");
      const units = (["rsyslog enable", "rsyslog start", "chrony restart"] as const).map((words) => {
        const [unit, action] = words.split(" ") as ["rsyslog", "enable"];
        return { unit, action, reason: "test" };
      });
      await (await applyTo(host, transactionOf({ units }))).commit();
      assert.deepEqual(
        host.systemctlCalls().filter((call) => !call.startsWith("reset-failed")),
        ["enable rsyslog", "start rsyslog", "restart chrony"],
      );
    });

    test("only the last ten committed transactions are kept", async (t) => {
      const host = hostWithChrony(t, shell);
      const ids = [];
      for (let run = 0; run < 12; run++) {
        const transaction = transactionOf({});
        ids.push(transaction.id);
        await (await applyTo(host, transaction)).commit();
        // Commits of one second have no order that ls of every host knows.
        const hoursAgo = Date.now() / 1000 - 3600 * (12 - run);
        utimesSync(`${host.stateDirectory}/transactions/${transaction.id}/committed`, hoursAgo, hoursAgo);
      }
      assert.deepEqual(readdirSync(`${host.stateDirectory}/transactions`).sort(), ids.slice(-10).sort());
    });
  });

  describe(`what is left on the host (${shell.name})`, () => {
    test("the backup of a change stays, though the clock was set back since the last ten", async (t) => {
      const host = hostWithChrony(t, shell);
      for (let run = 0; run < 10; run++) {
        const transaction = transactionOf({});
        await (await applyTo(host, transaction)).commit();
        const nextYear = Date.now() / 1000 + 3600 * 24 * 365 + run;
        utimesSync(`${host.stateDirectory}/transactions/${transaction.id}/committed`, nextYear, nextYear);
      }
      const last = transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] });
      await (await applyTo(host, last)).commit();
      const backup = `${host.stateDirectory}/transactions/${last.id}/before/1`;
      assert.equal(readFileSync(backup, "utf8"), "server a\n");
    });

    test("a run that dies right after its verdict leaves nothing beside its files for long", async (t) => {
      const host = hostWithChrony(t, shell);
      const done = transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] });
      await (await applyTo(host, done)).commit();
      host.write(`etc/.lfce-stage-${done.id}-1~`, "left over");
      await (await applyTo(host, transactionOf({}))).commit();
      assert.deepEqual(Object.keys(host.snapshot()), ["chrony.conf"]);
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
    });
  });

  describe(`a change that is refused (${shell.name})`, () => {
    for (const [what, prepare] of [
      ["has other content", (path: string) => writeFileSync(path, "server other\n")],
      ["exists although it was absent", (path: string) => writeFileSync(`${path}.new`, "")],
    ] as const) {
      test(`a file that ${what} since the plan was made: changed-meanwhile`, async (t) => {
        const host = hostWithChrony(t, shell);
        const transaction = transactionOf({
          files: [change(host, "etc/chrony.conf", "server b\n"), change(host, "etc/chrony.conf.new", "x\n")],
        });
        prepare(host.path("etc/chrony.conf"));
        await refusal(host, transaction, "changed-meanwhile", /chrony\.conf/);
      });
    }

    test("a file that the plan only read and that changed: changed-meanwhile", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/included.conf", "1\n");
      const files = [change(host, "etc/chrony.conf", "server b\n")];
      const expect = [{ path: host.path("etc/included.conf"), sha256: sha256("0\n") }];
      await refusal(host, transactionOf({ files, expect }), "changed-meanwhile", /included\.conf/);
    });

    test("a file that a pattern includes by now, or no longer does: changed-meanwhile", async (t) => {
      const host = hostWithChrony(t, shell);
      host.write("etc/a.conf", "1\n");
      host.write("etc/.hidden.conf", "1\n");
      const files = [change(host, "etc/chrony.conf", "server b\n")];
      const pattern = host.path("etc/*.conf");
      const then = (...names: string[]) => [
        { pattern, paths: names.map((name) => host.path(`etc/${name}`)) },
      ];
      const fresh = transactionOf({ files, expectMatches: then("chrony.conf") });
      await refusal(host, fresh, "changed-meanwhile", /\*\.conf finds other files/);
      const gone = transactionOf({ files, expectMatches: then("b.conf", "chrony.conf", "a.conf") });
      await refusal(host, gone, "changed-meanwhile", /\*\.conf finds other files/);
      const same = transactionOf({ files, expectMatches: then("chrony.conf", "a.conf") });
      await (await applyTo(host, same)).commit();
    });

    test("what decides who may log in: target-refused", async (t) => {
      const host = hostWithChrony(t, shell);
      mkdirSync(host.path("etc/.ssh"));
      host.write("etc/.ssh/authorized_keys", "key\n");
      const files = [change(host, "etc/.ssh/authorized_keys", "\n")];
      await refusal(host, transactionOf({ files }), "target-refused", /its own way in/);
    });

    test("a directory, a pipe, a file with several names, a link to nothing: target-refused", async (t) => {
      const host = hostWithChrony(t, shell);
      mkdirSync(host.path("etc/directory"));
      linkSync(host.path("etc/chrony.conf"), host.path("etc/second-name"));
      symlinkSync("nowhere", host.path("etc/dangling"));
      const planned = (name: string) => ({
        ...change(host, name, "server b\n"),
        before: name === "etc/chrony.conf" ? { sha256: sha256("server a\n"), content: "server a\n" } : null,
      });
      for (const name of ["etc/directory", "etc/chrony.conf", "etc/dangling", "etc/missing/file"]) {
        const transaction = transactionOf({ files: [planned(name)], expect: [] });
        await refusal(host, transaction, "target-refused", new RegExp(name.split("/")[1] ?? ""));
      }
    });

    test("two paths that lead to one file: target-refused, before anything is staged", async (t) => {
      const host = hostWithChrony(t, shell);
      symlinkSync("chrony.conf", host.path("etc/link.conf"));
      const files = [
        change(host, "etc/chrony.conf", "server b\n"),
        change(host, "etc/link.conf", "server c\n"),
      ];
      await refusal(host, transactionOf({ files }), "target-refused", /two paths .* lead to .*chrony\.conf/);
    });

    test("an unknown owner of a new file is an error and leaves nothing behind", async (t) => {
      const host = hostWithChrony(t, shell);
      const file = { ...change(host, "etc/new.conf", "x\n"), owner: "no-such-user-here" };
      const directory = {
        path: host.path("etc/made"),
        mode: "0755",
        owner: host.owner,
        group: groupName(),
        reason: "",
      };
      const transaction = transactionOf({ files: [file], directories: [directory] });
      await refusal(host, transaction, "stage-failed", /no-such-user-here/);
      assert.ok(!existsSync(host.path("etc/made")));
    });

    test("input that breaks off changes nothing", async (t) => {
      const host = hostWithChrony(t, shell);
      const transaction = transactionOf({
        files: [change(host, "etc/chrony.conf", "server b\n".repeat(500))],
      });
      for (const part of [0.3, 0.6, 0.95]) {
        await refusal(host, transaction, /connection-lost|bad-input/, /./, (input) =>
          input.subarray(0, Math.floor(input.length * part)),
        );
      }
    });
  });
}

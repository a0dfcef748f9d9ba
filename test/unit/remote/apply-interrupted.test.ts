import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { applyScript, recoveryScript } from "../../../src/remote/apply.ts";
import { encodeTransaction } from "../../../src/remote/transaction-encode.ts";
import { type ApplyHost, change, groupName, type LocalScript, shells, transactionOf } from "./apply-host.ts";
import { applyTo, assertNothingLeft, CHRONY_RESTART, hostWithChrony } from "./apply-steps.ts";

for (const shell of shells) {
  describe(`a change that is interrupted (${shell.name})`, () => {
    test("the controller goes away before its verdict: the host puts back by itself", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const script = startChange(host);
      await linesUntil(script, "lfce healthy");
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
      // Both ends at once, as when the connection breaks: nobody reads what the script says from now on.
      script.kill();
      await script.done;
      assert.deepEqual(host.snapshot(), before);
      assert.equal(host.systemctlCalls().filter((call) => call === "restart chrony").length, 2);
      assertNothingLeft(host);
    });

    test("no verdict within the lease: put back; a renewed lease starts anew", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const script = startChange(host, { leaseSeconds: 1 });
      await linesUntil(script, "lfce healthy");
      const started = Date.now();
      await script.write("renew\n");
      const lines = await linesUntil(script, "lfce rolled-back yes no verdict came within 1 seconds");
      assert.ok(Date.now() - started >= 950);
      assert.ok(lines.includes("lfce renewed"));
      assert.deepEqual(host.snapshot(), before);
      assertNothingLeft(host);
    });

    test("SIGHUP is ignored, SIGTERM puts back", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const script = startChange(host);
      await linesUntil(script, "lfce healthy");
      process.kill(script.pid, "SIGHUP");
      await script.write("renew\n");
      await linesUntil(script, "lfce renewed");
      process.kill(script.pid, "SIGTERM");
      // Some shells look at signals only when what they wait for comes.
      await script.write("renew\n").catch(() => undefined);
      await script.done;
      assert.deepEqual(host.snapshot(), before);
      assertNothingLeft(host);
    });

    test("a second lfce is told who is at work; the first one's change stays whole", async (t) => {
      const host = hostWithChrony(t, shell);
      const first = await applyTo(
        host,
        transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] }),
      );
      await assert.rejects(applyTo(host, transactionOf({})), {
        code: "host-locked",
        message: /anna@desk, process \d+, since 20.*nothing on the host was changed/s,
      });
      await first.commit();
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
      assertNothingLeft(host);
    });

    for (const [what, lock] of [
      ["of another boot", `boot-id other\npid ${process.pid}\nstarted 1\nwho x\n`],
      [
        "of a process number that another process has now",
        `boot-id BOOT\npid ${process.pid}\nstarted 1\nwho x\n`,
      ],
      ["of a process that is gone", "boot-id BOOT\npid 4194999\nstarted 1\nwho x\n"],
      ["without content", ""],
    ] as const) {
      test(`a lock ${what} is broken`, async (t) => {
        const host = hostWithChrony(t, shell);
        const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
        mkdirSync(host.stateDirectory);
        writeFileSync(`${host.stateDirectory}/lock`, lock.replace("BOOT", boot));
        await (await applyTo(host, transactionOf({}))).commit();
        assertNothingLeft(host);
      });
    }

    test("killed after the swap: the next run puts back first and says so", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const script = startChange(host);
      await linesUntil(script, "lfce healthy");
      process.kill(script.pid, "SIGKILL");
      await script.done;
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
      const pending = await applyTo(host, transactionOf({}));
      assert.match(
        pending.notices[0] ?? "",
        /an interrupted change \(test-\d+\) was put back first: .*chrony.conf/,
      );
      await pending.commit();
      assert.deepEqual(host.snapshot(), before);
      assertNothingLeft(host);
    });

    test("killed at any instant: after the next run everything is as before", async (t) => {
      for (let round = 0; round < 6; round++) {
        const host = hostWithChrony(t, shell);
        host.write("etc/old.conf", "old\n");
        const before = host.snapshot();
        const script = startChange(host, {}, [
          change(host, "etc/new.conf", "new\n"),
          change(host, "etc/old.conf", null),
        ]);
        const instant = Math.random() * 700;
        const timer = setTimeout(() => process.kill(script.pid, "SIGKILL"), instant);
        await script.done;
        clearTimeout(timer);
        await (await applyTo(host, transactionOf({}))).commit();
        assert.deepEqual(host.snapshot(), before, `killed after ${instant} ms`);
        assert.equal(host.unit("chrony", "ActiveState"), "active");
        assertNothingLeft(host);
      }
    });

    test("the connection lost at any instant: everything is as before, or committed as a whole", async (t) => {
      for (let round = 0; round < 6; round++) {
        const host = hostWithChrony(t, shell);
        const before = host.snapshot();
        const script = startChange(host, {}, [change(host, "etc/new.conf", "new\n")]);
        await script.write("commit\n");
        const instant = Math.random() * 900;
        const timer = setTimeout(script.kill, instant);
        await script.done;
        clearTimeout(timer);
        if (existsSync(host.path("etc/new.conf"))) assert.equal(host.read("etc/chrony.conf"), "server b\n");
        else assert.deepEqual(host.snapshot(), before, `lost after ${instant} ms`);
        assertNothingLeft(host);
      }
    });
  });
}

function startChange(host: ApplyHost, parts = {}, files = [] as ReturnType<typeof change>[]): LocalScript {
  const rights = { mode: "0755", owner: host.owner, group: groupName(), reason: "test" };
  const transaction = transactionOf({
    files: [change(host, "etc/chrony.conf", "server b\n"), ...files],
    directories: [{ path: host.path("etc/logs"), ...rights }],
    ...CHRONY_RESTART,
    ...parts,
  });
  const script = host.start(applyScript());
  const { stateDirectory, bootUnits } = host;
  const options = { stateDirectory, bootUnits, who: "anna@desk", recovery: recoveryScript().source };
  script.write(encodeTransaction(transaction, options)).catch(() => undefined);
  return script;
}

const seen = new WeakMap<LocalScript, { iterator: AsyncIterator<string>; lines: string[] }>();

async function linesUntil(script: LocalScript, wanted: string): Promise<string[]> {
  const reader = seen.get(script) ?? { iterator: script.lines[Symbol.asyncIterator](), lines: [] };
  seen.set(script, reader);
  while (!reader.lines.includes(wanted)) {
    const next = await reader.iterator.next();
    if (next.done) assert.fail(`the script ended without "${wanted}":\n${reader.lines.join("\n")}`);
    reader.lines.push(next.value);
  }
  return reader.lines;
}

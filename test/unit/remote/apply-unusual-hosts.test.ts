import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { applyScript } from "../../../src/remote/apply.ts";
import type { RemoteScript } from "../../../src/remote/scripts.ts";
import { dyingAt, withStep } from "./apply-faults.ts";
import { type ApplyHost, change, sha256, shells, transactionOf } from "./apply-host.ts";
import { applyTo, assertNothingLeft, CHRONY_RESTART, hostWithChrony, refusal } from "./apply-steps.ts";

/** Its systemd does as it is told, but does not answer. */
const DEAF = `#!/bin/sh\n[ "$1" != show ] || exit 1\nPATH=\${PATH#*:} exec systemctl "$@"`;

for (const shell of shells) {
  describe(`hosts that are unusual (${shell.name})`, () => {
    test("a disk that has another number after a boot: what was never swapped stays as it is", async (t) => {
      const host = hostWithChrony(t, shell);
      const before = host.snapshot();
      const first = transactionOf({ files: [change(host, "etc/chrony.conf", "server b\n")] });
      await assert.rejects(applyTo(running(host, dyingAt(applyScript(), "recorded")), first));
      const facts = join(host.stateDirectory, "transactions", first.id, "facts/1");
      const lines = readFileSync(facts, "utf8").split("\n");
      lines[4] = `9${lines[4]}`;
      writeFileSync(facts, lines.join("\n"));
      const said = await host.recover(first.id, "boot");
      assert.deepEqual(host.snapshot(), before);
      assert.equal(statSync(host.path("etc/chrony.conf")).nlink, 1);
      assert.ok(!said.some((line) => /displaced|broken/.test(line)), said.join("\n"));
      assertNothingLeft(host);
    });

    test("what no list has room for counts as different: nothing is changed, or all is put back", async (t) => {
      for (const step of ["read", "lease-armed", "swapped-1"]) {
        const host = hostWithChrony(t, shell);
        const list = '"$transaction/found/all"';
        const full = `if [ "$1" = ${step} ]; then ln -sf /dev/full ${list}; fi`;
        const files = [change(host, "etc/chrony.conf", "server b\n")];
        const build = withStep(applyScript(), full);
        await refusal(running(host, build), transactionOf({ files }), "backup-failed", /cannot write below/);
      }
    });

    test("a systemd that gives no answer: nothing is changed, for nobody could say how to put units back", async (t) => {
      const host = hostWithChrony(t, shell);
      const bin = host.path("bin");
      mkdirSync(bin);
      writeFileSync(`${bin}/systemctl`, `${DEAF}\n`, { mode: 0o755 });
      const deaf = running(host, applyScript(), bin);
      const files = [change(host, "etc/chrony.conf", "server b\n")];
      await refusal(deaf, transactionOf({ files, ...CHRONY_RESTART }), "no-systemd", /how chrony is/);
    });

    test("a name that holds a line break, which the plan left out, is left out here as well", async (t) => {
      const host = hostWithChrony(t, shell);
      mkdirSync(host.path("etc/d"));
      for (const name of ["etc/d/a.conf", "etc/d/x\ny.conf"]) writeFileSync(host.path(name), "");
      const transaction = transactionOf({
        files: [change(host, "etc/chrony.conf", "server b\n")],
        expectMatches: [{ pattern: host.path("etc/d/*.conf"), paths: [host.path("etc/d/a.conf")] }],
      });
      await (await applyTo(host, transaction)).commit();
      assert.equal(host.read("etc/chrony.conf"), "server b\n");
    });

    test("a loaded file whose name holds what an echo may undo stands in the record by its own name", async (t) => {
      const host = hostWithChrony(t, shell);
      const name = String.raw`etc/a\tb\c.conf`;
      host.write(name, "x\n");
      const files = [change(host, "etc/chrony.conf", "server b\n")];
      const loadedFiles = { chrony: [host.path(name)] };
      await (await applyTo(host, transactionOf({ files, ...CHRONY_RESTART, loadedFiles }))).commit();
      const record = readFileSync(`${host.stateDirectory}/restarts/chrony`, "utf8");
      assert.ok(record.endsWith(`\n${sha256("x\n")}  ${host.path(name)}\n`), record);
      assert.ok(!existsSync(`${host.stateDirectory}/open`));
    });
  });
}

/** The host, which gets this build of apply.sh in place of the real one, and programs that stand before its own. */
function running(host: ApplyHost, build: RemoteScript, firstInPath?: string): ApplyHost {
  return { ...host, channel: { ...host.channel, open: async () => host.start(build, firstInPath) } };
}

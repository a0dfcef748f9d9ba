import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { NonceWatch } from "../../../src/core/evidence.ts";
import { logNonce } from "../../../src/remote/nonce.ts";
import { watchForNonces } from "../../../src/remote/nonce-watch.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";
import { type EvidenceHost, evidenceHost } from "./evidence-host.ts";

const LONG = 20_000;

for (const shell of scriptShells) {
  describe(`watch-nonces.sh under ${shell.name}`, () => {
    async function start(
      t: TestContext,
      ...programs: string[]
    ): Promise<(EvidenceHost & { watch: NonceWatch }) | undefined> {
      if (!usesShell(t, shell.program)) return undefined;
      const host = evidenceHost(shell, programs);
      if (programs.includes("date")) host.answer("date +%Y %m %d", "2026 12 31\n");
      const watch = await watchForNonces(host.channel);
      t.after(async () => {
        await watch.close();
        host.remove();
      });
      return { ...host, watch };
    }

    it("finds a nonce in a file that comes to be only after it was asked for", async (t) => {
      const host = await start(t);
      if (!host) return;
      const path = join(host.directory, "a file.log");
      const found = host.watch.expect("N-1", path, LONG);
      appendFileSync(path, "Nov 23 web1 lfce: other\nNov 23 web1 lfce: N-1\n");
      assert.deepEqual(await found, { path, line: "Nov 23 web1 lfce: N-1" });
    });

    it("finds a nonce that was there before it was asked for, and again when asked again", async (t) => {
      const host = await start(t);
      if (!host) return;
      const path = join(host.directory, "x.log");
      writeFileSync(path, `${"filler\n".repeat(20_000)}lfce: N-1\n`);
      assert.equal((await host.watch.expect("N-1", path, LONG))?.line, "lfce: N-1");
      assert.equal((await host.watch.expect("N-1", path, LONG))?.line, "lfce: N-1");
    });

    it("fills in the host's date, and after midnight looks into both days' files", async (t) => {
      const host = await start(t, "date");
      if (!host) return;
      const pattern = join(host.directory, "%Y/%m-%d.log");
      for (const year of ["2026", "2027"]) mkdirSync(join(host.directory, year));
      const [before, after] = ["2026/12-31.log", "2027/01-01.log"].map((name) => join(host.directory, name));
      const first = host.watch.expect("N-1", pattern, LONG);
      appendFileSync(before as string, "N-1\n");
      assert.equal((await first)?.path, before);
      host.answer("date +%Y %m %d", "2027 01 01\n");
      const both = [host.watch.expect("N-2", pattern, LONG), host.watch.expect("N-3", pattern, LONG)];
      appendFileSync(after as string, "N-2\n");
      appendFileSync(before as string, "N-3\n");
      assert.deepEqual(
        (await Promise.all(both)).map((arrival) => arrival?.path),
        [after, before],
      );
    });

    it("keeps many nonces in many files apart", async (t) => {
      const host = await start(t);
      if (!host) return;
      const all = Array.from({ length: 60 }, (_, index) => {
        const path = join(host.directory, `${index % 20}.log`);
        return { nonce: `nonce-${index}-x`, path };
      });
      const found = all.map(({ nonce, path }) => host.watch.expect(nonce, path, LONG));
      for (const { nonce, path } of all) appendFileSync(path, `web lfce: ${nonce}\n`);
      assert.deepEqual(
        (await Promise.all(found)).map((arrival) => arrival?.line),
        all.map(({ nonce }) => `web lfce: ${nonce}`),
      );
    });

    it("goes on in the new file after a rotation, and reads a line that comes in two pieces", async (t) => {
      const host = await start(t);
      if (!host) return;
      const path = join(host.directory, "x.log");
      writeFileSync(path, "old\n".repeat(5000));
      const first = host.watch.expect("N-1", path, LONG);
      appendFileSync(path, "half N");
      appendFileSync(path, "-1 whole\n");
      assert.equal((await first)?.line, "half N-1 whole");
      renameSync(path, `${path}.1`);
      writeFileSync(path, "N-2\n");
      assert.equal((await host.watch.expect("N-2", path, LONG))?.line, "N-2");
    });

    it("finds a nonce in what a large file gains", async (t) => {
      const host = await start(t);
      if (!host) return;
      const path = join(host.directory, "large.log");
      writeFileSync(path, "a line of another host\n".repeat(100_000));
      const first = host.watch.expect("N-1", path, LONG);
      appendFileSync(path, "N-1 first\n");
      assert.equal((await first)?.line, "N-1 first");
      appendFileSync(path, "another line\n".repeat(1000));
      const second = host.watch.expect("N-2", path, LONG);
      appendFileSync(path, `${"another line\n".repeat(10_000)}N-2 second\n`);
      assert.deepEqual(await second, { path, line: "N-2 second" });
    });

    it("finds nonces in large and small files by one look", async (t) => {
      const host = await start(t);
      if (!host) return;
      const [large, small] = [join(host.directory, "large.log"), join(host.directory, "small.log")];
      writeFileSync(large, `${"a line of another host\n".repeat(100_000)}N-1 first\n`);
      writeFileSync(small, "N-2 second\n");
      const both = [host.watch.expect("N-1", large, LONG), host.watch.expect("N-2", small, LONG)];
      const lines = (await Promise.all(both)).map((arrival) => arrival?.line);
      assert.deepEqual(lines, ["N-1 first", "N-2 second"]);
    });

    it("finds a nonce that many lines of others have followed in a large file before it is asked for", async (t) => {
      const host = await start(t);
      if (!host) return;
      const path = join(host.directory, "busy.log");
      writeFileSync(path, "a line of another host\n".repeat(100_000));
      const first = host.watch.expect("N-1", path, LONG);
      appendFileSync(path, `N-2 second\n${"a line of another host\n".repeat(1000)}N-1 first\n`);
      assert.equal((await first)?.line, "N-1 first");
      assert.deepEqual(await host.watch.expect("N-2", path, 3000), { path, line: "N-2 second" });
    });

    it("finds a nonce at the beginning of a file of middling size", async (t) => {
      const host = await start(t);
      if (!host) return;
      const path = join(host.directory, "middling.log");
      writeFileSync(path, `N-1 first\n${"a line of another host\n".repeat(25_000)}`);
      assert.equal((await host.watch.expect("N-1", path, LONG))?.line, "N-1 first");
    });

    it("shows control characters of a log line as question marks", async (t) => {
      const host = await start(t);
      if (!host) return;
      const path = join(host.directory, "x.log");
      const found = host.watch.expect("N-1", path, LONG);
      appendFileSync(path, Buffer.from("a\tb\x1b[2J\x01\xff N-1\n", "latin1"));
      assert.equal((await found)?.line, "a?b?[2J?? N-1");
    });

    it("gives undefined when the time is up", async (t) => {
      const host = await start(t);
      if (!host) return;
      assert.equal(await host.watch.expect("N-1", join(host.directory, "x.log"), 300), undefined);
    });

    it("goes on with what can be read when a file cannot, stray bytes or not", async (t) => {
      const host = await start(t);
      if (!host) return;
      const [log, other] = [join(host.directory, "x.log"), join(host.directory, "other.log")];
      writeFileSync(log, Buffer.from("a\0b\n", "latin1"));
      mkdirSync(other);
      const never = host.watch.expect("N-0", other, 300);
      const first = host.watch.expect("N-1", log, LONG);
      appendFileSync(log, Buffer.from("\x81 N-1\n", "latin1"));
      assert.match((await first)?.line ?? "", / N-1$/);
      assert.equal(await never, undefined);
      appendFileSync(log, "N-2\n");
      assert.equal((await host.watch.expect("N-2", log, LONG))?.line, "N-2");
    });

    it("cuts a line that is very long", async (t) => {
      const host = await start(t);
      if (!host) return;
      const path = join(host.directory, "x.log");
      writeFileSync(path, `N-1 ${"x".repeat(200_000)}\n`);
      assert.equal((await host.watch.expect("N-1", path, LONG))?.line, `N-1 ${"x".repeat(1996)}`);
    });

    it("asks for the date only where a path holds one", async (t) => {
      const host = await start(t, "date");
      if (!host) return;
      const path = join(host.directory, "x.log");
      writeFileSync(path, "N-1\n");
      await host.watch.expect("N-1", path, LONG);
      assert.deepEqual(host.calls(), [""]);
      writeFileSync(join(host.directory, "2026.log"), "N-2\n");
      await host.watch.expect("N-2", join(host.directory, "%Y.log"), LONG);
      assert.deepEqual(host.calls(), ["date +%Y %m %d"]);
    });
  });
}

describe("a look-out that breaks", () => {
  it("rejects what is still expected, and everything after it", async (t) => {
    const [shell] = scriptShells;
    if (!shell || !usesShell(t, shell.program)) return;
    const host = evidenceHost(shell);
    t.after(host.remove);
    const watch = await watchForNonces({
      ...host.channel,
      open: async (_, options) =>
        host.channel.open({ name: "watch-nonces", source: "read -r line; exit 3" }, options),
    });
    await assert.rejects(watch.expect("N-1", "/x.log", LONG), { code: "watch-ended" });
    await assert.rejects(watch.expect("N-2", "/x.log", LONG), { code: "watch-ended" });
    await watch.close();
  });

  it("refuses what is no nonce and no path", async (t) => {
    const [shell] = scriptShells;
    if (!shell || !usesShell(t, shell.program)) return;
    const host = evidenceHost(shell);
    const watch = await watchForNonces(host.channel);
    t.after(async () => {
      await watch.close();
      host.remove();
    });
    await assert.rejects(watch.expect("a b", "/x", 1), { code: "unusable-value" });
    await assert.rejects(watch.expect("a", "x.log", 1), { code: "unusable-value" });
    await assert.rejects(watch.expect("a", "/x\nexpect b 1 /y", 1), { code: "unusable-value" });
  });
});

for (const shell of scriptShells) {
  it(`logs a nonce with its priority and the tag lfce, under ${shell.name}`, async (t) => {
    if (!usesShell(t, shell.program)) return;
    const host = evidenceHost(shell);
    t.after(host.remove);
    host.answer("logger -p local6.info -t lfce -- N-1", "");
    await logNonce(host.channel, "N-1", "local6.info");
    assert.deepEqual(host.calls(), ["logger -p local6.info -t lfce -- N-1"]);
    await assert.rejects(logNonce(host.channel, "N-2", "local6.info"), { code: "script-failed" });
    await assert.rejects(logNonce(host.channel, "N 1", "local6.info"), { code: "unusable-value" });
    await assert.rejects(logNonce(host.channel, "N-1", "local6.info;id"), { code: "unusable-value" });
  });
}

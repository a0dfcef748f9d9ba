import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { createSession } from "../../../src/remote/session.ts";
import type { RemoteProcess } from "../../../src/remote/transport.ts";
import { localTransport } from "../../ssh/local-transport.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";

const scratch = mkdtempSync(join(tmpdir(), "lfce-"));
after(() => rmSync(scratch, { recursive: true }));

const nothing = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };
const kept = { ...nothing, keepForMessages: true };

/** A host whose `logger` writes down what it is told to send, and refuses what says `refused`. */
function place(shell: (typeof scriptShells)[number] = scriptShells[0] as (typeof scriptShells)[number]) {
  const bin = mkdtempSync(join(scratch, "bin-"));
  const sent = join(bin, "sent");
  symlinkSync(shell.path(), join(bin, "sh"));
  writeFileSync(
    join(bin, "logger"),
    `#!/bin/sh\ncase "$*" in *refused*) echo 'logger: socket /dev/log: no such file' >&2; exit 1 ;; esac\necho "$*" >>${sent}\n`,
  );
  chmodSync(join(bin, "logger"), 0o755);
  const transport = localTransport([join(bin, "sh")], { ...process.env, PATH: `${bin}:${process.env.PATH}` });
  const running: RemoteProcess[] = [];
  /** How many of the commands before each one had not ended when it was started. */
  const beside: number[] = [];
  let alive = 0;
  const exec = async (command: string): Promise<RemoteProcess> => {
    beside.push(alive);
    alive += 1;
    const started = await transport.exec(command);
    running.push(started);
    const ended = (): void => {
      alive -= 1;
    };
    started.exited.then(ended, ended);
    return started;
  };
  const interrupt = new AbortController();
  const session = createSession(
    { ...transport, exec },
    { host: "web1", user: "root", become: false },
    interrupt.signal,
  );
  return {
    session,
    interrupt,
    running,
    beside,
    sent: () => (existsSync(sent) ? readFileSync(sent, "utf8").trimEnd().split("\n") : []),
  };
}

for (const shell of scriptShells) {
  const using = (t: TestContext) => (usesShell(t, shell.program) ? place(shell) : undefined);

  describe(`a look's shell that is kept, under ${shell.name}`, () => {
    it("logs messages without another exec, in the order in which they come", async (t) => {
      const host = using(t);
      if (!host) return;
      await host.session.observe(kept);
      await Promise.all(["N-1", "N-2"].map((nonce) => host.session.logNonce(nonce, "local6.info")));
      await host.session.logNonce("N-3", "user.notice");
      assert.deepEqual(host.sent(), [
        "-p local6.info -t lfce -- N-1",
        "-p local6.info -t lfce -- N-2",
        "-p user.notice -t lfce -- N-3",
      ]);
      assert.equal(host.running.length, 1);
      host.running[0]?.kill();
    });

    it("tells why logger refused a message, and takes the next one", async (t) => {
      const host = using(t);
      if (!host) return;
      await host.session.observe(kept);
      await assert.rejects(host.session.logNonce("refused-1", "local6.info"), {
        code: "script-failed",
        message: /logger: socket \/dev\/log: no such file/,
      });
      await host.session.logNonce("N-1", "local6.info");
      assert.deepEqual(host.sent(), ["-p local6.info -t lfce -- N-1"]);
    });

    it("sees the same of the host as one that is not kept", async (t) => {
      const host = using(t);
      if (!host) return;
      const request = { stat: ["/", "/etc/passwd"], files: ["/etc/passwd"] };
      const [one, other] = [
        await host.session.observe({ ...nothing, ...request }),
        await host.session.observe({ ...kept, ...request }),
      ];
      assert.deepEqual(one.files, other.files);
      assert.deepEqual(one.osRelease, other.osRelease);
      host.running[1]?.kill();
    });
  });
}

describe("a kept shell", () => {
  it("that dies is no loss: the next message has an exec of its own", async () => {
    const host = place();
    await host.session.observe(kept);
    host.running[0]?.kill();
    await host.session.logNonce("N-1", "local6.info");
    assert.deepEqual(host.sent(), ["-p local6.info -t lfce -- N-1"]);
    assert.equal(host.running.length, 2);
  });

  it("has ended before anything else is started on its host", async () => {
    const host = place();
    await host.session.observe(kept);
    await host.session.observe(kept);
    await assert.rejects(host.session.install("apt-get", []));
    await host.session.logNonce("N-1", "local6.info");
    assert.deepEqual(host.beside, [0, 0, 0, 0]);
  });

  it("has ended before either of two that come at the same time is started", async () => {
    const host = place();
    await host.session.observe(kept);
    await Promise.all([host.session.observe(nothing), host.session.observe(nothing)]);
    assert.deepEqual(host.beside, [0, 0, 1]);
  });

  it("logs what it was told before it ends", async () => {
    const host = place();
    await host.session.observe(kept);
    const logging = host.session.logNonce("N-1", "local6.info");
    await host.session.observe(nothing);
    await logging;
    assert.deepEqual(host.sent(), ["-p local6.info -t lfce -- N-1"]);
    assert.equal(host.running.length, 2);
  });

  it("is not there where nobody asked for it", async () => {
    const host = place();
    await host.session.observe(nothing);
    await host.session.logNonce("N-1", "local6.info");
    assert.equal(host.running.length, 2);
  });

  it("ends with the run that is interrupted", async () => {
    const host = place();
    await host.session.observe(kept);
    host.interrupt.abort();
    await host.running[0]?.exited;
    await assert.rejects(host.session.logNonce("N-1", "local6.info"), { code: "interrupted" });
    assert.deepEqual(host.sent(), []);
  });

  it("may wait longer than a look may take, and a message may not take as long as it likes", async (t) => {
    const host = place();
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await host.session.observe(kept);
    t.mock.timers.tick(3_600_000);
    await host.session.logNonce("N-1", "local6.info");
    assert.equal(host.running.length, 1);
    const stuck = host.session.logNonce("N-2", "local6.info");
    t.mock.timers.tick(20_000);
    await assert.rejects(stuck, { code: "script-timeout" });
    host.running[0]?.kill();
  });
});

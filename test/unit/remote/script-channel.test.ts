import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import type { LfceError } from "../../../src/core/errors.ts";
import type { ScriptChannel } from "../../../src/remote/run-script.ts";
import { createScriptChannel } from "../../../src/remote/script-channel.ts";
import type { RemoteScript } from "../../../src/remote/scripts.ts";
import type { RemoteProcess } from "../../../src/remote/transport.ts";
import { localTransport } from "../../ssh/local-transport.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";

const limits = { timeoutMs: 20_000, maxOutputBytes: 1 << 20 };
const script = (source: string): RemoteScript => ({ name: "example", source });
const local = (environment?: NodeJS.ProcessEnv) =>
  createScriptChannel(localTransport(["sh"], environment), "web1");

const scratch = mkdtempSync(join(tmpdir(), "lfce-"));
after(() => rmSync(scratch, { recursive: true }));

for (const loginShell of ["sh", "dash", "bash", "tcsh", "fish"]) {
  test(`a script runs behind the login shell ${loginShell} and gets the rest of stdin`, async (t) => {
    if (!usesShell(t, loginShell)) return;
    const channel = createScriptChannel(localTransport([loginShell]), "web1");
    const result = await channel.run(script("# a comment\nprintf '%s\\n' \"a\\\\b!\"\ncat\n"), {
      ...limits,
      stdin: Buffer.from("data \\n $(echo no) `no` ' \"\n\0\xff", "latin1"),
    });
    assert.equal(result.stdout.toString("latin1"), "a\\b!\ndata \\n $(echo no) `no` ' \"\n\0\xff");
    assert.deepEqual([result.code, result.stderr], [0, ""]);
  });
}

for (const shell of scriptShells) {
  test(`no data is lost to a shell that reads ahead: ${shell.name}`, async (t) => {
    if (!usesShell(t, shell.program)) return;
    const bin = mkdtempSync(join(scratch, "bin-"));
    symlinkSync(shell.path(), join(bin, "sh"));
    const channel = local({ ...process.env, PATH: `${bin}:${process.env.PATH}` });
    const big = Buffer.alloc(300_000, "line of data\n");
    const filler = `# ${"x".repeat(70)}\n`.repeat(200);
    const result = await channel.run(script(`${filler}printf '[%s]' "\${#}"\ncat`), {
      ...limits,
      stdin: big,
    });
    assert.equal(result.stdout.subarray(0, 3).toString(), "[0]");
    assert.ok(result.stdout.subarray(3).equals(big));
  });
}

test("backslashes in a script arrive as they stand", async () => {
  const result = await local().run(script("printf %s 'a\\n\\\\t\\0101%'"), limits);
  assert.equal(result.stdout.toString(), "a\\n\\\\t\\0101%");
});

test("an exit status and stderr are handed back; control characters are made visible", async () => {
  const result = await local().run(script("printf 'bad\\033[2J\\n' >&2; exit 7"), limits);
  assert.equal(result.code, 7);
  assert.equal(result.stderr, "bad\\x1b[2J\n");
});

test("what a login shell prints before the script is left out", async () => {
  const greeter = join(scratch, "greeter");
  writeFileSync(greeter, '#!/bin/sh\necho "Welcome! lfce-script-start"\nexec sh "$@"\n');
  chmodSync(greeter, 0o755);
  const channel = createScriptChannel(localTransport([greeter]), "web1");
  const result = await channel.run(script("echo hello"), limits);
  assert.equal(result.stdout.toString(), "hello\n");
});

test("endless output is cut off", async () => {
  await assert.rejects(local().run(script("while :; do echo endless; done"), limits), {
    code: "output-too-large",
  });
});

test("endless output before the script starts is cut off", async () => {
  const babbler = join(scratch, "babbler");
  writeFileSync(babbler, "#!/bin/sh\nwhile :; do echo endless; done\n");
  chmodSync(babbler, 0o755);
  const channel = createScriptChannel(localTransport([babbler]), "web1");
  await assert.rejects(channel.run(script("echo"), limits), { code: "output-too-large" });
});

test("a script that does not end meets its time limit", async () => {
  await assert.rejects(local().run(script("exec sleep 60"), { ...limits, timeoutMs: 200 }), {
    code: "script-timeout",
  });
});

test("an abort ends a running script", async () => {
  const controller = new AbortController();
  const running = local().run(script("echo up; exec sleep 60"), {
    ...limits,
    signal: controller.signal,
    onStdout: () => controller.abort(),
  });
  await assert.rejects(running, { code: "interrupted" });
});

test("stdin may come piece by piece", async () => {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let count = 0; count < 100; count += 1) yield Buffer.alloc(5_000, "0123456789");
  }
  const result = await local().run(script("wc -c"), { ...limits, stdin: pieces() });
  assert.equal(result.stdout.toString().trim(), "500000");
});

test("stdin that is held stays open until the answer's last line", async () => {
  const source = "printf 'key en'; printf 'd\\nen'; printf 'd\\n'; cat; echo closed";
  const result = await local().run(script(source), { ...limits, holdStdin: true });
  assert.equal(result.stdout.toString(), "key end\nend\nclosed\n");
});

test("stdin that is held is no reason to wait for a script that ends without an answer", async () => {
  const result = await local().run(script("exit 9"), { ...limits, holdStdin: true });
  assert.equal(result.code, 9);
});

test("a script that does not read its stdin still ends", async () => {
  const result = await local().run(script("exit 3"), { ...limits, stdin: Buffer.alloc(4_000_000, "x") });
  assert.equal(result.code, 3);
});

test("an open script is talked with line by line", async () => {
  const source = 'while IFS= read -r line; do echo "got $line"; done; exit 5';
  const running = await local().open(script(source), { maxOutputBytes: 1000 });
  const lines = running.lines[Symbol.asyncIterator]();
  await running.write("one\n");
  assert.equal((await lines.next()).value, "got one");
  await running.write("two\nthree\n");
  assert.equal((await lines.next()).value, "got two");
  assert.equal((await lines.next()).value, "got three");
  running.end();
  assert.equal((await lines.next()).done, true);
  assert.equal((await running.done).code, 5);
});

test("an open script that falls silent meets its idle limit, and its lines end with that error", async () => {
  const running = await local().open(script("echo one; exec sleep 60"), {
    maxOutputBytes: 1000,
    idleTimeoutMs: 300,
  });
  const seen: string[] = [];
  await assert.rejects(
    async () => {
      for await (const line of running.lines) seen.push(line);
    },
    { code: "script-timeout" },
  );
  assert.deepEqual(seen, ["one"]);
});

test("kill() closes the stdin of an open script", async () => {
  const running = await local().open(script("echo up; cat >/dev/null; exit 0"), { maxOutputBytes: 1000 });
  const lines = running.lines[Symbol.asyncIterator]();
  await lines.next();
  running.kill();
  await running.done;
  await assert.rejects(running.write("more\n"));
});

/** Runs commands here, and lets the test change what becomes of them. */
function changed(change: (running: RemoteProcess) => RemoteProcess): ScriptChannel {
  const transport = localTransport();
  const exec = async (command: string) => change(await transport.exec(command));
  return createScriptChannel({ ...transport, exec }, "web1");
}

test("a host that does not say that a dropped channel is closed is not waited for", async (t) => {
  const channel = changed((running) => ({ ...running, exited: new Promise(() => {}) }));
  const running = await channel.open(script("echo up; cat >/dev/null"), { maxOutputBytes: 1000 });
  await running.lines[Symbol.asyncIterator]().next();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  running.kill();
  t.mock.timers.tick(5_000);
  await assert.rejects(running.done, { code: "script-timeout" });
});

test("a login shell that never comes to the script costs 30 s, however long the script may take", async (t) => {
  const held = changed((running) => ({
    ...running,
    stdout: new PassThrough(),
    exited: new Promise(() => {}),
  }));
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const opening = held.open(script("echo up"), { maxOutputBytes: 1000 });
  const running = await opening;
  t.mock.timers.tick(29_999);
  assert.equal(await Promise.race([running.done, Promise.resolve("waits")]), "waits");
  t.mock.timers.tick(1);
  await assert.rejects(running.done, {
    code: "script-timeout",
    message: "example on web1 did not begin within 30 s",
  });
});

test("a script that has begun has all of its time", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const running = await local().open(script("echo up; cat >/dev/null"), { maxOutputBytes: 1000 });
  await running.lines[Symbol.asyncIterator]().next();
  t.mock.timers.tick(600_000);
  running.kill();
  await running.done;
});

test("waiting for a host that reads slowly leaves no listeners behind", async () => {
  let stdin: RemoteProcess["stdin"] | undefined;
  const channel = changed((running) => {
    stdin = running.stdin;
    return running;
  });
  let most = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let count = 0; count < 30; count += 1) {
      yield Buffer.alloc(500_000, "x");
      most = Math.max(most, stdin?.listenerCount("close") ?? 0);
    }
  }
  const result = await channel.run(script("wc -c"), { ...limits, stdin: pieces() });
  assert.equal(result.stdout.toString().trim(), "15000000");
  assert.ok(most < 5, `${most} listeners`);
});

/** A directory with a `sudo` that behaves as given, put before the real ones. */
function withSudo(body: string): NodeJS.ProcessEnv {
  const bin = mkdtempSync(join(scratch, "sudo-"));
  writeFileSync(join(bin, "sudo"), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, "sudo"), 0o755);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
}

const sudoCases: { title: string; body: string; code: string }[] = [
  {
    title: "asks for a password",
    body: "echo 'sudo: a password is required' >&2; exit 1",
    code: "sudo-needs-password",
  },
  {
    title: "does not know the user",
    body: "echo 'admin is not in the sudoers file.' >&2; exit 1",
    code: "sudo-denied",
  },
  {
    title: "does not allow the command",
    body: "echo \"Sorry, user admin is not allowed to execute '/bin/sh' as root on web1.\" >&2; exit 1",
    code: "sudo-denied",
  },
  {
    title: "wants a terminal",
    body: "echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1",
    code: "sudo-needs-tty",
  },
  {
    title: "is missing",
    body: "echo \"env: 'sudo': No such file or directory\" >&2; exit 127",
    code: "sudo-missing",
  },
];
for (const { title, body, code } of sudoCases) {
  test(`become where sudo ${title}: ${code}`, async () => {
    const channel = createScriptChannel(localTransport(["sh"], withSudo(body)), "web1", { method: "sudo" });
    await assert.rejects(
      channel.run(script("echo"), { ...limits, stdin: Buffer.from("x") }),
      (error: LfceError) => {
        assert.equal(error.code, code);
        assert.ok(error.hint);
        return true;
      },
    );
  });
}

test("become runs the script under sudo -n", async () => {
  const environment = withSudo('test "$1" = -n && test "$2" = -- && shift 2 && USED_SUDO=yes exec "$@"');
  const channel = createScriptChannel(localTransport(["sh"], environment), "web1", { method: "sudo" });
  const result = await channel.run(script('echo "$USED_SUDO"; cat'), {
    ...limits,
    stdin: Buffer.from("data"),
  });
  assert.equal(result.stdout.toString(), "yes\ndata");
});

test("an account without a shell is told apart from a script that fails", async () => {
  const nologin = join(scratch, "nologin");
  writeFileSync(nologin, "#!/bin/sh\necho This account is currently not available.\nexit 1\n");
  chmodSync(nologin, 0o755);
  const channel = createScriptChannel(localTransport([nologin]), "web1");
  await assert.rejects(channel.run(script("echo"), limits), (error: LfceError) => {
    assert.equal(error.code, "no-shell");
    assert.match(error.message, /not available/);
    return true;
  });
});

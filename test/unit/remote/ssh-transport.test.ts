import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createScriptChannel } from "../../../src/remote/script-channel.ts";
import { connectSsh } from "../../ssh/connect-once.ts";
import { usesShell } from "../../ssh/shells.ts";
import type { SshServerOptions } from "../../ssh/ssh-server.ts";
import { closeServers, environment, filesFor, serve, settings } from "./ssh-fixture.ts";

const limits = { timeoutMs: 20_000, maxOutputBytes: 1 << 20 };
const never = new AbortController().signal;
after(closeServers);

test("a script runs over a real connection, and close() ends the connection", async () => {
  const server = await serve();
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const channel = createScriptChannel(transport, "web1");
  const data = Buffer.alloc(400_000, "some data\n");
  const source = { name: "example", source: "cat; echo oops >&2; exit 4" };
  const result = await channel.run(source, { ...limits, stdin: data });
  assert.ok(result.stdout.equals(data));
  assert.deepEqual([result.code, result.stderr], [4, "oops\n"]);
  await transport.close();
  await assert.rejects(channel.run(source, limits), { code: "connection-lost" });
});

for (const loginShell of ["tcsh", "fish"]) {
  test(`the user's shell may be ${loginShell}`, async (t) => {
    if (!usesShell(t, loginShell)) return;
    const server = await serve({ loginShell });
    const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
    const channel = createScriptChannel(transport, "web1");
    const result = await channel.run(
      { name: "example", source: "cat" },
      { ...limits, stdin: Buffer.from("$x\n") },
    );
    assert.equal(result.stdout.toString(), "$x\n");
    await transport.close();
  });
}

test("an open script is killed by closing its channel, others go on", async () => {
  const server = await serve();
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const channel = createScriptChannel(transport, "web1");
  const echo = { name: "echo", source: 'while IFS= read -r line; do echo "got $line"; done' };
  const first = await channel.open(echo, { maxOutputBytes: 1000 });
  const second = await channel.open(echo, { maxOutputBytes: 1000 });
  first.kill();
  await second.write("hello\n");
  const lines = second.lines[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, "got hello");
  second.end();
  assert.equal((await second.done).code, 0);
  await transport.close();
});

test("a connection that breaks ends its scripts with connection-lost", async () => {
  const server = await serve();
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const channel = createScriptChannel(transport, "web1");
  const running = channel.run(
    { name: "example", source: "echo up; cat" },
    { ...limits, stdin: blocked(), onStdout: () => server.cut() },
  );
  await assert.rejects(running, { code: "connection-lost" });
  await transport.close();
});

async function* blocked(): AsyncGenerator<Buffer> {
  await new Promise(() => {});
}

const hostile: { title: string; onExec: SshServerOptions["onExec"]; code: string }[] = [
  {
    title: "ends without an exit status",
    onExec: (channel) => channel.end(),
    code: "connection-lost",
  },
  {
    title: "prints without end and never starts the script",
    onExec: (channel) => {
      const more = (): void => {
        while (!channel.destroyed && channel.write(Buffer.alloc(16_000, "x")));
      };
      channel.on("drain", more);
      more();
    },
    code: "output-too-large",
  },
  { title: "says nothing at all", onExec: () => {}, code: "script-timeout" },
];
for (const { title, onExec, code } of hostile) {
  test(`a host that ${title} is contained: ${code}`, async () => {
    const server = await serve({ onExec });
    const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
    const channel = createScriptChannel(transport, "web1");
    await assert.rejects(channel.run({ name: "example", source: "cat" }, { ...limits, timeoutMs: 1_000 }), {
      code,
    });
    await transport.close();
  });
}

test("a host that refuses to run commands", async () => {
  const server = await serve({ refuseExec: true });
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const running = createScriptChannel(transport, "web1").run({ name: "x", source: "cat" }, limits);
  await assert.rejects(running, { code: "no-shell" });
  await transport.close();
});

test("a host that never answers an exec request costs its time-out", async () => {
  const server = await serve({ ignoreExec: true });
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const channel = createScriptChannel(transport, "web1");
  await assert.rejects(channel.run({ name: "x", source: "cat" }, { ...limits, timeoutMs: 300 }), {
    code: "script-timeout",
  });
  await transport.close();
});

import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { after, test } from "node:test";
import type { ConnectionSettings } from "../../../src/core/connection.ts";
import type { LfceError } from "../../../src/core/errors.ts";
import { createScriptChannel } from "../../../src/remote/script-channel.ts";
import { connectSsh } from "../../../src/remote/ssh/connect.ts";
import type { SshEnvironment } from "../../../src/remote/ssh/environment.ts";
import { usesShell } from "../../ssh/shells.ts";
import { newKey, type SshServer, type SshServerOptions, startSshServer } from "../../ssh/ssh-server.ts";

const hostKey = newKey();
const otherHostKey = newKey();
const rsaHostKey = newKey("rsa");
const userKey = newKey();
const rsaUserKey = newKey("rsa");
const strangerKey = newKey();
const limits = { timeoutMs: 20_000, maxOutputBytes: 1 << 20 };
const never = new AbortController().signal;

const servers: SshServer[] = [];
after(async () => {
  for (const server of servers) await server.close();
});

async function serve(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
  const server = await startSshServer({
    hostKeys: [hostKey],
    authorized: [userKey.public, rsaUserKey.public],
    ...options,
  });
  servers.push(server);
  return server;
}

const publicPart = (key: { public: string }): string => key.public.split(" ").slice(0, 2).join(" ");

/** Files that exist only in the test. */
function environment(files: Record<string, string>): SshEnvironment {
  return {
    home: "/home/me",
    localUser: "me",
    readFile: async (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
  };
}

const known = (server: SshServer, key = hostKey): string => `[127.0.0.1]:${server.port} ${publicPart(key)}\n`;

function filesFor(server: SshServer, more: Record<string, string> = {}): Record<string, string> {
  return { "/home/me/.ssh/known_hosts": known(server), "/home/me/.ssh/id_ed25519": userKey.private, ...more };
}

function settings(server: { port: number }, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return {
    host: "web1",
    address: "127.0.0.1",
    port: server.port,
    user: "root",
    become: false,
    connectTimeoutMs: 10_000,
    ...more,
  };
}

async function refusal(connecting: Promise<unknown>): Promise<LfceError> {
  let caught: unknown;
  await assert.rejects(connecting, (error) => {
    caught = error;
    return true;
  });
  return caught as LfceError;
}

test("a script runs over a real connection, and close() ends the connection", async () => {
  const server = await serve();
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const channel = createScriptChannel(transport, "web1", false);
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
    const channel = createScriptChannel(transport, "web1", false);
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
  const channel = createScriptChannel(transport, "web1", false);
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
  const channel = createScriptChannel(transport, "web1", false);
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
    const channel = createScriptChannel(transport, "web1", false);
    await assert.rejects(channel.run({ name: "example", source: "cat" }, { ...limits, timeoutMs: 1_000 }), {
      code,
    });
    await transport.close();
  });
}

test("a host that refuses to run commands", async () => {
  const server = await serve({ refuseExec: true });
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const running = createScriptChannel(transport, "web1", false).run({ name: "x", source: "cat" }, limits);
  await assert.rejects(running, { code: "no-shell" });
  await transport.close();
});

test("a host that never answers an exec request costs its time-out", async () => {
  const server = await serve({ ignoreExec: true });
  const transport = await connectSsh(settings(server), environment(filesFor(server)), never);
  const channel = createScriptChannel(transport, "web1", false);
  await assert.rejects(channel.run({ name: "x", source: "cat" }, { ...limits, timeoutMs: 300 }), {
    code: "script-timeout",
  });
  await transport.close();
});

test("an unknown host key is refused before any key of ours is offered", async () => {
  const server = await serve();
  const files = { ...filesFor(server), "/home/me/.ssh/known_hosts": "" };
  const error = await refusal(connectSsh(settings(server), environment(files), never));
  assert.equal(error.code, "host-key-unknown");
  assert.match(error.message, /ssh-ed25519 SHA256:[\w+/]{43}/);
  assert.match(error.hint ?? "", new RegExp(`ssh-keyscan -p ${server.port} 127.0.0.1`));
  assert.deepEqual(server.attempts, []);
});

test("a changed host key is refused with both fingerprints, the line, and the command", async () => {
  const server = await serve();
  const files = {
    ...filesFor(server),
    "/home/me/.ssh/known_hosts": `# mine\n${known(server, otherHostKey)}`,
  };
  const error = await refusal(connectSsh(settings(server), environment(files), never));
  assert.equal(error.code, "host-key-changed");
  assert.equal(error.message.match(/SHA256:[\w+/]{43}/g)?.length, 2);
  assert.match(error.message, /\/home\/me\/\.ssh\/known_hosts:2/);
  assert.match(
    error.hint ?? "",
    new RegExp(`-f /home/me/.ssh/known_hosts -R '?\\[127.0.0.1\\]:${server.port}`),
  );
  assert.deepEqual(server.attempts, []);
});

test("a revoked host key is refused although it is also known", async () => {
  const server = await serve();
  const files = filesFor(server, { "/etc/ssh/ssh_known_hosts": `@revoked * ${publicPart(hostKey)}\n` });
  const error = await refusal(connectSsh(settings(server), environment(files), never));
  assert.equal(error.code, "host-key-revoked");
});

test("of a host's several keys the known one is asked for", async () => {
  const server = await serve({ hostKeys: [hostKey, rsaHostKey] });
  const files = { ...filesFor(server), "/home/me/.ssh/known_hosts": known(server, rsaHostKey) };
  const transport = await connectSsh(settings(server), environment(files), never);
  await transport.close();
});

test("known_hosts files that were named replace the usual ones", async () => {
  const server = await serve();
  const files = filesFor(server, { "/home/me/lab": known(server, otherHostKey) });
  const asked = settings(server, { knownHostsFiles: ["~/lab"] });
  assert.equal((await refusal(connectSsh(asked, environment(files), never))).code, "host-key-changed");
});

test("the given key is used, in the RSA format too", async () => {
  const server = await serve();
  const files = filesFor(server, { "/keys/rsa": rsaUserKey.private });
  const transport = await connectSsh(
    settings(server, { privateKeyFile: "/keys/rsa" }),
    environment(files),
    never,
  );
  assert.ok(
    server.attempts.every((attempt) => /^root (rsa-sha2|ssh-rsa)/.test(attempt)),
    server.attempts.join(),
  );
  await transport.close();
});

test("a key that the server does not take: what was offered, what is taken", async () => {
  const server = await serve();
  const files = filesFor(server, { "/keys/stranger": strangerKey.private });
  const error = await refusal(
    connectSsh(settings(server, { privateKeyFile: "/keys/stranger" }), environment(files), never),
  );
  assert.equal(error.code, "authentication-failed");
  assert.match(error.message, /\/keys\/stranger \(ssh-ed25519 SHA256:.*takes: publickey/s);
});

test("with no key at all the server is asked what it takes", async () => {
  const server = await serve();
  const files = { "/home/me/.ssh/known_hosts": known(server) };
  const error = await refusal(connectSsh(settings(server), environment(files), never));
  assert.equal(error.code, "authentication-failed");
  assert.match(error.message, /Offered: nothing.*takes: publickey/);
});

test("an agent that does not answer is passed over for the key files", async () => {
  const server = await serve();
  const broken = { ...environment(filesFor(server)), agentSocket: "/nonexistent/agent" };
  const transport = await connectSsh(settings(server), broken, never);
  await transport.close();
});

const badKeys: { title: string; content: string | undefined; code: string }[] = [
  { title: "missing", content: undefined, code: "key-file-missing" },
  { title: "not a key", content: "hello\n", code: "key-file-unreadable" },
  { title: "a public key", content: userKey.public, code: "key-file-unreadable" },
  {
    title: "encrypted",
    content: newEncryptedKey(),
    code: "key-file-encrypted",
  },
];
for (const { title, content, code } of badKeys) {
  test(`a key file that is ${title}: ${code}, and no connection is made`, async () => {
    const server = await serve();
    const files = filesFor(server, content === undefined ? {} : { "/keys/k": content });
    const error = await refusal(
      connectSsh(settings(server, { privateKeyFile: "/keys/k" }), environment(files), never),
    );
    assert.equal(error.code, code);
    assert.match(error.message, /\/keys\/k/);
    assert.equal(server.open(), 0);
  });
}

function newEncryptedKey(): string {
  return newKey("ed25519", "secret words").private;
}

test("nothing listens: connection-refused", async () => {
  const server = await serve();
  await server.close();
  const error = await refusal(connectSsh(settings(server), environment(filesFor(server)), never));
  assert.equal(error.code, "connection-refused");
  assert.match(error.message, new RegExp(`web1 \\(127.0.0.1:${server.port}\\)`));
});

test("a server that is silent, drops the connection, or speaks something else", async () => {
  const behaviours = [
    { behave: () => {}, code: "connect-timeout" },
    { behave: (socket: import("node:net").Socket) => socket.end(), code: "connection-lost" },
    {
      behave: (socket: import("node:net").Socket) => socket.end("SSH-1.0-old\r\n"),
      code: "ssh-protocol-error",
    },
  ];
  for (const { behave, code } of behaviours) {
    const server = createServer((socket) => {
      socket.on("error", () => {}).resume();
      behave(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = (server.address() as AddressInfo).port;
    const asked = settings({ port }, { connectTimeoutMs: 500 });
    const files = { "/home/me/.ssh/id_ed25519": userKey.private };
    assert.equal((await refusal(connectSsh(asked, environment(files), never))).code, code);
    // Resolves only when the client's side has closed its socket.
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

test("an abort ends connecting and closes the socket", async () => {
  const controller = new AbortController();
  const server = createServer((socket) => {
    socket.on("error", () => {}).resume();
    controller.abort();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = (server.address() as AddressInfo).port;
  const files = { "/home/me/.ssh/id_ed25519": userKey.private };
  const error = await refusal(connectSsh(settings({ port }), environment(files), controller.signal));
  assert.equal(error.code, "interrupted");
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test("through a jump host every hop's key is checked", async () => {
  const jump = await serve({ hostKeys: [otherHostKey] });
  const target = await serve();
  const asked = settings(target, { proxyJump: [`jumper@127.0.0.1:${jump.port}`] });
  const files = filesFor(target);
  const error = await refusal(connectSsh(asked, environment(files), never));
  assert.equal(error.code, "host-key-unknown");
  assert.match(error.message, new RegExp(`\\[127.0.0.1\\]:${jump.port}`));

  files["/home/me/.ssh/known_hosts"] += known(jump, otherHostKey);
  const transport = await connectSsh(asked, environment(files), never);
  const channel = createScriptChannel(transport, "web1", false);
  const result = await channel.run({ name: "x", source: "echo here" }, limits);
  assert.equal(result.stdout.toString(), "here\n");
  assert.match(jump.attempts[0] ?? "", /^jumper /);
  await transport.close();
});

test("a target that the jump host cannot reach", async () => {
  const jump = await serve();
  const gone = await serve();
  await gone.close();
  const asked = settings(gone, { proxyJump: [`127.0.0.1:${jump.port}`] });
  const error = await refusal(connectSsh(asked, environment(filesFor(jump)), never));
  assert.equal(error.code, "host-unreachable");
});

test("a jump host that would be taken for an option is refused", async () => {
  const asked = settings({ port: 22 }, { proxyJump: ["-oProxyCommand=x"] });
  assert.equal((await refusal(connectSsh(asked, environment({}), never))).code, "proxy-jump-invalid");
});

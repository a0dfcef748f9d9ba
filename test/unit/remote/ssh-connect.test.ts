import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { after, test } from "node:test";
import type { LfceError } from "../../../src/core/errors.ts";
import { createScriptChannel } from "../../../src/remote/script-channel.ts";
import { connectSsh } from "../../ssh/connect-once.ts";
import { newKey } from "../../ssh/ssh-server.ts";
import {
  closeServers,
  environment,
  filesFor,
  hostKey,
  known,
  otherHostKey,
  publicPart,
  rsaHostKey,
  rsaUserKey,
  serve,
  settings,
  strangerKey,
  userKey,
} from "./ssh-fixture.ts";

const limits = { timeoutMs: 20_000, maxOutputBytes: 1 << 20 };
const never = new AbortController().signal;
after(closeServers);

async function refusal(connecting: Promise<unknown>): Promise<LfceError> {
  let caught: unknown;
  await assert.rejects(connecting, (error) => {
    caught = error;
    return true;
  });
  return caught as LfceError;
}

test("an unknown host key is refused before any key of ours is offered", async () => {
  const server = await serve();
  const files = { ...filesFor(server), "/home/me/.ssh/known_hosts": "" };
  const error = await refusal(connectSsh(settings(server), environment(files), never));
  assert.equal(error.code, "host-key-unknown");
  assert.match(error.message, /ssh-ed25519 SHA256:[\w+/]{43}/);
  assert.match(error.hint ?? "", /ssh_host_ed25519_key\.pub.*lfce trust PLAYBOOK --limit web1$/);
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
  assert.match(error.message, /offered: nothing.*takes: publickey/);
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
  assert.match(error.hint ?? "", /lfce trust PLAYBOOK$/);

  files["/home/me/.ssh/known_hosts"] += known(jump, otherHostKey);
  const transport = await connectSsh(asked, environment(files), never);
  const channel = createScriptChannel(transport, "web1");
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

test("an interrupt while a jump host connects onwards", async () => {
  const jump = await serve({ ignoreForward: true });
  const stop = new AbortController();
  const asked = settings({ port: 22 }, { proxyJump: [`127.0.0.1:${jump.port}`] });
  const refused = refusal(connectSsh(asked, environment(filesFor(jump)), stop.signal));
  while (jump.forwards.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  assert.equal((await refused).code, "interrupted");
});

test("a jump host that would be taken for an option is refused", async () => {
  const asked = settings({ port: 22 }, { proxyJump: ["-oProxyCommand=x"] });
  assert.equal((await refusal(connectSsh(asked, environment({}), never))).code, "proxy-jump-invalid");
});

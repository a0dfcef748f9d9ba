import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, test } from "node:test";
import { LfceError } from "../../../src/core/errors.ts";
import { secret } from "../../../src/core/secrets.ts";
import { createScriptChannel } from "../../../src/remote/script-channel.ts";
import { realTools } from "../../../src/remote/ssh/attempts.ts";
import { clientTransport } from "../../../src/remote/ssh/client-transport.ts";
import { createConnector } from "../../../src/remote/ssh/connect.ts";
import { connectHop } from "../../../src/remote/ssh/connect-hop.ts";
import { handshake } from "../../../src/remote/ssh/handshake.ts";
import { readKnownHosts } from "../../../src/remote/ssh/host-keys/known-hosts-read.ts";
import { collectCredentials } from "../../../src/remote/ssh/login/credentials.ts";
import { resolveRoute } from "../../../src/remote/ssh/route.ts";
import { relayTo } from "../../ssh/relay.ts";
import type { SshServerOptions } from "../../ssh/ssh-server.ts";
import { closeServers, environment, filesFor, known, serve, settings, userKey } from "./ssh-fixture.ts";

const never = new AbortController().signal;
const cleanups: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const cleanup of cleanups) await cleanup();
  await closeServers();
});

/** A server that does what it is told with each connection, instead of speaking SSH. */
async function speak(behave: (socket: Socket) => void): Promise<{ port: number; made: () => number }> {
  let made = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    made += 1;
    sockets.add(socket);
    socket.on("error", () => {}).resume();
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, made: () => made };
}

async function failure(work: Promise<unknown>): Promise<LfceError> {
  const error = await work.then(
    () => assert.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LfceError, String(error));
  return error;
}

const quick = { ...realTools, wait: () => new Promise<void>((resolve) => setImmediate(resolve)) };
const myKey = { "/home/me/.ssh/id_ed25519": userKey.private };

const silences: { title: string; words: string; says: RegExp }[] = [
  { title: "says nothing at all", words: "", says: /says nothing/ },
  { title: "greets and then says nothing", words: "SSH-2.0-OpenSSH_9.6\r\n", says: /agreeing on keys/ },
  { title: "talks for ever but not SSH", words: "hello\r\n", says: /says nothing/ },
];
for (const { title, words, says } of silences) {
  test(`a server that ${title} costs one time-out and is not tried again`, async () => {
    const server = await speak((socket) => socket.write(words));
    const connector = createConnector(environment(myKey), quick);
    const error = await failure(connector.connect(settings(server, { connectTimeoutMs: 300 }), never));
    assert.equal(error.code, "connect-timeout");
    assert.match(error.message, says);
    assert.equal(server.made(), 1);
  });
}

test("a server that never answers the login costs one time-out", async () => {
  const server = await serve({ ignoreLogin: true });
  const connector = createConnector(environment(filesFor(server)), quick);
  const error = await failure(connector.connect(settings(server, { connectTimeoutMs: 700 }), never));
  assert.equal(error.code, "connect-timeout");
  assert.match(error.message, /in the middle of the login/);
});

const marker = "lfce-script-start\n";
const stalls: { title: string; options: Partial<SshServerOptions> }[] = [
  { title: "never opens a session", options: { ignoreSession: true } },
  { title: "never answers the request to run something", options: { ignoreExec: true } },
  { title: "never starts the script", options: { onExec: () => {} } },
  {
    title: "stops in the middle of its output",
    options: { onExec: (channel) => channel.write(`${marker}now 1\nui`) },
  },
];
for (const { title, options } of stalls) {
  test(`a host that ${title} costs the script's time-out`, async () => {
    const server = await serve(options);
    const connector = createConnector(environment(filesFor(server)), quick);
    const transport = await connector.connect(settings(server), never);
    const running = createScriptChannel(transport, "web1").run(
      { name: "example", source: "cat" },
      { timeoutMs: 300, maxOutputBytes: 1000 },
    );
    assert.equal((await failure(running)).code, "script-timeout");
    await transport.close();
  });
}

test("a connection that goes dead in the middle of output is found out by its missing signs of life", async () => {
  const server = await serve({ onExec: (channel) => channel.write(`${marker}now 1\nui`) });
  const relay = await relayTo(server.port);
  cleanups.push(relay.close);
  const files = filesFor(server, { "/home/me/.ssh/known_hosts": known(relay) });
  const here = environment(files);
  const [hop] = await resolveRoute(settings(relay), here);
  const client = await connectHop(
    {
      ...hop,
      serverAliveIntervalMs: 30,
      serverAliveCountMax: 2,
      signal: never,
      warn: () => {},
      credentials: await collectCredentials(hop, here),
      knownHosts: await readKnownHosts(hop.knownHostsFiles, here),
    },
    undefined,
  );
  const transport = clientTransport(client, "web1", () => {});
  const channel = createScriptChannel(transport, "web1");
  const running = channel.run(
    { name: "example", source: "cat" },
    { timeoutMs: 60_000, maxOutputBytes: 1000, onStdout: () => relay.freeze() },
  );
  const error = await failure(running);
  assert.equal(error.code, "connection-lost");
  assert.match(error.message, /Keepalive timeout/);
  await transport.close();
});

test("a connection over a dead line is closed without waiting for the host's farewell", async () => {
  const server = await serve();
  const relay = await relayTo(server.port);
  cleanups.push(relay.close);
  const here = environment(filesFor(server, { "/home/me/.ssh/known_hosts": known(relay) }));
  const [hop] = await resolveRoute(settings(relay), here);
  const stream = connect(relay.port, "127.0.0.1");
  const client = await handshake(stream, {
    ...hop,
    signal: never,
    warn: () => {},
    credentials: await collectCredentials(hop, here),
    knownHosts: await readKnownHosts(hop.knownHostsFiles, here),
  });
  relay.freeze();
  await clientTransport(client, "web1", () => {}).close();
  assert.equal(stream.destroyed, true);
});

test("drops above MaxStartups, said, silent or as resets, pass: the login succeeds in the end", async () => {
  const server = await serve();
  let drops = 0;
  const relay = await relayTo(server.port, (socket) => {
    drops += 1;
    if (drops > 6) return true;
    if (drops % 3 === 0) socket.resetAndDestroy();
    else socket.end(drops % 3 === 1 ? "Exceeded MaxStartups\r\n" : "");
    return false;
  });
  cleanups.push(relay.close);
  const files = filesFor(server, { "/home/me/.ssh/known_hosts": known(relay) });
  const notes: string[] = [];
  const connector = createConnector(environment(files), { ...quick, note: (text) => notes.push(text) });
  const transport = await connector.connect(settings(relay), never);
  await transport.close();
  assert.equal(notes.length, 6);
  assert.match(notes[0] ?? "", /MaxStartups.*trying web1 again in \d+ ms \(attempt 2\)/);
});

test("a host that goes on dropping logins is given up, and the error says how often it was tried", async () => {
  const server = await speak((socket) => socket.end("Exceeded MaxStartups\r\n"));
  const connector = createConnector(environment(myKey), quick);
  const error = await failure(connector.connect(settings(server, { connectTimeoutMs: 5_000 }), never));
  assert.equal(error.code, "server-busy");
  const count = Number(/\(tried (\d+) times\)$/.exec(error.message)?.[1]);
  assert.equal(count, server.made());
  assert.ok(count > 3 && count <= 10, error.message);
});

for (const [denial, given] of [
  ["authentication-failed", {}],
  ["password-refused", { password: secret("wrong") }],
] as const) {
  test(`a host that turns this address away after ${denial} is left alone`, async () => {
    const server = await serve({
      onAuthentication: (context) => {
        context.reject(["publickey", "password"]);
        return true;
      },
    });
    let connections = 0;
    const relay = await relayTo(server.port, (socket) => {
      connections += 1;
      if (connections === 1) return true;
      socket.end("Not allowed at this time\r\n");
      return false;
    });
    cleanups.push(relay.close);
    const files = filesFor(server, { "/home/me/.ssh/known_hosts": known(relay) });
    const connector = createConnector(environment(files), quick);
    assert.equal((await failure(connector.connect(settings(relay, given), never))).code, denial);
    assert.equal((await failure(connector.connect(settings(relay, given), never))).code, "login-penalty");
    assert.equal(connections, 2);
  });
}

test("a host that turns connections away for now, as sshd does since 9.8, is tried again", async () => {
  const server = await serve();
  let connections = 0;
  const relay = await relayTo(server.port, (socket) => {
    connections += 1;
    if (connections > 3) return true;
    socket.end("Not allowed at this time\r\n");
    return false;
  });
  cleanups.push(relay.close);
  const files = filesFor(server, { "/home/me/.ssh/known_hosts": known(relay) });
  await (await createConnector(environment(files), quick).connect(settings(relay), never)).close();
  assert.equal(connections, 4);
});

test("a wrong key is offered once and never again", async () => {
  const server = await serve({ authorized: [] });
  const connector = createConnector(environment(filesFor(server)), quick);
  assert.equal((await failure(connector.connect(settings(server), never))).code, "authentication-failed");
  assert.equal(server.connections.made, 1);
});

test("a host that refuses connections while it boots is reached when it is up", async () => {
  const server = await serve();
  const relay = await relayTo(server.port);
  const files = filesFor(server, { "/home/me/.ssh/known_hosts": known(relay) });
  await relay.close();
  const connector = createConnector(environment(files), {
    ...quick,
    wait: async () => {
      cleanups.push((await relayTo(server.port, () => true, relay.port)).close);
    },
  });
  const transport = await connector.connect(settings(relay), never);
  await transport.close();
});

test("an interrupt ends the wait before the next attempt at once", async () => {
  const server = await speak((socket) => socket.end("Exceeded MaxStartups\r\n"));
  const stop = new AbortController();
  const connector = createConnector(environment(myKey), { ...realTools, note: () => stop.abort() });
  const error = await failure(connector.connect(settings(server), stop.signal));
  assert.equal(error.code, "interrupted");
  assert.equal(server.made(), 1);
});

test("many hosts at one server log in a few at a time", async () => {
  const server = await serve();
  const connector = createConnector(environment(filesFor(server)), quick);
  const transports = await Promise.all(
    Array.from({ length: 30 }, () => connector.connect(settings(server), never)),
  );
  assert.ok(server.connections.mostLoggingIn <= 6, String(server.connections.mostLoggingIn));
  assert.equal(server.connections.made, 30);
  await Promise.all(transports.map((transport) => transport.close()));
});

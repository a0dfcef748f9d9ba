import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { after, test } from "node:test";
import { LfceError } from "../../../src/core/errors.ts";
import { createScriptChannel } from "../../../src/remote/script-channel.ts";
import { realTools } from "../../../src/remote/ssh/attempts.ts";
import { type Connector, createConnector } from "../../../src/remote/ssh/connect.ts";
import type { Transport } from "../../../src/remote/transport.ts";
import type { SshServer } from "../../ssh/ssh-server.ts";
import { closeServers, environment, known, serve, settings, userKey } from "./ssh-fixture.ts";

const never = new AbortController().signal;
// As in a run: every host of a fleet listens.
setMaxListeners(0, never);
const connectors: Connector[] = [];
after(async () => {
  for (const connector of connectors) connector.close();
  await closeServers();
});

/** A connector that knows all servers' keys and never waits. */
function connectorFor(...servers: { port: number }[]): Connector {
  const files = {
    "/home/me/.ssh/id_ed25519": userKey.private,
    "/home/me/.ssh/known_hosts": servers.map((server) => known(server)).join(""),
  };
  const wait = () => new Promise<void>((resolve) => setImmediate(resolve));
  const connector = createConnector(environment(files), { ...realTools, wait });
  connectors.push(connector);
  return connector;
}

const behind = (target: { port: number }, host: string, ...jumps: { port: number }[]) =>
  settings(target, {
    host,
    connectTimeoutMs: 20_000,
    proxyJump: jumps.map((jump) => `127.0.0.1:${jump.port}`),
  });

async function says(transport: Transport): Promise<string> {
  const script = { name: "example", source: "echo here" };
  const limits = { timeoutMs: 20_000, maxOutputBytes: 1000 };
  return (await createScriptChannel(transport, "web1").run(script, limits)).stdout.toString();
}

async function failures(work: Promise<unknown>[]): Promise<LfceError[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((one) => {
    assert.equal(one.status, "rejected");
    assert.ok(one.reason instanceof LfceError, String(one.reason));
    return one.reason;
  });
}

async function closed(server: SshServer): Promise<void> {
  while (server.open() > 0) await new Promise((resolve) => setImmediate(resolve));
}

test("one connection to a jump host serves all hosts behind it, and ends when the run does", async () => {
  const jump = await serve();
  const target = await serve();
  const connector = connectorFor(jump, target);
  const names = Array.from({ length: 12 }, (_, index) => `web${index}`);
  const transports = await Promise.all(
    names.map((host) => connector.connect(behind(target, host, jump), never)),
  );
  assert.equal(jump.connections.made, 1);
  assert.equal(target.connections.made, 12);
  assert.deepEqual(await Promise.all(transports.map(says)), Array(12).fill("here\n"));
  await Promise.all(transports.map((transport) => transport.close()));
  assert.equal(jump.open(), 1);
  connector.close();
  await closed(jump);
});

test("a nested jump host is reached through the one before it, each by one connection", async () => {
  const first = await serve();
  const second = await serve();
  const target = await serve();
  const connector = connectorFor(first, second, target);
  const transports = await Promise.all(
    ["web1", "web2"].map((host) => connector.connect(behind(target, host, first, second), never)),
  );
  const direct = await connector.connect(behind(target, "web3", first), never);
  assert.deepEqual([first.connections.made, second.connections.made], [1, 1]);
  assert.equal(await says(transports[0] as Transport), "here\n");
  assert.equal(await says(direct), "here\n");
  for (const transport of [...transports, direct]) await transport.close();
  connector.close();
  await closed(first);
});

test("a dead jump host is one error, the same for every host behind it, after one try for all of them", async () => {
  const jump = await serve();
  const target = await serve();
  await jump.close();
  const connector = connectorFor(jump, target);
  const errors = await failures(
    ["web1", "web2", "web3"].map((host) => connector.connect(behind(target, host, jump), never)),
  );
  for (const error of errors) assert.equal(error, errors[0]);
  assert.equal(errors[0]?.code, "jump-unreachable");
  assert.match(
    errors[0]?.message ?? "",
    /^the jump host 127\.0\.0\.1 cannot be used: .*refuses.*tried \d+ times/,
  );
  const [late] = await failures([connector.connect(behind(target, "web4", jump), never)]);
  assert.equal(late, errors[0]);
});

test("a jump host that denies the login is asked once for all hosts behind it", async () => {
  const jump = await serve({ authorized: [] });
  const target = await serve();
  const connector = connectorFor(jump, target);
  const work = ["web1", "web2", "web3"].map((host) => connector.connect(behind(target, host, jump), never));
  const errors = await failures(work);
  assert.deepEqual(
    errors.map(({ code }) => code),
    Array(3).fill("authentication-failed"),
  );
  assert.equal(jump.connections.made, 1);
  assert.deepEqual(errors[0]?.at, { host: "127.0.0.1", phase: "connect" });
});

test("a connection to a jump host that broke is made anew once; the second break is the end", async () => {
  const jump = await serve();
  const target = await serve();
  const connector = connectorFor(jump, target);
  const first = await connector.connect(behind(target, "web1", jump), never);
  jump.cut();
  await assert.rejects(says(first), { code: "connection-lost" });
  const second = await connector.connect(behind(target, "web2", jump), never);
  assert.equal(await says(second), "here\n");
  assert.equal(jump.connections.made, 2);
  jump.cut();
  await assert.rejects(says(second), { code: "connection-lost" });
  const [error] = await failures([connector.connect(behind(target, "web3", jump), never)]);
  assert.equal(error?.code, "jump-unreachable");
  assert.match(error?.message ?? "", /broke 2 times/);
  assert.equal(jump.connections.made, 2);
});

test("an interrupt of all that wait for a jump host ends connecting to it", { timeout: 15_000 }, async () => {
  const jump = await serve({ ignoreLogin: true });
  const target = await serve();
  const connector = connectorFor(jump, target);
  const stop = new AbortController();
  const work = ["web1", "web2"].map((host) => connector.connect(behind(target, host, jump), stop.signal));
  while (jump.connections.made === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  const errors = await failures(work);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["interrupted", "interrupted"],
  );
  await closed(jump);
});

test("a target that the jump host cannot reach is named, and so is the jump host", async () => {
  const jump = await serve();
  const target = await serve();
  await target.close();
  const connector = connectorFor(jump, target);
  const [error] = await failures([connector.connect(behind(target, "web1", jump), never)]);
  assert.equal(error?.code, "host-unreachable");
  assert.match(error?.message ?? "", /^the jump host 127\.0\.0\.1 cannot reach web1 \(127\.0\.0\.1:\d+\)/);
});

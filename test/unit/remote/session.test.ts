import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { ConnectionSettings } from "../../../src/core/connection.ts";
import { createConnect } from "../../../src/remote/session.ts";
import type { SshEnvironment } from "../../../src/remote/ssh/environment.ts";
import { newKey, type SshServer, startSshServer } from "../../ssh/ssh-server.ts";

const hostKey = newKey();
const userKey = newKey();
const nothing = { follow: [], files: [], stat: [], units: [], programs: [], names: [] };
const servers: SshServer[] = [];
after(async () => {
  for (const server of servers) await server.close();
});

async function serve(
  ignoreExec = false,
): Promise<{ server: SshServer; settings: ConnectionSettings; environment: SshEnvironment }> {
  const server = await startSshServer({ hostKeys: [hostKey], authorized: [userKey.public], ignoreExec });
  servers.push(server);
  const files: Record<string, string> = {
    "/home/me/.ssh/known_hosts": `[127.0.0.1]:${server.port} ${hostKey.public}\n`,
    "/home/me/.ssh/id_ed25519": userKey.private,
  };
  return {
    server,
    settings: {
      host: "web1",
      address: "127.0.0.1",
      port: server.port,
      user: "root",
      become: true,
      connectTimeoutMs: 10_000,
    },
    environment: {
      home: "/home/me",
      localUser: "me",
      readFile: async (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    },
  };
}

test("a session observes its host in one exec, without sudo when root logs in", async () => {
  const { server, settings, environment } = await serve();
  const session = await createConnect(environment)(settings, new AbortController().signal);
  const seen = await session.observe({ ...nothing, stat: ["/"] });
  assert.equal(seen.files["/"]?.kind, "directory");
  assert.equal(server.commands.length, 1);
  assert.doesNotMatch(server.commands[0] ?? "", /sudo/);
  await session.close();
});

test("other users become root by sudo -n when asked to", async () => {
  const { server, settings, environment } = await serve(true);
  const controller = new AbortController();
  const session = await createConnect(environment)({ ...settings, user: "admin" }, controller.signal);
  const observing = session.observe(nothing);
  observing.catch(() => {}); // awaited below
  while (server.commands.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.match(server.commands[0] ?? "", /^env LC_ALL=C sudo -n -- sh -c /);
  controller.abort();
  await assert.rejects(observing, { code: "interrupted" });
  await session.close();
});

test("the command line that a host sees is the same for every request", async () => {
  const { server, settings, environment } = await serve();
  const session = await createConnect(environment)(settings, new AbortController().signal);
  await session.observe({ ...nothing, stat: ["/$(touch canary)"] });
  await session.observe({ ...nothing, files: ["/etc/*.conf"] });
  assert.equal(server.commands[0], server.commands[1]);
  await session.close();
});

test("every failure to connect names the host and the phase", async () => {
  const { settings, environment } = await serve();
  const connect = createConnect(environment);
  const at = { host: "web1", phase: "connect" };
  const signal = new AbortController().signal;
  await assert.rejects(connect({ ...settings, privateKeyFile: "/none" }, signal), {
    code: "key-file-missing",
    at,
  });
  await assert.rejects(connect({ ...settings, knownHostsFiles: [] }, signal), {
    code: "host-key-unknown",
    at,
  });
});

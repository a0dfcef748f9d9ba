import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connectSsh } from "../../../src/remote/ssh/connect.ts";
import { which } from "../../ssh/shells.ts";
import { newKey, startSshServer } from "../../ssh/ssh-server.ts";

test("the agent's keys are offered until one fits, and a given key file goes before the agent", async (t) => {
  if (which("ssh-agent") === undefined || which("ssh-add") === undefined) {
    t.skip("ssh-agent is not installed: logging in by an agent was not tried");
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), "lfce-"));
  const socket = join(directory, "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "inherit"] });
  const [hostKey, stranger, userKey, fileKey] = [newKey(), newKey(), newKey("ecdsa"), newKey()];
  const server = await startSshServer({ hostKeys: [hostKey], authorized: [userKey.public] });
  try {
    await once(agent.stdout, "data");
    for (const [name, key] of [
      ["stranger", stranger],
      ["user", userKey],
    ] as const) {
      writeFileSync(join(directory, name), key.private, { mode: 0o600 });
      execFileSync("ssh-add", ["-q", join(directory, name)], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      });
    }
    const files: Record<string, string> = {
      "/known": `[127.0.0.1]:${server.port} ${hostKey.public}\n`,
      "/key": fileKey.private,
    };
    const environment = {
      home: "/home/me",
      localUser: "me",
      agentSocket: socket,
      readFile: async (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    };
    const settings = {
      host: "web1",
      address: "127.0.0.1",
      port: server.port,
      user: "root",
      become: false,
      connectTimeoutMs: 10_000,
      knownHostsFiles: ["/known"],
    };
    const { signal } = new AbortController();
    const transport = await connectSsh(settings, environment, signal);
    await transport.close();
    assert.deepEqual([...new Set(server.attempts)], ["root ssh-ed25519", "root ecdsa-sha2-nistp256"]);

    const withFile = connectSsh({ ...settings, privateKeyFile: "/key" }, environment, signal);
    await assert.rejects(withFile, { code: "authentication-failed" });
  } finally {
    await server.close();
    agent.kill();
    rmSync(directory, { recursive: true });
  }
});

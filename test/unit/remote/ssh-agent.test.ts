import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { secret } from "../../../src/core/secrets.ts";
import type { SshEnvironment } from "../../../src/remote/ssh/environment.ts";
import { listAgentKeys } from "../../../src/remote/ssh/login/agent.ts";
import { keysWithoutPassphrase } from "../../../src/remote/ssh/login/passphrases.ts";
import { connectSsh } from "../../ssh/connect-once.ts";
import { which } from "../../ssh/shells.ts";
import { newKey } from "../../ssh/ssh-server.ts";
import { closeServers, environment, known, serve, settings } from "./ssh-fixture.ts";

const never = new AbortController().signal;
const place = mkdtempSync(join(tmpdir(), "lfce-agent-"));
const stops: (() => void)[] = [];
after(async () => {
  for (const stop of stops) stop();
  await closeServers();
  rmSync(place, { recursive: true });
});

type Key = ReturnType<typeof newKey>;
let agents = 0;

/** An agent that holds these keys, in this order; its socket. */
async function agentWith(keys: readonly Key[], certificate?: (keyFile: string) => void): Promise<string> {
  agents += 1;
  const socket = join(place, `agent${agents}`);
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "inherit"] });
  stops.push(() => agent.kill());
  await once(agent.stdout, "data");
  for (const [index, key] of keys.entries()) {
    const file = join(place, `key${agents}-${index}`);
    writeFileSync(file, key.private, { mode: 0o600 });
    certificate?.(file);
    execFileSync("ssh-add", ["-q", file], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: ["ignore", "inherit", "pipe"],
    });
  }
  return socket;
}

/** Skips the test, loudly, where the machine lacks OpenSSH's agent. */
function usesAgent(t: TestContext): boolean {
  if (which("ssh-agent") !== undefined && which("ssh-add") !== undefined) return true;
  t.skip("ssh-agent is not installed: logging in by an agent was not tried");
  return false;
}

const withAgent = (agentSocket: string, files: Record<string, string>): SshEnvironment => ({
  ...environment(files),
  agentSocket,
});

describe("logging in by an agent", () => {
  const strangers = [newKey(), newKey(), newKey(), newKey(), newKey(), newKey()];
  const [userKey, rsaKey] = [newKey("ecdsa"), newKey("rsa")];
  let socket = "";
  before(async () => {
    if (which("ssh-agent") && which("ssh-add")) socket = await agentWith([...strangers, userKey, rsaKey]);
  });

  test("its keys are asked about in its order until one fits, each once", async (t) => {
    if (!usesAgent(t)) return;
    const server = await serve({ authorized: [userKey.public] });
    const machine = withAgent(socket, { "/home/me/.ssh/known_hosts": known(server) });
    await (await connectSsh(settings(server), machine, never)).close();
    // The question about the right key, then its signature.
    const fits = ["root ecdsa-sha2-nistp256", "root ecdsa-sha2-nistp256"];
    assert.deepEqual(server.attempts, [...strangers.map(() => "root ssh-ed25519"), ...fits]);
  });

  test("the key whose .pub an IdentityFile names goes first", async (t) => {
    if (!usesAgent(t)) return;
    const server = await serve({ authorized: [userKey.public] });
    const files = { "/home/me/.ssh/known_hosts": known(server), "/keys/work.pub": userKey.public };
    for (const name of ["/keys/work", "/keys/work.pub"]) {
      server.attempts.length = 0;
      const asked = settings(server, { sshOptions: [{ option: `IdentityFile=${name}`, from: "test" }] });
      await (await connectSsh(asked, withAgent(socket, files), never)).close();
      assert.deepEqual(server.attempts, ["root ecdsa-sha2-nistp256", "root ecdsa-sha2-nistp256"]);
    }
  });

  test("IdentitiesOnly leaves all others out", async (t) => {
    if (!usesAgent(t)) return;
    const server = await serve({ authorized: [userKey.public] });
    const [first] = strangers as [Key];
    const files = { "/home/me/.ssh/known_hosts": known(server), "/keys/work.pub": first.public };
    const sshOptions = ["IdentityFile=/keys/work", "IdentitiesOnly=yes"].map((option) => ({
      option,
      from: "test",
    }));
    const connecting = connectSsh(settings(server, { sshOptions }), withAgent(socket, files), never);
    await assert.rejects(connecting, { code: "authentication-failed" });
    assert.deepEqual(server.attempts, ["root ssh-ed25519"]);
  });

  test("a key file of the inventory goes alone; the agent signs where the file is locked", async (t) => {
    if (!usesAgent(t)) return;
    const server = await serve({ authorized: [userKey.public] });
    const [locked, stranger] = [newKey("ed25519", "open sesame"), newKey()];
    const files = { "/home/me/.ssh/known_hosts": known(server), "/keys/other": stranger.private };
    const other = connectSsh(
      settings(server, { privateKeyFile: "/keys/other" }),
      withAgent(socket, files),
      never,
    );
    await assert.rejects(other, { code: "authentication-failed" });
    assert.deepEqual(server.attempts, ["root ssh-ed25519"]);

    const own = await serve({ authorized: [userKey.public] });
    const lockedFile =
      "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END EC PRIVATE KEY-----\n";
    const more = {
      "/home/me/.ssh/known_hosts": known(own),
      "/keys/work": lockedFile,
      "/keys/work.pub": userKey.public,
      "/keys/locked": locked.private,
    };
    const settled = settings(own, { privateKeyFile: "/keys/work" });
    await (await connectSsh(settled, withAgent(socket, more), never)).close();
    assert.deepEqual(await keysWithoutPassphrase([settled], withAgent(socket, more)), []);
    const another = settings(own, { privateKeyFile: "/keys/locked" });
    assert.deepEqual(await keysWithoutPassphrase([another], withAgent(socket, more)), ["/keys/locked"]);
  });

  test("an RSA key signs with SHA-2", async (t) => {
    if (!usesAgent(t)) return;
    const signatures: string[] = [];
    const server = await serve({
      authorized: [rsaKey.public],
      onAuthentication: (context) => {
        if (context.method === "publickey" && context.signature) signatures.push(context.hashAlgo ?? "");
        return false;
      },
    });
    const files = { "/home/me/.ssh/known_hosts": known(server), "/keys/work.pub": rsaKey.public };
    const asked = settings(server, { sshOptions: [{ option: "IdentityFile=/keys/work", from: "test" }] });
    await (await connectSsh(asked, withAgent(socket, files), never)).close();
    assert.match(signatures.join(), /^sha(256|512)$/);
  });

  test("where the server wants a key and a password, a key of the agent is followed by the password", async (t) => {
    if (!usesAgent(t)) return;
    const passwords: string[] = [];
    let proved = false;
    const server = await serve({
      onAuthentication: (context) => {
        if (context.method === "publickey" && !proved) {
          proved = context.signature !== undefined;
          if (proved) context.reject(["password"], true);
          else context.accept();
        } else if (context.method === "password" && proved) {
          passwords.push(context.password);
          context.accept();
        } else context.reject(proved ? ["password"] : ["publickey"]);
        return true;
      },
    });
    const machine = withAgent(socket, { "/home/me/.ssh/known_hosts": known(server) });
    const asked = settings(server, { password: secret("hunter2") });
    await (await connectSsh(asked, machine, never)).close();
    assert.deepEqual(passwords, ["hunter2"]);
    assert.equal(server.attempts.filter((attempt) => attempt.startsWith("root")).length, 2);
  });

  test("where the server wants two keys, the agent's keys go on after the first was taken", async (t) => {
    if (!usesAgent(t)) return;
    const taken: Buffer[] = [];
    const server = await serve({
      onAuthentication: (context) => {
        if (context.method !== "publickey") context.reject(["publickey"]);
        else if (taken.some((key) => key.equals(context.key.data))) context.reject(["publickey"]);
        else if (!context.signature) context.accept();
        else {
          taken.push(context.key.data);
          if (taken.length === 2) context.accept();
          else context.reject(["publickey"], true);
        }
        return true;
      },
    });
    const machine = withAgent(socket, { "/home/me/.ssh/known_hosts": known(server) });
    await (await connectSsh(settings(server), machine, never)).close();
    assert.equal(taken.length, 2);
  });

  test("a default key that is locked is no question where the agent has keys", async (t) => {
    if (!usesAgent(t)) return;
    const files = { "/home/me/.ssh/id_ed25519": newKey("ed25519", "open sesame").private };
    const host = settings({ port: 22 });
    assert.deepEqual(await keysWithoutPassphrase([host], withAgent(socket, files)), []);
    assert.deepEqual(await keysWithoutPassphrase([host, host], environment(files)), [
      "/home/me/.ssh/id_ed25519",
    ]);
  });
});

test("a certificate in the agent is named, and its plain key is offered", async (t) => {
  if (!usesAgent(t) || which("ssh-keygen") === undefined) return;
  const [userKey, authority] = [newKey(), newKey()];
  const ca = join(place, "ca");
  writeFileSync(ca, authority.private, { mode: 0o600 });
  const socket = await agentWith([userKey], (file) => {
    writeFileSync(`${file}.pub`, `${userKey.public}\n`);
    execFileSync("ssh-keygen", ["-q", "-s", ca, "-I", "me", "-n", "root", `${file}.pub`]);
    assert.match(readFileSync(`${file}-cert.pub`, "utf8"), /-cert-v01@openssh\.com/);
  });
  const server = await serve({ authorized: [] });
  const machine = withAgent(socket, { "/home/me/.ssh/known_hosts": known(server) });
  await assert.rejects(connectSsh(settings(server), machine, never), (error: Error) => {
    assert.match(error.message, /certificate ssh-ed25519-cert-v01@openssh\.com .* was not offered/);
    return true;
  });
  assert.deepEqual(server.attempts, ["root ssh-ed25519"]);
});

test("an agent that will not sign is passed over for the key files", async () => {
  const [held, own] = [newKey(), newKey()];
  const blob = Buffer.from(held.public.split(" ")[1] ?? "", "base64");
  const field = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const identities = field(
    Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), field(blob), field(Buffer.from("held"))]),
  );
  const path = join(place, "unwilling");
  const agent = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (request) => socket.write(request[4] === 11 ? identities : field(Buffer.from([5]))));
  });
  agent.listen(path);
  await once(agent, "listening");
  stops.push(() => agent.close());
  const server = await serve({ authorized: [held.public, own.public] });
  const files = { "/home/me/.ssh/known_hosts": known(server), "/home/me/.ssh/id_ed25519": own.private };
  await (await connectSsh(settings(server), withAgent(path, files), never)).close();
  assert.equal(server.attempts.length, 3, "a question for each key, and one signature");
});

test("an agent that hangs, hangs up or babbles is given up with the reason", async () => {
  const answers: [(write: (bytes: Buffer) => void, end: () => void) => void, RegExp][] = [
    [() => {}, /does not answer/],
    [(_write, end) => end(), /closed the connection/],
    [(write) => write(Buffer.from([0, 0, 0, 1, 5])), /refuses to list its keys/],
    [(write) => write(Buffer.from([0, 0, 0, 5, 12, 0, 0, 0, 9])), /refuses to list its keys/],
    [(write) => write(Buffer.alloc(2 << 20, 0x7f)), /too long/],
  ];
  for (const [index, [answer, why]] of answers.entries()) {
    const path = join(place, `fake${index}`);
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () =>
        answer(
          (bytes) => socket.write(bytes),
          () => socket.end(),
        ),
      );
    });
    server.listen(path);
    await once(server, "listening");
    await assert.rejects(listAgentKeys(path, 200), why);
    server.close();
  }
  await assert.rejects(listAgentKeys(join(place, "none")), /ENOENT/);
});

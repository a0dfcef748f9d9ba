import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, test } from "node:test";
import { processEnvironment, type SshEnvironment } from "../../../src/remote/ssh/environment.ts";
import { connectSsh } from "../../ssh/connect-once.ts";
import { startForger } from "../../ssh/forger.ts";
import {
  closeServers,
  hostKey,
  known,
  otherHostKey,
  publicPart,
  serve,
  settings,
  userKey,
} from "./ssh-fixture.ts";

let home: string;
let file: string;
let environment: () => SshEnvironment;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lfce-"));
  file = join(home, ".ssh", "known_hosts");
  mkdirSync(join(home, ".ssh"), { mode: 0o700 });
  writeFileSync(join(home, ".ssh", "id_ed25519"), userKey.private, { mode: 0o600 });
  // A run each: what was read of known_hosts is kept for one.
  environment = () => processEnvironment({ HOME: home });
});
afterEach(() => rmSync(home, { recursive: true }));
after(closeServers);

const never = new AbortController().signal;
const strict = (value: string) => ({
  sshOptions: [{ option: `StrictHostKeyChecking=${value}`, from: "test" }],
});

test("accept-new: the first run writes the key down and says so, the next one needs it", async () => {
  const server = await serve();
  const first = await connectSsh(settings(server, strict("accept-new")), environment(), never);
  await first.close();
  assert.deepEqual(
    first.warnings?.map(({ code }) => code),
    ["host-key-added"],
  );
  assert.equal(readFileSync(file, "utf8"), `[127.0.0.1]:${server.port} ${publicPart(hostKey)}\n`);
  const next = await connectSsh(settings(server), environment(), never);
  await next.close();
  assert.deepEqual(next.warnings, []);
});

test("accept-new: a key that the host does not prove to be its own is not written down", async () => {
  const server = await serve();
  const forger = await startForger(server.port);
  const asked = settings(forger, strict("accept-new"));
  await assert.rejects(connectSsh(asked, environment(), never), /signature verification failed/);
  await forger.close();
  assert.equal(existsSync(file), false);
});

test("no: a changed key is let in by a key of the user, loudly, and the record stays", async () => {
  const server = await serve();
  writeFileSync(file, known(server, otherHostKey));
  const transport = await connectSsh(settings(server, strict("no")), environment(), never);
  await transport.close();
  assert.deepEqual(
    transport.warnings?.map(({ code }) => code),
    ["host-key-checking-off", "host-key-changed"],
  );
  assert.equal(readFileSync(file, "utf8"), known(server, otherHostKey));
});

test("no: where the login fails as well, the error tells of the changed key", async () => {
  const server = await serve({ authorized: [] });
  writeFileSync(file, known(server, otherHostKey));
  await assert.rejects(connectSsh(settings(server, strict("no")), environment(), never), {
    code: "authentication-failed",
    message: /not the one on record/,
  });
});

test("a host without a key of any type that is asked for: which types, and what to do", async () => {
  const server = await serve();
  const asked = settings(server, {
    sshOptions: [{ option: "HostKeyAlgorithms=rsa-sha2-512", from: "test" }],
  });
  await assert.rejects(connectSsh(asked, environment(), never), {
    code: "host-key-algorithms",
    message: /\(rsa-sha2-512\)/,
    hint: /ssh-keyscan -p \d+ -- 127\.0\.0\.1/,
  });
});

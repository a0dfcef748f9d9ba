import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, test } from "node:test";
import type { HostFinished } from "../../../src/core/events.ts";
import type { HostKeyEvent } from "../../../src/core/host-key-events.ts";
import { processEnvironment, type SshEnvironment } from "../../../src/remote/ssh/environment.ts";
import { createTrustLayer } from "../../../src/remote/ssh/host-keys/trust.ts";
import type { TrustEvent } from "../../../src/run/effects.ts";
import { type OfferedKeys, type TrustEffects, trustHosts } from "../../../src/run/trust-hosts.ts";
import { startForger } from "../../ssh/forger.ts";
import { which } from "../../ssh/shells.ts";
import { newKey } from "../../ssh/ssh-server.ts";
import {
  closeServers,
  hostKey,
  known,
  otherHostKey,
  publicPart,
  rsaHostKey,
  serve,
  settings,
  userKey,
} from "./ssh-fixture.ts";

let home: string;
let file: string;
let environment: SshEnvironment;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lfce-"));
  file = join(home, ".ssh", "known_hosts");
  mkdirSync(join(home, ".ssh"), { mode: 0o700 });
  writeFileSync(join(home, ".ssh", "id_ed25519"), userKey.private, { mode: 0o600 });
  environment = processEnvironment({ HOME: home });
});
afterEach(() => rmSync(home, { recursive: true }));
after(closeServers);

/** One run of trust; every question is answered by `decide`. */
async function trust(
  hosts: ReturnType<typeof settings>[],
  decide: TrustEffects["decide"] = async () => () => "accept",
  stop = new AbortController(),
) {
  const events: TrustEvent[] = [];
  const offers: OfferedKeys[][] = [];
  const layer = createTrustLayer(environment);
  try {
    const outcome = await trustHosts(await layer.ways(hosts), 8, {
      ask: layer.ask,
      write: layer.write,
      decide: (offered) => {
        offers.push([...offered]);
        return decide(offered);
      },
      debug: () => {},
      emit: (event) => void events.push(event),
      signal: stop.signal,
    });
    const results = new Map<string, Omit<HostFinished, "time" | "run">>();
    const keys: Omit<HostKeyEvent, "time" | "run">[] = [];
    for (const event of events) {
      if (event.event === "host-finished") results.set(event.host, event);
      if (event.event === "host-key") keys.push(event);
    }
    return { outcome, results, keys, offers };
  } finally {
    layer.close();
  }
}

const content = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
const line = (port: number, key: { public: string }): string => `[127.0.0.1]:${port} ${publicPart(key)}\n`;

test("a new host: every type of key is shown and written, and nobody logs in", async () => {
  const ecdsa = newKey("ecdsa");
  const server = await serve({ hostKeys: [hostKey, ecdsa, rsaHostKey] });
  const { results, offers, keys } = await trust([settings(server)]);
  assert.equal(results.get("web1")?.status, "changed");
  assert.deepEqual(
    offers[0]?.[0]?.keys.map(({ type }) => type),
    ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"],
  );
  assert.equal(content(), [hostKey, ecdsa, rsaHostKey].map((key) => line(server.port, key)).join(""));
  assert.ok(keys.every(({ result, file: written }) => result === "added" && written === file));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(server.attempts, []);
  assert.equal(server.open(), 0);
});

test("what is in the file stays, byte for byte and in mode", async () => {
  const server = await serve();
  const before = `# mine\r\n${line(1, otherHostKey)}|1|broken line\n@revoked * ${publicPart(otherHostKey)} \xff`;
  writeFileSync(file, before, "latin1");
  chmodSync(file, 0o644);
  await trust([settings(server)]);
  assert.equal(readFileSync(file, "latin1"), `${before}\n${line(server.port, hostKey)}`);
  assert.equal(statSync(file).mode & 0o777, 0o644);
});

test("a host that is known is not asked about, whatever other keys it has", async () => {
  const server = await serve({ hostKeys: [hostKey, rsaHostKey] });
  writeFileSync(file, known(server));
  const { results, offers, keys } = await trust([settings(server)]);
  assert.equal(results.get("web1")?.status, "unchanged");
  assert.deepEqual(offers, []);
  assert.deepEqual(
    keys.map(({ type, result }) => `${type} ${result}`),
    ["ssh-ed25519 known", "ssh-rsa left-out"],
  );
  assert.equal(content(), known(server));
});

test("a no: nothing is written", async () => {
  const server = await serve();
  const { results, keys } = await trust([settings(server)], async () => () => "decline");
  assert.equal(results.get("web1")?.status, "skipped");
  assert.equal(results.get("web1")?.error?.code, "declined");
  assert.equal(keys[0]?.result, "declined");
  assert.equal(existsSync(file), false);
});

test("a changed key is never overwritten, and the others go on", async () => {
  const server = await serve({ hostKeys: [hostKey, rsaHostKey] });
  const good = await serve();
  const before = known(server, otherHostKey);
  writeFileSync(file, before);
  const { results, keys } = await trust([settings(server), settings(good, { host: "web2" })]);
  const { status, error } = results.get("web1") ?? {};
  assert.equal(status, "failed");
  assert.equal(error?.code, "host-key-changed");
  assert.equal(error?.message.match(/SHA256:[\w+/]{43}/g)?.length, 2);
  assert.ok(error?.message.includes(`${file}:1`));
  assert.ok(error?.hint?.includes(`ssh-keygen -f ${file} -R '[127.0.0.1]:${server.port}'`), error?.hint);
  assert.equal(results.get("web2")?.status, "changed");
  assert.equal(content(), before + line(good.port, hostKey));
  assert.deepEqual(
    keys.filter(({ host }) => host === "web1").map(({ result }) => result),
    ["changed", "declined"],
  );
});

test("a key that is revoked is refused", async () => {
  const server = await serve();
  writeFileSync(file, `@revoked * ${publicPart(hostKey)}\n`);
  const { results, offers } = await trust([settings(server)]);
  assert.equal(results.get("web1")?.error?.code, "host-key-revoked");
  assert.deepEqual(offers, []);
});

test("only another type is on record: the new key is offered with what is on record", async () => {
  const server = await serve();
  writeFileSync(file, known(server, rsaHostKey));
  const { results, offers } = await trust([settings(server)]);
  assert.deepEqual(
    offers[0]?.[0]?.keys[0]?.recorded?.map(({ type }) => type),
    ["ssh-rsa"],
  );
  assert.equal(results.get("web1")?.status, "changed");
  assert.equal(content(), known(server, rsaHostKey) + line(server.port, hostKey));
});

test("a jump host is asked about first, and then lfce goes through it", async () => {
  const jump = await serve({ hostKeys: [otherHostKey] });
  const target = await serve();
  const host = settings(target, { proxyJump: [`jumper@127.0.0.1:${jump.port}`] });
  const { results, offers } = await trust([host]);
  assert.deepEqual(
    offers.map((level) => level.map(({ machine }) => machine.knownAs)),
    [[`[127.0.0.1]:${jump.port}`], [`[127.0.0.1]:${target.port}`]],
  );
  assert.equal(results.get("web1")?.status, "changed");
  assert.equal(content(), line(jump.port, otherHostKey) + line(target.port, hostKey));
  assert.match(jump.attempts.join(), /^jumper /);
  assert.deepEqual(target.attempts, []);
});

test("behind a jump host that is not trusted nobody is asked", async () => {
  const jump = await serve({ hostKeys: [otherHostKey] });
  const target = await serve();
  const behind = settings(target, { proxyJump: [`jumper@127.0.0.1:${jump.port}`] });
  const { results, offers } = await trust([behind], async () => () => "decline");
  assert.equal(offers.length, 1);
  assert.equal(results.get("web1")?.status, "skipped");
  assert.match(results.get("web1")?.error?.message ?? "", /jump host 127\.0\.0\.1 \(\[127.*not trusted/);
  assert.deepEqual(jump.attempts, []);
});

test("a jump host that is a host of the playbook, too, is asked once, by its own name", async () => {
  const jump = await serve({ hostKeys: [otherHostKey] });
  const target = await serve();
  const hosts = [
    settings(target, { proxyJump: [`root@127.0.0.1:${jump.port}`] }),
    settings(jump, { host: "gate" }),
  ];
  const { results, offers } = await trust(hosts);
  assert.deepEqual(
    offers.map((level) => level.map(({ machine }) => machine.name)),
    [["gate"], ["web1"]],
  );
  assert.deepEqual(
    [...results.values()].map(({ status }) => status),
    ["changed", "changed"],
  );
});

test("the same key on several machines is said, also where one is behind another", async () => {
  const jump = await serve();
  const target = await serve();
  const { offers, keys } = await trust([settings(target, { proxyJump: [`root@127.0.0.1:${jump.port}`] })]);
  const offer = offers[1]?.[0];
  assert.deepEqual(offer?.sameAs.get(offer.keys[0]?.fingerprint ?? ""), ["127.0.0.1"]);
  assert.deepEqual(keys[1]?.sameAs, ["127.0.0.1"]);
});

test("a host that is not there, and one that does not speak SSH: said, and the others go on", async () => {
  const gone = await serve();
  await gone.close();
  const good = await serve();
  const talker = createServer((socket) => void socket.on("error", () => {}).end("220 mail\r\n"));
  await new Promise<void>((resolve) => talker.listen(0, "127.0.0.1", resolve));
  const short = { connectTimeoutMs: 300 };
  const { results } = await trust([
    settings(gone, { host: "gone", ...short }),
    settings({ port: (talker.address() as AddressInfo).port }, { host: "talker", ...short }),
    settings(good),
  ]);
  talker.close();
  assert.equal(results.get("gone")?.status, "unreachable");
  assert.equal(results.get("gone")?.error?.code, "connection-refused");
  assert.notEqual(results.get("talker")?.error, undefined);
  assert.equal(results.get("web1")?.status, "changed");
});

test("an interrupt: what was not written is not, and every host has its result", async () => {
  const server = await serve();
  const stop = new AbortController();
  const { outcome, results } = await trust(
    [settings(server)],
    async () => {
      stop.abort();
      return () => "accept";
    },
    stop,
  );
  assert.equal(outcome.interrupted, true);
  assert.equal(results.get("web1")?.status, "skipped");
  assert.equal(existsSync(file), false);
});

test("a place that cannot be written is an error of the hosts whose keys were to go there", async () => {
  const server = await serve();
  mkdirSync(file);
  environment = { ...environment, readFile: async () => undefined };
  const { results } = await trust([settings(server)]);
  assert.equal(results.get("web1")?.status, "failed");
  assert.equal(results.get("web1")?.error?.code, "known-hosts-not-writable");
  assert.match(results.get("web1")?.error?.message ?? "", /not a regular file$/);
});

test("an IPv6 address: ssh-keygen finds it, and ssh accepts the key", async (t) => {
  const missing = ["ssh", "ssh-keygen"].filter((tool) => which(tool) === undefined);
  const server = await serve();
  const relay = createServer((socket) => {
    const upstream = connect(server.port, "127.0.0.1");
    socket.on("error", () => upstream.destroy()).pipe(upstream);
    upstream.on("error", () => socket.destroy()).pipe(socket);
  });
  const listens = await new Promise<boolean>((resolve) => {
    relay.once("error", () => resolve(false)).listen(0, "::1", () => resolve(true));
  });
  if (missing.length > 0 || !listens) {
    relay.close();
    t.skip("ssh, ssh-keygen or IPv6 is missing: no record of an IPv6 address was shown to them");
    return;
  }
  const { port } = relay.address() as AddressInfo;
  await trust([settings({ port }, { address: "::1" })]);
  const found = execFileSync("ssh-keygen", ["-f", file, "-F", `[::1]:${port}`], { encoding: "utf8" });
  assert.match(found, /found: line 1/);
  const options = {
    BatchMode: "yes",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: file,
    IdentityAgent: "none",
  };
  const args = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  args.push("-i", join(home, ".ssh", "id_ed25519"), "-p", String(port), "root@::1", "exit 7");
  const code = await new Promise((resolve) => {
    execFile("ssh", ["-F", "/dev/null", ...args], (error) => resolve(error?.code));
  });
  relay.close();
  assert.equal(code, 7);
});

test("a key that is shown without the proof that it is one's own is not taken", async () => {
  const server = await serve();
  const forger = await startForger(server.port);
  const { results, offers } = await trust([settings(forger)]);
  await forger.close();
  assert.equal(results.get("web1")?.status, "failed");
  assert.match(results.get("web1")?.error?.message ?? "", /signature verification failed/);
  assert.deepEqual(offers, []);
});

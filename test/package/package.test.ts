import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { newKey, startSshServer } from "../ssh/ssh-server.ts";

const root = join(import.meta.dirname, "../..");
/** Optional: ssh2 asks it for the best order of ciphers, and does without it. */
const TRIED_BY_SSH2 = "cpu-features";
/** By its address: the tests run where no node_modules is near. */
const tsx = import.meta.resolve("tsx");

function run(program: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("the package that npm pack makes", () => {
  let place: string;
  let lfce: string;
  let packed: ReturnType<typeof run>;
  let installed: ReturnType<typeof run>;

  before(() => {
    place = mkdtempSync(join(tmpdir(), "lfce-package-"));
    packed = run("npm", ["pack", "--pack-destination", place], root);
    const [tarball = ""] = readdirSync(place).filter((name) => name.endsWith(".tgz"));
    installed = run("npm", ["install", "-g", "--prefix", join(place, "prefix"), join(place, tarball)], place);
    lfce = join(place, "prefix/bin/lfce");
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  it("is built and packed by npm pack alone", () => {
    assert.equal(packed.status, 0, packed.stderr);
  });

  it("is made runnable by npm install -g", () => {
    assert.equal(installed.status, 0, installed.stderr);
    const { status, stdout } = run(lfce, ["--version"], place);
    assert.equal(status, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+/);
  });

  it("holds the remote scripts and the schemas, and no tests", () => {
    const inside = join(place, "prefix/lib/node_modules/lfce");
    assert.ok(existsSync(join(inside, "dist/cli/scripts/apply.sh")));
    assert.ok(existsSync(join(inside, "dist/cli/scripts/observe.sh")));
    assert.ok(existsSync(join(inside, "dist/cli/page/page.js")));
    assert.ok(existsSync(join(inside, "schema/playbook.schema.json")));
    assert.ok(!existsSync(join(inside, "test")));
    assert.ok(!existsSync(join(inside, "src")));
  });

  it("validates the examples it ships with", () => {
    const inside = join(place, "prefix/lib/node_modules/lfce");
    for (const name of readdirSync(join(inside, "playbooks"))) {
      const { status, stdout, stderr } = run(lfce, ["validate", `playbooks/${name}`], inside);
      assert.equal(status, 0, `${name}: ${stderr}`);
      assert.match(stdout, /^valid: /m);
    }
  });

  it("loads nothing that it does not depend on", () => {
    const inside = join(place, "prefix/lib/node_modules/lfce");
    const { dependencies } = JSON.parse(readFileSync(join(inside, "package.json"), "utf8"));
    const files = readdirSync(join(inside, "dist/cli")).filter((name) => /\.c?js$/.test(name));
    const imported = files.flatMap((name) => {
      const text = readFileSync(join(inside, "dist/cli", name), "utf8");
      return [
        ...text.matchAll(
          /\b(?:from ?|import ?|(?:__)?require\()"((?:@[a-z0-9-]+\/)?[a-z][A-Za-z0-9._/-]*)"/g,
        ),
      ].map(([, module = ""]) => module);
    });
    const packages = imported
      .filter((name) => !isBuiltin(name))
      .map((name) => name.replace(/^([^@/]+|@[^/]+\/[^/]+).*/, "$1"));
    assert.ok(packages.includes("ssh2"), "no import was found at all");
    assert.deepEqual(
      packages.filter((name) => !(name in dependencies) && name !== TRIED_BY_SSH2),
      [],
    );
  });

  it("finds the same faults as the sources do, though its schemas are compiled beforehand", () => {
    const faults = [
      "- { hosts: all, roles: [{ role: ntp_sever, allow: [10.0.0.0/8] }] }",
      "- { hosts: all, serial: 0, roles: [{ role: ntp_server, local_startum: 10, allow: all, deny: 3 }] }",
      "- { hosts: all, roles: [{ role: syslog_client, servers: [{ adress: 192.0.2.1, protocol: tls }] }] }",
    ];
    for (const text of faults) {
      writeFileSync(join(place, "faulty.yml"), `${text}\n`);
      const args = ["validate", "faulty.yml", "--no-color"];
      const source = run(process.execPath, ["--import", tsx, join(root, "src/cli/main.ts"), ...args], place);
      const built = run(lfce, args, place);
      assert.equal(built.status, 64);
      assert.match(built.stderr, /faulty\.yml:1:/);
      assert.equal(built.stderr, source.stderr);
    }
  });

  it("plans as far as the network: a host that is not there is unreachable, not an error of lfce", async () => {
    const port = await closedPort();
    writeFileSync(
      join(place, "hosts.yml"),
      `all: { hosts: { gone: { ansible_host: 127.0.0.1, ansible_port: ${port} } } }`,
    );
    writeFileSync(
      join(place, "play.yml"),
      "- { hosts: all, roles: [{ role: ntp_client, servers: [192.0.2.1] }] }",
    );
    const { status, stdout, stderr } = run(
      lfce,
      ["plan", "play.yml", "-i", "hosts.yml", "-o", "json"],
      place,
    );
    assert.equal(status, 3, stderr);
    assert.match(stdout, /"status":"unreachable"/);
  });

  it("logs in over SSH with the client that is bundled, and asks for a command", async () => {
    const [hostKey, key] = [newKey(), newKey()];
    // A server that refuses commands has made keys with lfce, and read an encrypted request of its.
    const server = await startSshServer({ hostKeys: [hostKey], authorized: [key.public], refuseExec: true });
    try {
      writeFileSync(join(place, "key"), key.private, { mode: 0o600 });
      writeFileSync(join(place, "known_hosts"), `[127.0.0.1]:${server.port} ${hostKey.public}\n`);
      const variables = `ansible_host: 127.0.0.1, ansible_port: ${server.port}, ansible_user: tester`;
      const ssh = `ansible_ssh_private_key_file: ${place}/key, ansible_ssh_common_args: "-o UserKnownHostsFile=${place}/known_hosts"`;
      writeFileSync(join(place, "ssh.yml"), `all: { hosts: { here: { ${variables}, ${ssh} } } }\n`);
      const play = "- { hosts: all, roles: [{ role: ntp_client, servers: [192.0.2.1] }] }\n";
      writeFileSync(join(place, "ssh-play.yml"), play);
      const state = ["--state-dir", join(place, "state")];
      const args = ["plan", "ssh-play.yml", "-i", "ssh.yml", "-F", "none", "-o", "json", ...state];
      const child = spawn(lfce, args, { cwd: place, stdio: ["ignore", "pipe", "pipe"] });
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "exit"),
      ]);
      assert.deepEqual([...new Set(server.attempts)], ["tester ssh-ed25519"], `${stdout}${stderr}`);
      assert.ok(server.commands.length > 0, `${stdout}${stderr}`);
    } finally {
      await server.close();
    }
  });
});

/** A port of the loopback address on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

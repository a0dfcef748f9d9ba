import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { LfceError, type Warning } from "../../../src/core/errors.ts";
import { processEnvironment } from "../../../src/remote/ssh/environment.ts";
import { fingerprint } from "../../../src/remote/ssh/host-keys/host-key.ts";
import {
  createHostKeyCheck,
  type HostKeyCheckRequest,
} from "../../../src/remote/ssh/host-keys/host-key-check.ts";
import { hostKeyError, removal } from "../../../src/remote/ssh/host-keys/host-key-errors.ts";
import { readKnownHosts } from "../../../src/remote/ssh/host-keys/known-hosts-read.ts";
import { which } from "../../ssh/shells.ts";
import { newKey } from "../../ssh/ssh-server.ts";
import { publicPart } from "./ssh-fixture.ts";

let directory: string;
let file: string;
let warnings: Warning[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lfce-"));
  file = join(directory, ".ssh", "known_hosts");
  warnings = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const ed = newKey();
const other = newKey();
const rsa = newKey("rsa");
const bytes = (key: { public: string }): Buffer => Buffer.from(key.public.split(" ")[1] ?? "", "base64");
const line = (name: string, key: { public: string }): string => `${name} ${publicPart(key)}\n`;

/** A request to judge the key of web1, as the resolved configuration has it. */
async function asked(
  more: Partial<HostKeyCheckRequest>,
  environment = processEnvironment({ HOME: directory }),
): Promise<HostKeyCheckRequest> {
  const rules = {
    host: "web1",
    hostKeyName: "10.0.0.1",
    hostKeyPort: 22,
    knownHostsFiles: [file],
    newHostKeysFile: file,
    strictHostKeyChecking: "yes",
    hashKnownHosts: false,
    origins: {},
    address: "10.0.0.1",
    port: 22,
  };
  return {
    ...rules,
    knownHosts: await readKnownHosts([file], environment),
    warn: (warning: Warning) => void warnings.push(warning),
    ...more,
  } as HostKeyCheckRequest;
}

function recordBefore(text: string): void {
  mkdirSync(join(directory, ".ssh"), { recursive: true });
  writeFileSync(file, text);
}

const codes = (): string[] => warnings.map(({ code }) => code);

test("yes: an unknown key is refused, and nothing is written", async () => {
  const check = createHostKeyCheck(await asked({}));
  assert.equal(check.verify(bytes(ed)), false);
  assert.equal(check.refusal()?.code, "host-key-unknown");
  await check.record();
  assert.equal(existsSync(file), false);
});

test("accept-new: a new key is written once the host has proved it, for its user only, and told", async () => {
  const request = await asked({ strictHostKeyChecking: "accept-new" });
  const check = createHostKeyCheck(request);
  assert.equal(check.verify(bytes(ed)), true);
  assert.equal(existsSync(file), false);
  await check.record();
  assert.equal(readFileSync(file, "utf8"), line("10.0.0.1", ed));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(directory, ".ssh")).mode & 0o777, 0o700);
  assert.deepEqual(codes(), ["host-key-added"]);
  assert.ok(warnings[0]?.message.includes(fingerprint(bytes(ed))));

  const again = createHostKeyCheck(request);
  assert.equal(again.verify(bytes(ed)), true);
  await again.record();
  assert.equal(readFileSync(file, "utf8"), line("10.0.0.1", ed));
  assert.equal(warnings.length, 1);
  assert.equal(createHostKeyCheck(request).verify(bytes(other)), false);
});

for (const [title, recorded] of [
  ["another key of the type", other],
  ["a key of another type", rsa],
] as const) {
  test(`accept-new: ${title} on record stays the only one`, async () => {
    recordBefore(line("10.0.0.1", recorded));
    const check = createHostKeyCheck(await asked({ strictHostKeyChecking: "accept-new" }));
    assert.equal(check.verify(bytes(ed)), false);
    assert.equal(check.refusal()?.code, "host-key-changed");
    await check.record();
    assert.equal(readFileSync(file, "utf8"), line("10.0.0.1", recorded));
  });
}

test("accept-new: 200 hosts at once, some under the same name, leave whole lines and each once", async () => {
  recordBefore(line("old", other).trimEnd());
  const environment = processEnvironment({ HOME: directory });
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const hostKeyName = `10.0.1.${index % 150}`;
      const check = createHostKeyCheck(
        await asked({ strictHostKeyChecking: "accept-new", hostKeyName }, environment),
      );
      assert.equal(check.verify(bytes(ed)), true);
      await check.record();
    }),
  );
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const expected = Array.from({ length: 150 }, (_, index) => line(`10.0.1.${index}`, ed).trimEnd());
  assert.equal(lines[0], line("old", other).trimEnd());
  assert.deepEqual(lines.slice(1).sort(), expected.sort());
  const known = await readKnownHosts([file], environment);
  for (const [index, text] of lines.entries()) {
    const [name = ""] = text.split(" ");
    assert.deepEqual(
      known.linesFor(name).map((one) => one.line),
      [index + 1],
    );
  }
});

test("accept-new: a link stays a link, and a file keeps its mode", async () => {
  recordBefore("# mine\n");
  chmodSync(file, 0o640);
  const link = join(directory, "link");
  symlinkSync(file, link);
  const check = createHostKeyCheck(
    await asked({ strictHostKeyChecking: "accept-new", newHostKeysFile: link }),
  );
  check.verify(bytes(ed));
  await check.record();
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(file, "utf8"), `# mine\n${line("10.0.0.1", ed)}`);
  assert.equal(statSync(file).mode & 0o777, 0o640);
});

test("accept-new: a file that cannot be written is told, and the host is let in", async () => {
  recordBefore("");
  const check = createHostKeyCheck(
    await asked({ strictHostKeyChecking: "accept-new", newHostKeysFile: join(file, "below-a-file") }),
  );
  assert.equal(check.verify(bytes(ed)), true);
  await check.record();
  assert.deepEqual(codes(), ["host-key-not-added"]);
});

test("accept-new: a name that would speak of other hosts is not written", async () => {
  const check = createHostKeyCheck(await asked({ strictHostKeyChecking: "accept-new", hostKeyName: "web*" }));
  check.verify(bytes(ed));
  await check.record();
  assert.deepEqual(codes(), ["host-key-not-added"]);
  assert.equal(existsSync(file), false);
});

test("a key that was let in is the only one when keys are exchanged anew", async () => {
  const check = createHostKeyCheck(await asked({ strictHostKeyChecking: "accept-new" }));
  assert.equal(check.verify(bytes(ed)), true);
  assert.equal(check.verify(bytes(ed)), true);
  assert.equal(check.verify(bytes(other)), false);
  assert.match(check.refusal()?.message ?? "", /in the middle of the connection/);
});

test("no: told for each host in each run, also where the key is known", async () => {
  recordBefore(line("10.0.0.1", ed));
  const origins = { strictHostKeyChecking: "~/.ssh/config:3" };
  const check = createHostKeyCheck(await asked({ strictHostKeyChecking: "no", origins }));
  assert.equal(check.verify(bytes(ed)), true);
  assert.equal(check.trusted(), true);
  await check.record();
  assert.deepEqual(codes(), ["host-key-checking-off"]);
  assert.match(warnings[0]?.message ?? "", /is no \(~\/\.ssh\/config:3\)/);
});

test("no: a changed key is loud, gets no password, and replaces nothing", async () => {
  recordBefore(line("10.0.0.1", other));
  const check = createHostKeyCheck(await asked({ strictHostKeyChecking: "no" }));
  assert.equal(check.trusted(), true);
  assert.equal(check.verify(bytes(ed)), true);
  assert.equal(check.trusted(), false);
  await check.record();
  assert.deepEqual(codes(), ["host-key-checking-off", "host-key-changed"]);
  for (const key of [ed, other]) assert.ok(warnings[1]?.message.includes(fingerprint(bytes(key))));
  assert.equal(readFileSync(file, "utf8"), line("10.0.0.1", other));
  const denied = check.explain(new LfceError({ code: "authentication-failed", message: "denied" }));
  assert.equal(denied.code, "authentication-failed");
  assert.match(denied.message, /^denied; the host key of web1 .* is not the one on record/);
});

test("no: a revoked key is refused all the same", async () => {
  recordBefore(`@revoked * ${publicPart(ed)}\n`);
  const check = createHostKeyCheck(await asked({ strictHostKeyChecking: "no" }));
  assert.equal(check.verify(bytes(ed)), false);
  assert.equal(check.refusal()?.code, "host-key-revoked");
});

test("HashKnownHosts: ssh-keygen finds the name that nobody can read", async (t) => {
  if (which("ssh-keygen") === undefined) {
    t.skip("ssh-keygen is not installed: hashed names were not compared with it");
    return;
  }
  const check = createHostKeyCheck(
    await asked({
      strictHostKeyChecking: "accept-new",
      hashKnownHosts: true,
      hostKeyName: "fe80::1",
      hostKeyPort: 2222,
    }),
  );
  check.verify(bytes(ed));
  await check.record();
  assert.match(readFileSync(file, "utf8"), /^\|1\|\S+ ssh-ed25519 \S+\n$/);
  const found = execFileSync("ssh-keygen", ["-f", file, "-F", "[fe80::1]:2222"], { encoding: "utf8" });
  assert.match(found, /found: line 1/);
});

test("only an authority is on record: the error says that plain keys are needed", async () => {
  recordBefore(`@cert-authority * ${publicPart(other)}\n`);
  const check = createHostKeyCheck(await asked({}));
  check.verify(bytes(ed));
  assert.equal(check.refusal()?.code, "host-key-unknown");
  assert.match(
    check.refusal()?.message ?? "",
    /known_hosts:1 trusts an authority.*the plain key must be known/,
  );
  assert.match(check.refusal()?.hint ?? "", /lfce trust PLAYBOOK --limit web1$/);
});

test("a list of algorithms that leaves nothing is refused with its place", async () => {
  const origins = { hostKeyAlgorithms: "~/.ssh/config:9" };
  const check = createHostKeyCheck(await asked({ hostKeyAlgorithms: "sk-ssh-ed25519@openssh.com", origins }));
  assert.equal(check.verify(bytes(ed)), false);
  assert.equal(check.refusal()?.code, "host-key-algorithms");
  assert.match(check.refusal()?.message ?? "", /~\/\.ssh\/config:9/);
});

test("the command against a changed key is one that ssh-keygen takes, whatever the names", async (t) => {
  if (which("ssh-keygen") === undefined) {
    t.skip("ssh-keygen is not installed: the command of the hint was not run");
    return;
  }
  file = join(directory, "my 'known' $hosts");
  const name = "[fe80::1%eth0]:2222";
  writeFileSync(file, `${line(name, other)}${line("web2", ed)}`);
  const request = await asked({ hostKeyName: "fe80::1%eth0", hostKeyPort: 2222 });
  const check = createHostKeyCheck(request);
  check.verify(bytes(ed));
  const [, command = ""] = /remove the old key: (.*); then/.exec(check.refusal()?.hint ?? "") ?? [];
  execFileSync("sh", ["-c", command], { stdio: "ignore" });
  assert.equal(readFileSync(file, "utf8"), line("web2", ed));
});

test("a line that speaks of other hosts by a pattern is left to the user", () => {
  const lines = [{ file: "/f", line: 7, names: "web*", keyType: "ssh-ed25519", key: bytes(other) }];
  assert.equal(
    removal(lines, { hostKeyName: "web1", hostKeyPort: 22 }),
    "edit /f, whose line 7 speaks of other hosts, too",
  );
});

test("keys of other types alone: they are named, and none is to be removed", () => {
  const record = { file: "/f", line: 2, names: "web1", keyType: "ssh-rsa", key: bytes(rsa) };
  const error = hostKeyError(
    { result: "changed", lines: [record] },
    { host: "web1", hostKeyName: "web1", hostKeyPort: 22, origins: {}, key: bytes(ed), files: ["/f"] },
  );
  assert.equal(error.code, "host-key-changed");
  assert.match(error.message, /only keys of other types are on record: \/f:2 has ssh-rsa SHA256:/);
  assert.doesNotMatch(error.hint ?? "", /-R/);
});

test("a known_hosts file that cannot be read stops the host: it may revoke the key", async () => {
  const failing = {
    readFile: async () => {
      throw Object.assign(new Error("no"), { code: "EACCES" });
    },
  };
  await assert.rejects(readKnownHosts(["/f"], failing), { code: "known-hosts-unreadable" });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { checkHostKey, fingerprint, hostKeyAlgorithms } from "../../../src/remote/ssh/host-key.ts";
import { keyTypeOf, namesMatch, parseKnownHosts } from "../../../src/remote/ssh/known-hosts.ts";
import { which } from "../../ssh/shells.ts";

function publicKey(type: string, seed: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(seed)]);
}
const line = (names: string, key: Buffer): string =>
  `${names} ${keyTypeOf(key)} ${key.toString("base64")} note`;
const ed = publicKey("ssh-ed25519", "one");
const edOther = publicKey("ssh-ed25519", "two");
const rsa = publicKey("ssh-rsa", "three");
const ecdsa = publicKey("ecdsa-sha2-nistp256", "four");

function verdict(text: string, host: string, port: number, key: Buffer): string {
  const found = checkHostKey(parseKnownHosts(text, "known_hosts"), host, port, key);
  return "line" in found ? `${found.result} ${found.line.line}` : found.result;
}

const hashed = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
};

const cases: { title: string; text: string; host?: string; port?: number; key?: Buffer; expected: string }[] =
  [
    { title: "a plain name", text: line("web1", ed), expected: "known 1" },
    { title: "one of several names", text: line("10.0.0.1,web1", ed), expected: "known 1" },
    { title: "letter case does not count", text: line("WEB1", ed), host: "Web1", expected: "known 1" },
    {
      title: "comments and blank lines are passed over",
      text: `# web1\n\n  \n\t${line("web1", ed)}`,
      expected: "known 4",
    },
    {
      title: "CRLF line ends",
      text: `${line("web1", ed)}\r\n${line("web1", rsa)}\r\n`,
      key: rsa,
      expected: "known 2",
    },
    { title: "a hashed name", text: line(hashed("web1"), ed), expected: "known 1" },
    {
      title: "a hashed name with a port",
      text: line(hashed("[web1]:2222"), ed),
      port: 2222,
      expected: "known 1",
    },
    { title: "a hashed name of another host", text: line(hashed("web2"), ed), expected: "unknown" },
    { title: "[host]:port", text: line("[web1]:2222", ed), port: 2222, expected: "known 1" },
    { title: "[host]:port does not stand for port 22", text: line("[web1]:2222", ed), expected: "unknown" },
    { title: "a bare name serves another port", text: line("web1", ed), port: 2222, expected: "known 1" },
    {
      title: "a key for the port goes before the bare name's",
      text: `${line("web1", ed)}\n${line("[web1]:2222", edOther)}`,
      port: 2222,
      expected: "changed 2",
    },
    { title: "wildcards", text: line("web?,db*", ed), expected: "known 1" },
    { title: "a wildcard over the port", text: line("[web*]:*", ed), port: 2222, expected: "known 1" },
    { title: "negation wins over a later match", text: line("!web1,web*", ed), expected: "unknown" },
    { title: "negation alone matches nothing", text: line("!db1", ed), expected: "unknown" },
    { title: "a changed key", text: line("web1", edOther), expected: "changed 1" },
    {
      title: "one of two keys of one type",
      text: `${line("web1", edOther)}\n${line("web1", ed)}`,
      expected: "known 2",
    },
    { title: "only another type is known", text: line("web1", rsa), expected: "unknown" },
    {
      title: "another curve is a changed key",
      text: line("web1", publicKey("ecdsa-sha2-nistp384", "x")),
      key: ecdsa,
      expected: "changed 1",
    },
    { title: "a revoked key", text: `${line("web1", ed)}\n@revoked ${line("*", ed)}`, expected: "revoked 2" },
    {
      title: "another key is revoked",
      text: `@revoked ${line("web1", edOther)}\n${line("web1", ed)}`,
      expected: "known 2",
    },
    {
      title: "an authority's key is not a host key",
      text: `@cert-authority ${line("web1", ed)}`,
      expected: "unknown",
    },
    { title: "an unknown marker", text: `@trusted ${line("web1", ed)}`, expected: "unknown" },
    {
      title: "a type that its key denies",
      text: `web1 ssh-rsa ${ed.toString("base64")}`,
      expected: "unknown",
    },
    { title: "a line without a key", text: "web1 ssh-ed25519", expected: "unknown" },
    { title: "an empty file", text: "", expected: "unknown" },
  ];

for (const { title, text, host = "web1", port = 22, key = ed, expected } of cases) {
  test(`known_hosts: ${title}`, () => {
    assert.equal(verdict(text, host, port, key), expected);
  });
}

test("an unknown key tells which other keys and authorities are on record", () => {
  const lines = parseKnownHosts(`${line("web1", rsa)}\n@cert-authority ${line("*", ed)}`, "f");
  const found = checkHostKey(lines, "web1", 22, ecdsa);
  assert.equal(found.result, "unknown");
  if (found.result !== "unknown") return;
  assert.deepEqual(
    found.others.map((other) => other.line),
    [1],
  );
  assert.deepEqual(
    found.authorities.map((authority) => authority.line),
    [2],
  );
});

test("the types on record are offered first, without SHA-1", () => {
  const lines = parseKnownHosts(`${line("web1", rsa)}\n${line("web2", ecdsa)}`, "f");
  assert.deepEqual(hostKeyAlgorithms(lines, "web1", 22).slice(0, 3), [
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-ed25519",
  ]);
  assert.equal(hostKeyAlgorithms(lines, "web2", 2222)[0], "ecdsa-sha2-nistp256");
  assert.equal(hostKeyAlgorithms(lines, "web3", 22)[0], "ssh-ed25519");
  assert.ok(!hostKeyAlgorithms(lines, "web1", 22).includes("ssh-rsa"));
});

test("no text makes the parser or the matcher fail", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, host) => {
      checkHostKey(parseKnownHosts(text, "f"), host, 22, ed);
      namesMatch(text, host);
    }),
  );
});

test("a pattern of many stars is matched in reasonable time", () => {
  assert.equal(namesMatch(`${"*a".repeat(200)}b`, "a".repeat(5000)), false);
});

test("ssh-keygen agrees on fingerprints and finds what is found here", (t) => {
  if (which("ssh-keygen") === undefined) {
    t.skip("ssh-keygen is not installed: fingerprints and hashed names were not compared with it");
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), "lfce-"));
  try {
    const keyFile = join(directory, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
    const [type, encoded] = readFileSync(`${keyFile}.pub`, "utf8").split(" ") as [string, string];
    const key = Buffer.from(encoded, "base64");
    const listed = execFileSync("ssh-keygen", ["-lf", `${keyFile}.pub`], { encoding: "utf8" });
    assert.equal(listed.split(" ")[1], fingerprint(key));
    const known = join(directory, "known_hosts");
    writeFileSync(known, `web1,[web2]:2222 ${type} ${encoded}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", known], { stdio: "ignore" });
    const text = readFileSync(known, "utf8");
    assert.match(text, /^\|1\|/);
    assert.match(verdict(text, "web1", 22, key), /^known/);
    assert.match(verdict(text, "web2", 2222, key), /^known/);
    assert.equal(verdict(text, "web2", 22, key), "unknown");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  hashName,
  isHashOf,
  prepareName,
  readHashedName,
} from "../../../src/remote/ssh/host-keys/hashed-names.ts";
import { checkHostKey, fingerprint } from "../../../src/remote/ssh/host-keys/host-key.ts";
import { hostKeyAlgorithms } from "../../../src/remote/ssh/host-keys/host-key-algorithms.ts";
import { keyTypeOf, namesMatch, parseKnownHosts } from "../../../src/remote/ssh/host-keys/known-hosts.ts";
import { indexKnownHosts, type KnownHosts } from "../../../src/remote/ssh/host-keys/known-hosts-read.ts";
import { which } from "../../ssh/shells.ts";

function publicKey(...parts: string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, Buffer.from(part)];
    }),
  );
}
const line = (names: string, key: Buffer): string =>
  `${names} ${keyTypeOf(key)} ${key.toString("base64")} note`;
const ed = publicKey("ssh-ed25519", "one");
const edOther = publicKey("ssh-ed25519", "two");
const rsa = publicKey("ssh-rsa", "e", "three");
const ecdsa = publicKey("ecdsa-sha2-nistp256", "nistp256", "four");

function recordOf(text: string): KnownHosts {
  return indexKnownHosts(["known_hosts"], parseKnownHosts(text, "known_hosts"));
}

/** The verdict, and the lines that it speaks of. */
function verdict(text: string, host: string, port: number, key: Buffer): string {
  const found = checkHostKey(recordOf(text), host, port, key);
  const lines = found.result === "unknown" ? [] : found.result === "changed" ? found.lines : [found.line];
  return [found.result, ...lines.map((one) => one.line)].join(" ");
}

const hashed = (name: string): string => hashName(name, randomBytes(20));

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
    {
      title: "a key of another type is a changed key, as it is to ssh",
      text: `${line("web1", rsa)}\n${line("web1", ecdsa)}`,
      expected: "changed 1 2",
    },
    {
      title: "a bare name with another key says nothing of another port",
      text: line("web1", edOther),
      port: 2222,
      expected: "unknown",
    },
    {
      title: "a bare name's revoked key is refused at another port",
      text: `@revoked ${line("web1", ed)}\n${line("[web1]:2222", ed)}`,
      port: 2222,
      expected: "revoked 1",
    },
    {
      title: "an IPv6 address",
      text: `${line("[fe80::1]:2222", ed)}\n${line("fe80::1", edOther)}`,
      host: "FE80::1",
      port: 2222,
      expected: "known 1",
    },
    {
      title: "a key that is not base64 throughout",
      text: line("web1", ed).replace(" note", "!!! note"),
      expected: "unknown",
    },
    {
      title: "a key with something after its end",
      text: line("web1", Buffer.concat([ed, Buffer.from("zz")])),
      expected: "unknown",
    },
    {
      title: "a key of a type that ssh does not know",
      text: line("web1", publicKey("ssh-x", "two")),
      expected: "unknown",
    },
    {
      title: "a hashed name with a salt of the wrong length",
      text: line(hashName("web1", randomBytes(16)), ed),
      expected: "unknown",
    },
    { title: "a hashed name in a list", text: line(`${hashed("web1")},x`, ed), expected: "unknown" },
    {
      title: "another curve is a changed key",
      text: line("web1", publicKey("ecdsa-sha2-nistp384", "nistp384", "x")),
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
      title: "a revoked authority's key is no host's key either",
      text: `@revoked ${line("*", edOther)}\n@cert-authority ${line("*", edOther)}`,
      key: edOther,
      expected: "revoked 1",
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

test("an unknown key tells which authorities are on record", () => {
  const found = checkHostKey(
    recordOf(`${line("web2", rsa)}\n@cert-authority ${line("*", ed)}`),
    "web1",
    22,
    ecdsa,
  );
  assert.equal(found.result, "unknown");
  if (found.result !== "unknown") return;
  assert.deepEqual(
    found.authorities.map((authority) => authority.line),
    [2],
  );
});

const ALL = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];
const orders: { title: string; text?: string; port?: number; chosen?: string; expected: string[] }[] = [
  { title: "nothing known: ssh's own order, without SHA-1", expected: ALL },
  {
    title: "the types on record first",
    text: `${line("web1", rsa)}\n${line("web1", ecdsa)}`,
    expected: [
      "ecdsa-sha2-nistp256",
      "rsa-sha2-512",
      "rsa-sha2-256",
      ...ALL.filter((one) => !/^rsa|256$/.test(one)),
    ],
  },
  {
    title: "a revoked key and an authority's are no keys on record",
    text: `@revoked ${line("web1", rsa)}\n@cert-authority ${line("web1", rsa)}`,
    expected: ALL,
  },
  {
    title: "the bare name's types for another port",
    text: line("web1", ecdsa),
    port: 2222,
    expected: ["ecdsa-sha2-nistp256", ...ALL.filter((one) => one !== "ecdsa-sha2-nistp256")],
  },
  {
    title: "but not where the port has its own keys",
    text: `${line("web1", ecdsa)}\n${line("[web1]:2222", ed)}`,
    port: 2222,
    expected: ALL,
  },
  {
    title: "a list of one's own",
    chosen: "rsa-*,ssh-ed25519",
    expected: ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"],
  },
  {
    title: "whose order stays, whatever is known",
    text: line("web1", ed),
    chosen: "rsa-sha2-512,ssh-ed25519",
    expected: ["rsa-sha2-512", "ssh-ed25519"],
  },
  { title: "+ adds, SHA-1 where it is asked for", chosen: "+ssh-rsa", expected: [...ALL, "ssh-rsa"] },
  {
    title: "+ keeps the types on record first",
    text: line("web1", rsa),
    chosen: "+ssh-rsa",
    expected: ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", ...ALL.filter((one) => !one.startsWith("rsa"))],
  },
  { title: "- takes away", chosen: "-ecdsa*,rsa-sha2-256", expected: ["ssh-ed25519", "rsa-sha2-512"] },
  {
    title: "^ puts first",
    text: line("web1", ed),
    chosen: "^rsa-sha2-256",
    expected: ["rsa-sha2-256", ...ALL.filter((one) => one !== "rsa-sha2-256")],
  },
  {
    title: "certificates and security keys are left out",
    chosen: "ssh-ed25519-cert-v01@openssh.com,sk-ssh-ed25519@openssh.com",
    expected: [],
  },
];
for (const { title, text = "", port = 22, chosen, expected } of orders) {
  test(`host key algorithms: ${title}`, () => {
    assert.deepEqual(hostKeyAlgorithms(recordOf(text), "web1", port, chosen), expected);
  });
}

test("no text makes the parser or the matcher fail", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, host) => {
      checkHostKey(recordOf(text), host, 22, ed);
      namesMatch(text, host);
    }),
  );
});

test("hashed names are those of node:crypto, whatever the name and the salt", () => {
  const salts = fc.uint8Array({ minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(
      fc.string({ maxLength: 80, unit: "binary" }),
      fc.string({ maxLength: 80 }),
      salts,
      (name, other, salt) => {
        const read = readHashedName(hashName(name, Buffer.from(salt)));
        assert.ok(read);
        assert.equal(isHashOf(read, prepareName(name)), true);
        assert.equal(isHashOf(read, prepareName(other)), name === other);
      },
    ),
  );
});

test("hashed names of every length around one block of SHA-1", () => {
  for (let length = 1; length <= 130; length += 1) {
    const name = "n".repeat(length);
    const read = readHashedName(hashed(name));
    assert.ok(read && isHashOf(read, prepareName(name)), `${length}`);
    assert.equal(isHashOf(read, prepareName(`${name.slice(1)}m`)), false, `${length}`);
  }
});

test("plain, hashed and wildcard lines come in the order of the file", () => {
  const text = [hashed("web1"), "web*", "web1", hashed("web1"), "x,web1"]
    .map((names) => line(names, ed))
    .join("\n");
  assert.deepEqual(
    recordOf(text)
      .linesFor("web1")
      .map((one) => one.line),
    [1, 2, 3, 4, 5],
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

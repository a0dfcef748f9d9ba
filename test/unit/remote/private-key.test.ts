import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import ssh2 from "ssh2";
import { readPrivateKey } from "../../../src/remote/ssh/login/private-key.ts";
import { which } from "../../ssh/shells.ts";

const place = mkdtempSync(join(tmpdir(), "lfce-keys-"));
after(() => rmSync(place, { recursive: true }));

const keygen = which("ssh-keygen");
const PASSPHRASE = "open sesame";
let made = 0;

/** A fresh key by ssh-keygen with these options: the file's bytes and the public key on the wire. */
function generate(...options: string[]): { bytes: Buffer; publicKey: Buffer } {
  made += 1;
  const path = join(place, `key${made}`);
  execFileSync("ssh-keygen", ["-q", "-f", path, "-C", "a comment", ...options]);
  const publicKey = Buffer.from(readFileSync(`${path}.pub`, "utf8").split(" ")[1] ?? "", "base64");
  return { bytes: readFileSync(path), publicKey };
}

const types = {
  ed25519: ["-t", "ed25519"],
  "ecdsa 256": ["-t", "ecdsa", "-b", "256"],
  "ecdsa 384": ["-t", "ecdsa", "-b", "384"],
  "ecdsa 521": ["-t", "ecdsa", "-b", "521"],
  rsa: ["-t", "rsa", "-b", "2048"],
};
const formats = { OpenSSH: [], "PKCS#8": ["-m", "PKCS8"], PEM: ["-m", "PEM"] };

for (const [type, typeOptions] of Object.entries(types)) {
  for (const [format, formatOptions] of Object.entries(formats)) {
    test(`an ${type} key in the format ${format}, plain and encrypted`, (t) => {
      if (!keygen) return t.skip("ssh-keygen is not installed: key formats were not tried");
      const plain = generate(...typeOptions, ...formatOptions, "-N", "");
      const opened = readPrivateKey(plain.bytes);
      assert.ok(opened.result === "key");
      assert.ok(opened.key.getPublicSSH().equals(plain.publicKey));
      assert.ok(opened.key.isPrivateKey());

      const locked = generate(...typeOptions, ...formatOptions, "-N", PASSPHRASE, "-a", "1");
      const closed = readPrivateKey(locked.bytes);
      assert.ok(closed.result === "encrypted");
      if (format === "OpenSSH") assert.ok(closed.publicKey?.equals(locked.publicKey));
      assert.equal(readPrivateKey(locked.bytes, "wrong").result, "wrong-passphrase");
      const unlocked = readPrivateKey(locked.bytes, PASSPHRASE);
      assert.ok(unlocked.result === "key");
      assert.ok(unlocked.key.getPublicSSH().equals(locked.publicKey));
    });
  }
}

for (const cipher of [
  ...["aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
  ...["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"],
]) {
  test(`a key that ssh-keygen encrypted with ${cipher}`, (t) => {
    if (!keygen) return t.skip("ssh-keygen is not installed: ciphers of key files were not tried");
    const { bytes, publicKey } = generate("-t", "ed25519", "-N", PASSPHRASE, "-a", "1", "-Z", cipher);
    const read = readPrivateKey(bytes, PASSPHRASE);
    assert.ok(read.result === "key");
    assert.ok(read.key.getPublicSSH().equals(publicKey));
    assert.equal(readPrivateKey(bytes, "wrong").result, "wrong-passphrase");
  });
}

test("the one cipher that cannot be read is named, with the way out", (t) => {
  if (!keygen) return t.skip("ssh-keygen is not installed: its cipher chacha20-poly1305 was not tried");
  const options = ["-t", "ed25519", "-N", PASSPHRASE, "-a", "1", "-Z", "chacha20-poly1305@openssh.com"];
  const read = readPrivateKey(generate(...options).bytes, PASSPHRASE);
  assert.ok(read.result === "unreadable");
  assert.match(read.why ?? "", /chacha20-poly1305.*ssh-keygen -p -Z aes256-ctr/);
});

test("an ed25519 key in PKCS#8, as openssl writes it, signs as itself", () => {
  for (const encryption of [{}, { cipher: "aes-256-cbc", passphrase: PASSPHRASE }]) {
    const pair = generateKeyPairSync("ed25519");
    const pem = pair.privateKey.export({ type: "pkcs8", format: "pem", ...encryption });
    const read = readPrivateKey(Buffer.from(pem), PASSPHRASE);
    assert.ok(read.result === "key");
    const signature = read.key.sign(Buffer.from("data"));
    assert.ok(verify(null, Buffer.from("data"), createPublicKey(pair.privateKey), signature));
  }
});

test("a public key, a key of no use, a security key and no key at all are told apart", () => {
  const ed25519 = ssh2.utils.generateKeyPairSync("ed25519");
  assert.equal(readPrivateKey(Buffer.from(ed25519.public)).result, "public");
  const x25519 = generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" });
  const useless = readPrivateKey(Buffer.from(x25519));
  assert.ok(useless.result === "unreadable");
  assert.match(useless.why ?? "", /x25519/);
  for (const bytes of ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]) {
    assert.deepEqual(readPrivateKey(Buffer.from(bytes)), { result: "unreadable" });
  }
  const field = (text: string | Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text as string)]);
  };
  const container = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(field),
    Buffer.from([0, 0, 0, 1]),
    field(field("sk-ssh-ed25519@openssh.com")),
    field("private"),
  ]).toString("base64");
  const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${container}\n-----END OPENSSH PRIVATE KEY-----\n`;
  const security = readPrivateKey(Buffer.from(text));
  assert.ok(security.result === "unreadable");
  assert.match(security.why ?? "", /security key/);
});

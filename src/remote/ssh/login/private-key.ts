import { createPrivateKey } from "node:crypto";
import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { encodeEd25519Key, openSshPublicPart } from "./openssh-key.ts";

/** What the bytes of a private key file turned out to be. */
export type PrivateKeyRead =
  | { result: "key"; key: ParsedKey }
  /** A passphrase is missing. `publicKey`: the public half, which OpenSSH's own format leaves readable. */
  | { result: "encrypted"; publicKey?: Buffer }
  | { result: "wrong-passphrase" }
  | { result: "public" }
  /** `why`: what is not supported, for a message; undefined for something that is no key at all. */
  | { result: "unreadable"; why?: string };

/**
 * Reads a private key in any format that ssh-keygen writes: OpenSSH's own, PEM (PKCS#1, SEC 1) and PKCS#8, each
 * also encrypted; and PuTTY's. Hardware keys (sk-…) and files encrypted with chacha20-poly1305 are `unreadable`.
 */
export function readPrivateKey(bytes: Buffer, passphrase?: string): PrivateKeyRead {
  const text = bytes.toString("latin1").trim();
  if (/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)) return readPkcs8(text, passphrase);
  const unsupported = unsupportedContainer(text);
  if (unsupported) return { result: "unreadable", why: unsupported };
  const key = parse(bytes, passphrase);
  if (!(key instanceof Error)) return key.isPrivateKey() ? { result: "key", key } : { result: "public" };
  if (!isEncrypted(text)) return { result: "unreadable" };
  if (passphrase !== undefined) return { result: "wrong-passphrase" };
  const publicKey = openSshPublicPart(text)?.publicKey;
  return { result: "encrypted", ...(publicKey ? { publicKey } : {}) };
}

/** PKCS#8, which ssh2 does not know: OpenSSL reads it, and hands it on in a form that ssh2 knows. */
function readPkcs8(text: string, passphrase: string | undefined): PrivateKeyRead {
  const encrypted = isEncrypted(text);
  if (encrypted && passphrase === undefined) return { result: "encrypted" };
  try {
    const opened = createPrivateKey(encrypted ? { key: text, passphrase: passphrase ?? "" } : text);
    switch (opened.asymmetricKeyType) {
      case "rsa":
        return asKey(opened.export({ type: "pkcs1", format: "pem" }));
      case "ec":
        return asKey(opened.export({ type: "sec1", format: "pem" }));
      case "ed25519":
        return asKey(encodeEd25519Key(opened.export({ format: "jwk" })));
      default:
        return { result: "unreadable", why: `${opened.asymmetricKeyType} keys are of no use to SSH` };
    }
  } catch {
    return encrypted ? { result: "wrong-passphrase" } : { result: "unreadable" };
  }
}

function asKey(text: string | Buffer): PrivateKeyRead {
  const key = parse(Buffer.from(text), undefined);
  return key instanceof Error ? { result: "unreadable" } : { result: "key", key };
}

/** ssh2 returns parse errors, but throws some. */
function parse(bytes: Buffer, passphrase: string | undefined): ParsedKey | Error {
  try {
    const parsed = ssh2.utils.parseKey(bytes, passphrase) as ParsedKey | ParsedKey[] | Error;
    return Array.isArray(parsed) ? (parsed[0] ?? new Error("no key")) : parsed;
  } catch (error) {
    return error as Error;
  }
}

function isEncrypted(text: string): boolean {
  const container = openSshPublicPart(text);
  if (container) return container.cipher !== "none";
  return /^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED|Encryption: (?!none))/m.test(text);
}

function unsupportedContainer(text: string): string | undefined {
  const container = openSshPublicPart(text);
  if (container?.keyType.startsWith("sk-"))
    return "it belongs to a security key (FIDO), which only ssh itself can ask";
  if (container?.cipher.startsWith("chacha20")) {
    return `it is encrypted with ${container.cipher}; encrypt it anew: ssh-keygen -p -Z aes256-ctr -f FILE`;
  }
  return undefined;
}

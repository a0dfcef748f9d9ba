import type { JsonWebKey } from "node:crypto";

/** What OpenSSH's own key format shows without a passphrase (PROTOCOL.key in its sources). */
export interface OpenSshPublicPart {
  /** `none`, or the name of the cipher that the private half is encrypted with. */
  cipher: string;
  keyType: string;
  /** As it goes over the wire (RFC 4253, section 6.6). */
  publicKey: Buffer;
}

const MAGIC = "openssh-key-v1\0";

/** Reads the open part of a file in OpenSSH's own format; undefined for any other format. */
export function openSshPublicPart(text: string): OpenSshPublicPart | undefined {
  const body = /^-----BEGIN OPENSSH PRIVATE KEY-----\s([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/.exec(
    text,
  )?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return undefined;
  const cipher = stringAt(bytes, MAGIC.length);
  const kdf = cipher && stringAt(bytes, cipher.end);
  const options = kdf && stringAt(bytes, kdf.end);
  // The number of keys stands between: always one.
  const publicKey = options && stringAt(bytes, options.end + 4);
  const keyType = publicKey && stringAt(publicKey.value, 0);
  if (!cipher || !publicKey || !keyType) return undefined;
  return {
    cipher: cipher.value.toString("latin1"),
    keyType: keyType.value.toString("latin1"),
    publicKey: publicKey.value,
  };
}

/** The `string` of RFC 4251, section 5, at an offset: four bytes of length, then the bytes. */
export function stringAt(bytes: Buffer, offset: number): { value: Buffer; end: number } | undefined {
  if (offset + 4 > bytes.length) return undefined;
  const end = offset + 4 + bytes.readUInt32BE(offset);
  return end > bytes.length ? undefined : { value: bytes.subarray(offset + 4, end), end };
}

/** An Ed25519 key (RFC 8037, section 2) in OpenSSH's own format, not encrypted. */
export function encodeEd25519Key(key: JsonWebKey): string {
  const [publicBytes, seed] = [Buffer.from(key.x ?? "", "base64url"), Buffer.from(key.d ?? "", "base64url")];
  const publicKey = Buffer.concat([sshString("ssh-ed25519"), sshString(publicBytes)]);
  const secretPart = Buffer.concat([
    Buffer.alloc(8), // two equal numbers, by which a decryption is checked
    publicKey,
    sshString(Buffer.concat([seed, publicBytes])),
    sshString(""),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secretPart.length % 8)) % 8 }, (_, at) => at + 1));
  const container = Buffer.concat([
    Buffer.from(MAGIC, "latin1"),
    ...["none", "none", ""].map(sshString),
    Buffer.from([0, 0, 0, 1]),
    sshString(publicKey),
    sshString(Buffer.concat([secretPart, padding])),
  ]);
  const lines = container.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

/** A text or bytes as the `string` of RFC 4251, section 5. */
export function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string, "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

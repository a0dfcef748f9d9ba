import { patternListMatches } from "../wildcard.ts";
import { isHashOf, prepareName, readHashedName } from "./hashed-names.ts";

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostLine {
  file: string;
  /** 1-based. */
  line: number;
  marker?: "cert-authority" | "revoked";
  /** The names as written: comma-separated patterns, or one hashed name. */
  names: string;
  keyType: string;
  /** The public key as it goes over the wire. */
  key: Buffer;
}

/**
 * Reads the text of one file. Blank lines, comments and lines that ssh would pass over (a key that is not whole or
 * of a type that ssh does not know, an unknown marker) are left out.
 */
export function parseKnownHosts(text: string, file: string): KnownHostLine[] {
  const entries: KnownHostLine[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const fields = line.replace(/^[ \t]+|[ \t\r]+$/g, "").split(/[ \t]+/);
    if (fields[0] === "" || fields[0]?.startsWith("#")) continue;
    let marker: KnownHostLine["marker"];
    if (fields[0]?.startsWith("@")) {
      const word = fields.shift();
      if (word === "@revoked") marker = "revoked";
      else if (word === "@cert-authority") marker = "cert-authority";
      else continue;
    }
    const [names, keyType, encoded] = fields;
    if (names === undefined || keyType === undefined || encoded === undefined) continue;
    const key = Buffer.from(encoded, "base64");
    // Node passes over what is not base64; ssh does not.
    if (key.toString("base64") !== encoded || keyTypeOf(key) !== keyType || !isWhole(key)) continue;
    entries.push({ file, line: index + 1, ...(marker ? { marker } : {}), names, keyType, key });
  }
  return entries;
}

/** Strings that a public key of a type consists of, its type among them (RFC 4253, 5656, 8709, PROTOCOL.u2f). */
const KEY_PARTS: Readonly<Record<string, number>> = {
  "ssh-ed25519": 2,
  "ssh-rsa": 3,
  "ssh-dss": 5,
  "ecdsa-sha2-nistp256": 3,
  "ecdsa-sha2-nistp384": 3,
  "ecdsa-sha2-nistp521": 3,
  "sk-ssh-ed25519@openssh.com": 3,
  "sk-ecdsa-sha2-nistp256@openssh.com": 4,
};

function isWhole(key: Buffer): boolean {
  let parts = 0;
  let at = 0;
  while (at + 4 <= key.length) {
    at += 4 + key.readUInt32BE(at);
    parts += 1;
  }
  return at === key.length && parts === KEY_PARTS[keyTypeOf(key) ?? ""];
}

/** The key type that a public key itself names (RFC 4253, section 6.6); undefined when it is malformed. */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined;
  return key.toString("latin1", 4, 4 + length);
}

/** The name under which a host stands in known_hosts: `[host]:port` unless the port is 22. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether a line speaks of the host: exact and wildcard names, `!` negation, hashed names. */
export function namesMatch(names: string, host: string): boolean {
  if (names.startsWith("|")) {
    const hashed = readHashedName(names);
    return hashed !== undefined && isHashOf(hashed, prepareName(host));
  }
  return patternListMatches(names.toLowerCase(), host);
}

import { createHash } from "node:crypto";
import type { KnownHostLine } from "./known-hosts.ts";
import { keyTypeOf, knownHostsName, namesMatch } from "./known-hosts.ts";

/** What known_hosts says about the key that a host showed. */
export type HostKeyVerdict =
  | { result: "known"; line: KnownHostLine }
  | { result: "revoked"; line: KnownHostLine }
  /** Another key of the same type is on record. */
  | { result: "changed"; line: KnownHostLine }
  /** No key of this type; `others` are the lines with keys of other types, `authorities` the host certificates'. */
  | { result: "unknown"; others: KnownHostLine[]; authorities: KnownHostLine[] };

/**
 * Looks a host's key up as ssh(1) does with StrictHostKeyChecking=yes: under `host`, or `[host]:port` for
 * another port than 22; a key on record for the bare name is taken for other ports too. A revoked key is
 * refused whatever else is on record.
 */
export function checkHostKey(
  lines: readonly KnownHostLine[],
  host: string,
  port: number,
  key: Buffer,
): HostKeyVerdict {
  const bare = knownHostsName(host, 22);
  const named = lines.filter((line) => namesMatch(line.names, knownHostsName(host, port)));
  const fallback = port === 22 ? [] : lines.filter((line) => namesMatch(line.names, bare));

  const revoked = [...named, ...fallback].find((line) => line.marker === "revoked" && line.key.equals(key));
  if (revoked) return { result: "revoked", line: revoked };
  const plain = named.filter((line) => line.marker === undefined);
  const same = plain.find((line) => line.key.equals(key));
  if (same) return { result: "known", line: same };
  const family = keyFamily(keyTypeOf(key) ?? "");
  const changed = plain.find((line) => keyFamily(line.keyType) === family);
  if (changed) return { result: "changed", line: changed };
  const bareSame = fallback.find((line) => line.marker === undefined && line.key.equals(key));
  if (bareSame) return { result: "known", line: bareSame };
  return {
    result: "unknown",
    others: plain,
    authorities: named.filter((line) => line.marker === "cert-authority"),
  };
}

/** All curves of ECDSA are one type to ssh: a key on another curve is a changed key. */
function keyFamily(keyType: string): string {
  return keyType.startsWith("ecdsa-sha2-") ? "ecdsa" : keyType;
}

const SIGNATURES: Record<string, string[]> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/**
 * Host key algorithms in the order in which they are offered: the types on record for the host first, so that
 * a host with several keys shows one that can be checked. SHA-1 signatures and DSA are left out.
 */
export function hostKeyAlgorithms(lines: readonly KnownHostLine[], host: string, port: number): string[] {
  const wanted = [knownHostsName(host, port), knownHostsName(host, 22)];
  const types = Object.keys(SIGNATURES);
  const known = types.filter((type) =>
    wanted.some((name) =>
      lines.some(
        (line) => line.marker === undefined && line.keyType === type && namesMatch(line.names, name),
      ),
    ),
  );
  const ordered = [...known, ...types.filter((type) => !known.includes(type))];
  return ordered.flatMap((type) => SIGNATURES[type] ?? []);
}

/** A key's fingerprint as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

import { createHash } from "node:crypto";
import type { KnownHostLine } from "./known-hosts.ts";
import { knownHostsName } from "./known-hosts.ts";
import type { KnownHosts } from "./known-hosts-read.ts";

/** What known_hosts says about the key that a host showed. */
export type HostKeyVerdict =
  | { result: "known"; line: KnownHostLine }
  | { result: "revoked"; line: KnownHostLine }
  /** Other keys are on record for the host, of the same type or of others, and this one is not. */
  | { result: "changed"; lines: [KnownHostLine, ...KnownHostLine[]] }
  /** No key is on record; `authorities` are the lines that trust host certificates of an authority. */
  | { result: "unknown"; authorities: KnownHostLine[] };

/**
 * Looks a host's key up as ssh(1) does: under `host`, or `[host]:port` for another port than 22, and where no key
 * is on record for that, under the bare name, too. Any key on record that is not this one makes it a changed key,
 * whatever the types (OpenSSH 9.2, check_hostkeys_by_key_or_type). A revoked key is refused whatever else is on
 * record.
 */
export function checkHostKey(known: KnownHosts, host: string, port: number, key: Buffer): HostKeyVerdict {
  const named = known.linesFor(knownHostsName(host, port));
  const bare = port === 22 ? [] : known.linesFor(knownHostsName(host, 22));

  const revoked = [...named, ...bare].find((line) => line.marker === "revoked" && line.key.equals(key));
  if (revoked) return { result: "revoked", line: revoked };
  const [first, ...others] = named.filter((line) => line.marker === undefined);
  const isShown = (line: KnownHostLine): boolean => line.marker === undefined && line.key.equals(key);
  const same = named.find(isShown);
  if (same) return { result: "known", line: same };
  if (first) return { result: "changed", lines: [first, ...others] };
  const bareSame = bare.find(isShown);
  if (bareSame) return { result: "known", line: bareSame };
  return { result: "unknown", authorities: named.filter((line) => line.marker === "cert-authority") };
}

/** All curves of ECDSA are one type to ssh. */
export function keyFamily(keyType: string): string {
  return keyType.startsWith("ecdsa-sha2-") ? "ecdsa" : keyType;
}

/** A key's fingerprint as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

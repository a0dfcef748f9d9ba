import { wildcardMatches } from "../wildcard.ts";
import type { KnownHostLine } from "./known-hosts.ts";
import { knownHostsName } from "./known-hosts.ts";
import type { KnownHosts } from "./known-hosts-read.ts";

/** Signature algorithm → type of the key that makes it, in ssh's own order; SHA-1 and DSA are left out. */
const KEY_TYPES: Readonly<Record<string, string>> = {
  "ssh-ed25519": "ssh-ed25519",
  "ecdsa-sha2-nistp256": "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384": "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521": "ecdsa-sha2-nistp521",
  "rsa-sha2-512": "ssh-rsa",
  "rsa-sha2-256": "ssh-rsa",
};

/** Offered only where HostKeyAlgorithms asks for it. */
const OUTDATED: Readonly<Record<string, string>> = { "ssh-rsa": "ssh-rsa" };

/**
 * Host key algorithms in the order in which they are offered: those that the user chose (HostKeyAlgorithms), and
 * among them the types on record for the host first, so that a host with several keys shows one that can be
 * checked; an order that the user wrote stays. Empty when the user chose only what lfce cannot do.
 */
export function hostKeyAlgorithms(
  known: KnownHosts,
  host: string,
  port: number,
  chosen: string | undefined,
): string[] {
  const algorithms = chooseAlgorithms(chosen);
  if (chosen !== undefined && !/^[+-]/.test(chosen)) return algorithms;
  const named = usableLines(known, knownHostsName(host, port));
  const lines = named.length > 0 ? named : usableLines(known, knownHostsName(host, 22));
  const isKnown = (algorithm: string): boolean =>
    lines.some((line) => line.keyType === (KEY_TYPES[algorithm] ?? OUTDATED[algorithm]));
  return [...algorithms.filter(isKnown), ...algorithms.filter((algorithm) => !isKnown(algorithm))];
}

/** The types of a user's keys that may be offered (PubkeyAcceptedAlgorithms, of the same form). */
export function acceptedKeyTypes(chosen: string | undefined): Set<string> {
  return new Set(chooseAlgorithms(chosen).map((algorithm) => KEY_TYPES[algorithm] ?? algorithm));
}

/** Keys on record that a host may show: not an authority's, and none that is revoked. */
function usableLines(known: KnownHosts, name: string): KnownHostLine[] {
  const all = known.linesFor(name);
  const isRevoked = (key: Buffer): boolean =>
    all.some((line) => line.marker === "revoked" && line.key.equals(key));
  return all.filter((line) => line.marker === undefined && !isRevoked(line.key));
}

/** ssh_config(5), HostKeyAlgorithms: a list, or one after `+` (add), `-` (take away), `^` (put first). */
function chooseAlgorithms(chosen: string | undefined): string[] {
  const usual = Object.keys(KEY_TYPES);
  if (chosen === undefined) return usual;
  const [, sign, list = ""] = /^([+^-]?)(.*)$/s.exec(chosen) ?? [];
  const named = list
    .split(",")
    .flatMap((pattern) =>
      [...usual, ...Object.keys(OUTDATED)].filter((algorithm) => wildcardMatches(pattern.trim(), algorithm)),
    );
  const all = {
    "": named,
    "+": [...usual, ...named],
    "^": [...named, ...usual],
    "-": usual.filter((algorithm) => !named.includes(algorithm)),
  }[sign as "" | "+" | "-" | "^"];
  return [...new Set(all)];
}

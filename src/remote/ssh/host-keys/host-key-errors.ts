import { LfceError } from "../../../core/errors.ts";
import type { Hop } from "../hop.ts";
import { shellWord } from "../shell-word.ts";
import type { HostKeyVerdict } from "./host-key.ts";
import { fingerprint, keyFamily } from "./host-key.ts";
import type { KnownHostLine } from "./known-hosts.ts";
import { keyTypeOf, knownHostsName } from "./known-hosts.ts";

/** The machine whose key it is, and under which name it was looked up. */
export type KeyOwner = Pick<Hop, "host" | "hostKeyName" | "hostKeyPort" | "origins"> & { isJump?: boolean };

/** A key that a machine has shown. */
export interface ShownHostKey extends KeyOwner {
  key: Buffer;
  /** The files that were searched. */
  files: readonly string[];
}

type Changed = Extract<HostKeyVerdict, { result: "changed" }>;

/** The error for every verdict but `known`. There is no way round it: the hint says how to mend known_hosts. */
export function hostKeyError(
  verdict: Exclude<HostKeyVerdict, { result: "known" }>,
  shown: ShownHostKey,
): LfceError {
  const at = { host: shown.host, phase: "connect" } as const;
  const offered = describeKey(shown.key);
  switch (verdict.result) {
    case "revoked":
      return new LfceError({
        code: "host-key-revoked",
        message: `${shown.host} shows a host key that ${place(verdict.line)} marks as revoked: ${offered}`,
        hint: "do not connect: the key is known to be in wrong hands; give the host new keys",
        at,
      });
    case "changed":
      return new LfceError({
        code: "host-key-changed",
        message: `${contradiction(verdict, shown, shown.key)}; someone may be between you and the host`,
        hint: changedHint(verdict, shown),
        at,
      });
    case "unknown":
      return new LfceError({
        code: "host-key-unknown",
        message: [
          `the host key of ${ownerName(shown)} is not in ${searched(shown.files)}: it shows ${offered}`,
          ...(verdict.authorities.length > 0
            ? [
                `${verdict.authorities.map(place).join(", ")} trusts an authority for it, but lfce reads no host certificates: the plain key must be known`,
              ]
            : []),
        ].join("; "),
        hint: `${compareHint(shown.key)}, then: ${trustCommand(shown)}`,
        at,
      });
  }
}

/** The first file by name, where new keys go; there are usually three more, most of which do not exist. */
function searched([first, ...others]: readonly string[]): string {
  if (first === undefined) return "any known_hosts file";
  return others.length === 0 ? first : `${first} or the other known_hosts files`;
}

/** Another key than the one that was let in, when keys are exchanged anew. */
export function changedMidway(owner: KeyOwner, key: Buffer): LfceError {
  return new LfceError({
    code: "host-key-changed",
    message: `${ownerName(owner)} shows another host key in the middle of the connection: ${describeKey(key)}`,
    hint: "run the same command again; if it happens again, someone is between you and the host",
    at: { host: owner.host, phase: "connect" },
  });
}

/** What the host shows and what is on record instead. */
export function contradiction(verdict: Changed, owner: KeyOwner, key: Buffer): string {
  const sameType = ofSameType(verdict, key);
  const lines = sameType.length > 0 ? sameType : verdict.lines;
  const recorded = lines
    .slice(0, 3)
    .map((line) => `${place(line)} has ${line.keyType} ${fingerprint(line.key)}`);
  const only = sameType.length > 0 ? "" : "only keys of other types are on record: ";
  return `the host key of ${ownerName(owner)} is not the one on record: it shows ${describeKey(key)}, ${only}${recorded.join(", ")}`;
}

/** How to mend known_hosts when the change is known to be right. */
function changedHint(verdict: Changed, shown: ShownHostKey): string {
  const sameType = ofSameType(verdict, shown.key);
  if (sameType.length === 0) {
    return `if the host has got a key of another type, ${compareHint(shown.key)}, then: ${trustCommand(shown)}`;
  }
  return `if the host was installed anew, remove the old key: ${removal(sameType, shown)}; then trust the new one: ${trustCommand(shown)}`;
}

/**
 * The commands that take lines away. `ssh-keygen -R` takes the whole line, so a line that speaks of more hosts by a
 * pattern is left to the user.
 */
export function removal(
  lines: readonly KnownHostLine[],
  { hostKeyName, hostKeyPort }: Pick<Hop, "hostKeyName" | "hostKeyPort">,
): string {
  const name = shellWord(knownHostsName(hostKeyName, hostKeyPort));
  const commands = lines.map((line) =>
    /[*?!]/.test(line.names) && !line.names.startsWith("|")
      ? `edit ${line.file}, whose line ${line.line} speaks of other hosts, too`
      : `ssh-keygen -f ${shellWord(line.file)} -R ${name}`,
  );
  return [...new Set(commands)].join(" and ");
}

/** Every algorithm that HostKeyAlgorithms left is one that lfce cannot do. */
export function noAlgorithmLeft(hop: KeyOwner & Pick<Hop, "hostKeyAlgorithms">): LfceError {
  const origin = hop.origins.hostKeyAlgorithms ?? "the SSH configuration";
  return new LfceError({
    code: "host-key-algorithms",
    message: `HostKeyAlgorithms ${hop.hostKeyAlgorithms} (${origin}) leaves nothing that lfce can do for ${hop.host}`,
    hint: "add one of ssh-ed25519, ecdsa-sha2-nistp256, rsa-sha2-512; certificates and security keys are not supported",
    at: { host: hop.host, phase: "connect" },
  });
}

/** The host has keys only of types that are not asked for. */
export function noCommonAlgorithm(
  hop: KeyOwner & Pick<Hop, "address" | "port">,
  offered: readonly string[],
): LfceError {
  return new LfceError({
    code: "host-key-algorithms",
    message: `${hop.host} has no host key of a type that lfce asks for (${offered.join(", ")})`,
    hint: `see which it has: ssh-keyscan -p ${hop.port} -- ${shellWord(hop.address)}; give it a new one (ssh-keygen -A on the host), or for an old host HostKeyAlgorithms +ssh-rsa in ~/.ssh/config`,
    at: { host: hop.host, phase: "connect" },
  });
}

/** A login that failed at a host whose key is not the one on record: that comes first. */
export function withHostKeyDoubt(
  error: LfceError,
  verdict: Changed,
  owner: KeyOwner,
  key: Buffer,
): LfceError {
  return new LfceError(
    {
      ...error.data,
      message: `${error.message}; ${contradiction(verdict, owner, key)}; no password is sent there`,
    },
    { cause: error },
  );
}

/** The host by its inventory name and the name under which known_hosts has it. */
export function ownerName({ host, hostKeyName, hostKeyPort }: KeyOwner): string {
  const name = knownHostsName(hostKeyName, hostKeyPort);
  return name === host ? host : `${host} (${name})`;
}

/** Type and fingerprint. */
export function describeKey(key: Buffer): string {
  return `${keyTypeOf(key) ?? "an unreadable key"} ${fingerprint(key)}`;
}

/** Of the keys on record those of the type that is shown. */
export function ofSameType({ lines }: Changed, key: Buffer): KnownHostLine[] {
  const family = keyFamily(keyTypeOf(key) ?? "");
  return lines.filter((line) => keyFamily(line.keyType) === family);
}

function compareHint(key: Buffer): string {
  const type = keyFamily(keyTypeOf(key) ?? "").replace(/^ssh-/, "");
  const file = /^(ed25519|ecdsa|rsa)$/.test(type) ? `ssh_host_${type}_key.pub` : "ssh_host_*_key.pub";
  return `compare the fingerprint on the host (ssh-keygen -lf /etc/ssh/${file})`;
}

function trustCommand({ host, isJump }: KeyOwner): string {
  return isJump ? "lfce trust PLAYBOOK" : `lfce trust PLAYBOOK --limit ${shellWord(host)}`;
}

/** `FILE:LINE` */
export function place(line: KnownHostLine): string {
  return `${line.file}:${line.line}`;
}

import { LfceError } from "../../core/errors.ts";
import type { HostKeyVerdict } from "./host-key.ts";
import { fingerprint } from "./host-key.ts";
import type { KnownHostLine } from "./known-hosts.ts";
import { keyTypeOf, knownHostsName } from "./known-hosts.ts";

export interface ShownHostKey {
  /** Inventory name, for messages. */
  host: string;
  /** The address and port under which the key is looked up. */
  address: string;
  port: number;
  key: Buffer;
  /** The files that were searched. */
  files: readonly string[];
}

/** The error for every verdict but `known`. There is no way round it: the hint says how to mend known_hosts. */
export function hostKeyError(
  verdict: Exclude<HostKeyVerdict, { result: "known" }>,
  shown: ShownHostKey,
): LfceError {
  const at = { host: shown.host, phase: "connect" } as const;
  const name = knownHostsName(shown.address, shown.port);
  const offered = `${keyTypeOf(shown.key) ?? "an unreadable key"} ${fingerprint(shown.key)}`;
  if (verdict.result === "revoked") {
    return new LfceError({
      code: "host-key-revoked",
      message: `${shown.host} shows a host key that ${place(verdict.line)} marks as revoked: ${offered}`,
      hint: "do not connect: the key is known to be in wrong hands; give the host new keys",
      at,
    });
  }
  if (verdict.result === "changed") {
    const { line } = verdict;
    return new LfceError({
      code: "host-key-changed",
      message: `the host key of ${shown.host} (${name}) is not the one on record: it shows ${offered}, ${place(line)} has ${line.keyType} ${fingerprint(line.key)}; someone may be between you and the host`,
      hint: `if the host was installed anew, remove the old key and trust the new one: ssh-keygen -f ${shellWord(line.file)} -R ${shellWord(name)}`,
      at,
    });
  }
  const others = verdict.others.map((line) => `${line.keyType} at ${place(line)}`);
  const authorities = verdict.authorities.map(place);
  const [file] = shown.files;
  return new LfceError({
    code: "host-key-unknown",
    message: [
      `the host key of ${shown.host} (${name}) is not in ${shown.files.join(", ") || "any known_hosts file"}: it shows ${offered}`,
      ...(others.length > 0 ? [`other keys of it are known: ${others.join(", ")}`] : []),
      ...(authorities.length > 0
        ? [`host certificates (${authorities.join(", ")}) are not supported: the plain key must be known`]
        : []),
    ].join("; "),
    hint: `compare the fingerprint on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add the key: ssh-keyscan -p ${shown.port} ${shellWord(shown.address)} >> ${shellWord(file ?? "~/.ssh/known_hosts")}`,
    at,
  });
}

function place(line: KnownHostLine): string {
  return `${line.file}:${line.line}`;
}

/** Quoted only where a shell would need it; a leading ~/ stays open for the shell. */
function shellWord(word: string): string {
  return /^[\w./~:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

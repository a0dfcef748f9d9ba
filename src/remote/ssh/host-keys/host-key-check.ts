import type { LfceError, Warning } from "../../../core/errors.ts";
import type { Hop } from "../hop.ts";
import { checkHostKey, type HostKeyVerdict } from "./host-key.ts";
import { hostKeyAlgorithms } from "./host-key-algorithms.ts";
import {
  changedMidway,
  hostKeyError,
  noAlgorithmLeft,
  noCommonAlgorithm,
  withHostKeyDoubt,
} from "./host-key-errors.ts";
import { changedButConnected, checkingIsOff, keyAdded, keyNotAdded } from "./host-key-warnings.ts";
import type { KnownHosts } from "./known-hosts-read.ts";
import { appendHostKey } from "./known-hosts-write.ts";

/** What one connection does about the key that the host shows. */
export interface HostKeyCheck {
  /** Host key algorithms to offer, in order. */
  algorithms: string[];
  /** Whether to go on with a host that shows this key (ssh2's hostVerifier, which comes before the signature's check). */
  verify(key: Buffer): boolean;
  /** Why `verify` said no. */
  refusal(): LfceError | undefined;
  /**
   * False: the key contradicts the record, and only StrictHostKeyChecking=no lets the connection go on. Whoever
   * answers must then get no password, of the login or of sudo.
   */
  trusted(): boolean;
  /** Writes down a new key as StrictHostKeyChecking wants it. To be called when the host has proved that the key is its own. */
  record(): Promise<void>;
  /** An error of the login, with what the host's key has to do with it. */
  explain(error: LfceError): LfceError;
}

/** The machine whose key is judged, and what is on record. */
export type HostKeyCheckRequest = Hop & {
  knownHosts: KnownHosts;
  /** It is a jump host, which no `--limit` names. */
  isJump?: boolean;
  /** Takes what the user must be told though the connection is made. */
  warn: (warning: Warning) => void;
};

/**
 * Judges the key of one host as ssh(1) does, by its known_hosts files and its StrictHostKeyChecking. Stricter than
 * ssh in one thing: a revoked key is refused with StrictHostKeyChecking=no, too.
 */
export function createHostKeyCheck(request: HostKeyCheckRequest): HostKeyCheck {
  const { hostKeyName, hostKeyPort, knownHosts, strictHostKeyChecking: strict, warn } = request;
  const algorithms = hostKeyAlgorithms(knownHosts, hostKeyName, hostKeyPort, request.hostKeyAlgorithms);
  let refused = algorithms.length === 0 ? noAlgorithmLeft(request) : undefined;
  let added: Buffer | undefined;
  let doubt: { verdict: HostKeyVerdict & { result: "changed" }; key: Buffer } | undefined;

  return {
    algorithms: algorithms.length === 0 ? ["ssh-ed25519"] : algorithms,
    verify: (key) => {
      if (refused) return false;
      const verdict = checkHostKey(knownHosts, hostKeyName, hostKeyPort, key);
      // A key that was let in once is what the host must show when keys are exchanged anew.
      const before = added ?? doubt?.key;
      if (verdict.result === "known" || before?.equals(key)) return true;
      if (before) refused = changedMidway(request, key);
      else if (verdict.result === "unknown" && strict !== "yes") added = key;
      else if (verdict.result === "changed" && strict === "no") doubt = { verdict, key };
      else refused = hostKeyError(verdict, { ...request, key, files: knownHosts.files });
      return refused === undefined;
    },
    refusal: () => refused,
    trusted: () => doubt === undefined,
    record: async () => {
      if (strict === "no") warn(checkingIsOff(request));
      if (doubt) warn(changedButConnected(doubt.verdict, request, doubt.key));
      if (added) await writeDown(request, added);
    },
    explain: (error) => {
      if (/no matching host key format/i.test(error.message)) return noCommonAlgorithm(request, algorithms);
      return doubt ? withHostKeyDoubt(error, doubt.verdict, request, doubt.key) : error;
    },
  };
}

/** A file that cannot be written is no reason to stop, as it is none to ssh: the next run asks again. */
async function writeDown(request: HostKeyCheckRequest, key: Buffer): Promise<void> {
  const { hostKeyName: host, hostKeyPort: port, hashKnownHosts, newHostKeysFile: file } = request;
  const { knownHosts, warn } = request;
  if (file === undefined) return warn(keyNotAdded(request, key, "there is no UserKnownHostsFile"));
  try {
    const line = await appendHostKey(file, { host, port, key }, hashKnownHosts, knownHosts);
    // Otherwise another connection to the same name has written it.
    if (line) {
      knownHosts.add(line);
      warn(keyAdded(request, key, file));
    }
  } catch (error) {
    warn(keyNotAdded(request, key, (error as Error).message));
  }
}

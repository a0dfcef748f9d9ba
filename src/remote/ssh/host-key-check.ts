import type { LfceError, Warning } from "../../core/errors.ts";
import type { Hop } from "./hop.ts";
import { checkHostKey, hostKeyAlgorithms } from "./host-key.ts";
import { hostKeyError } from "./host-key-errors.ts";
import type { KnownHosts } from "./known-hosts-read.ts";

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
}

export type HostKeyCheckRequest = Hop & {
  knownHosts: KnownHosts;
  /** Takes what the user must be told though the connection is made. */
  warn: (warning: Warning) => void;
};

/** Judges the key of one host as ssh(1) does, by its known_hosts files and its StrictHostKeyChecking. */
export function createHostKeyCheck(request: HostKeyCheckRequest): HostKeyCheck {
  const { host, hostKeyName, hostKeyPort, knownHosts } = request;
  let refused: LfceError | undefined;
  return {
    algorithms: hostKeyAlgorithms(knownHosts.lines, hostKeyName, hostKeyPort),
    verify: (key) => {
      const verdict = checkHostKey(knownHosts.lines, hostKeyName, hostKeyPort, key);
      if (verdict.result === "known") return true;
      refused = hostKeyError(verdict, {
        host,
        address: hostKeyName,
        port: hostKeyPort,
        key,
        files: knownHosts.files,
      });
      return false;
    },
    refusal: () => refused,
    trusted: () => true,
    record: async () => {},
  };
}

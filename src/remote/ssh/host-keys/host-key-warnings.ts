import type { Warning } from "../../../core/errors.ts";
import type { HostKeyVerdict } from "./host-key.ts";
import { contradiction, describeKey, type KeyOwner, ownerName, removal } from "./host-key-errors.ts";

/** StrictHostKeyChecking=no: said for each host in each run, whatever key it shows. */
export function checkingIsOff({ host, isJump, origins }: KeyOwner): Warning {
  const origin = origins.strictHostKeyChecking;
  const place = origin ? ` (${origin})` : "";
  return {
    code: "host-key-checking-off",
    // The same words for every host, so that a fleet reads as one warning.
    message: `HOST KEYS ARE NOT ENFORCED: StrictHostKeyChecking is no${isJump ? ` for the jump host ${host}` : ""}${place}: whoever answers at the address is let in`,
    hint: "trust the keys once with `lfce trust PLAYBOOK`, and take that setting away",
    at: { host, phase: "connect" },
  };
}

/** StrictHostKeyChecking=no, and the key is not the one on record. */
export function changedButConnected(
  verdict: HostKeyVerdict & { result: "changed" },
  owner: KeyOwner,
  key: Buffer,
): Warning {
  return {
    code: "host-key-changed",
    message: `CONNECTED TO A HOST WITH A CHANGED KEY: ${contradiction(verdict, owner, key)}; someone may be between you and the host, so no password is sent there`,
    hint: `if the host was installed anew: ${removal(verdict.lines, owner)}; otherwise stop and find out who answers`,
    at: { host: owner.host, phase: "connect" },
  };
}

/** A key that nobody compared has been written down. */
export function keyAdded(owner: KeyOwner, key: Buffer, file: string): Warning {
  return {
    code: "host-key-added",
    message: `the host key of ${ownerName(owner)} was unknown and is now in ${file}: ${describeKey(key)}`,
    hint: "compare the fingerprint on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    at: { host: owner.host, phase: "connect" },
  };
}

/** A key that nobody compared was let in and could not be written down. */
export function keyNotAdded(owner: KeyOwner, key: Buffer, why: string): Warning {
  return {
    code: "host-key-not-added",
    message: `the host key of ${ownerName(owner)} was unknown, was let in, and could not be written down: ${why}: ${describeKey(key)}`,
    hint: "until it is on record a changed key goes unseen; mend the file, or run `lfce trust PLAYBOOK`",
    at: { host: owner.host, phase: "connect" },
  };
}

import type { LfceErrorData } from "../core/errors.ts";
import type { KeyedMachine, SeenHostKey } from "../core/host-keys.ts";

/** Keys that contradict what is on record: never overwritten. */
export function changedKeys(machine: KeyedMachine, keys: readonly SeenHostKey[]): LfceErrorData {
  const shown = keys.map(({ type, fingerprint, recorded = [] }) => {
    const old = recorded.map((one) => `${one.at} has ${one.fingerprint}`);
    return `it shows ${type} ${fingerprint}, ${old.join(", ")}`;
  });
  const removals = [...new Set(keys.flatMap(({ removal }) => removal ?? []))];
  return {
    code: "host-key-changed",
    message: `${nameOf(machine)} does not have the host key that is on record: ${shown.join("; ")}; someone may be between you and the host`,
    hint: `if the host was installed anew: ${removals.join(" and ")}; then run the same command again`,
    at: { host: machine.name, phase: "connect" },
  };
}

export function revokedKey(
  machine: KeyedMachine,
  { type, fingerprint, recorded }: SeenHostKey,
): LfceErrorData {
  return {
    code: "host-key-revoked",
    message: `${nameOf(machine)} shows a host key that ${recorded?.[0]?.at ?? "known_hosts"} marks as revoked: ${type} ${fingerprint}`,
    hint: "the key is known to be in wrong hands; give the host new keys",
    at: { host: machine.name, phase: "connect" },
  };
}

/** None of a machine's keys is one that was expected of it. */
export function unexpectedKeys(machine: KeyedMachine, keys: readonly SeenHostKey[]): LfceErrorData {
  const shown = keys.map(({ type, fingerprint }) => `${type} ${fingerprint}`).join(", ");
  return {
    code: "host-key-unexpected",
    message: `${nameOf(machine)} shows none of the keys that are expected of it: it shows ${shown}`,
    hint: "compare on the host itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; correct the file of --fingerprints only if that shows the same",
    at: { host: machine.name, phase: "connect" },
  };
}

const DECLINED_HINT = "run the same command again when you have compared them";

export function declined(machine: KeyedMachine): LfceErrorData {
  return {
    code: "declined",
    message: `the keys of ${nameOf(machine)} were not taken: nothing was written`,
    hint: DECLINED_HINT,
  };
}

/** The way to a host ends at a jump host that is not trusted. */
export function declinedJump(jump: KeyedMachine): LfceErrorData {
  return {
    code: "declined",
    message: `not asked: its jump host ${nameOf(jump)} is not trusted, because its keys were not taken`,
    hint: DECLINED_HINT,
  };
}

export function nowhereToWrite(machine: KeyedMachine): LfceErrorData {
  return {
    code: "known-hosts-not-writable",
    message: `there is no file to write the keys of ${nameOf(machine)} to: UserKnownHostsFile names none`,
    hint: "name a file: UserKnownHostsFile ~/.ssh/known_hosts",
    at: { host: machine.name, phase: "connect" },
  };
}

function nameOf({ name, knownAs }: KeyedMachine): string {
  return name === knownAs ? name : `${name} (${knownAs})`;
}

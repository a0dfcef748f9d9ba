import type { Secret } from "../core/secrets.ts";

/**
 * Stands between one password and the hosts that it is meant for. A directory (LDAP, Active Directory) counts
 * the wrong passwords of all hosts together and locks the account: until one host has taken the password it is
 * with three hosts at most, and after three refusals no other host gets it.
 */
export interface PasswordGate {
  /** Resolves when the password may be sent (true), or must not be (false). Each true needs one `leave`. */
  enter(): Promise<boolean>;
  /** What became of it; undefined where the connection ended without a verdict. */
  leave(verdict: "accepted" | "refused" | undefined): void;
  /** How many hosts refused it. */
  refusals(): number;
}

/** Hosts do differ, so one refusal proves little; locks usually come after three to five. */
const UNPROVEN_HOSTS = 3;

/** A gate that nobody has passed yet. */
export function createPasswordGate(): PasswordGate {
  let [inside, refused, proven] = [0, 0, false];
  const waiting: ((may: boolean) => void)[] = [];
  const admit = (): void => {
    while (waiting.length > 0) {
      if (!proven && refused >= UNPROVEN_HOSTS) waiting.shift()?.(false);
      else if (proven || inside + refused < UNPROVEN_HOSTS) {
        inside += 1;
        waiting.shift()?.(true);
      } else return;
    }
  };
  return {
    enter: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        admit();
      }),
    leave: (verdict) => {
      inside -= 1;
      if (verdict === "accepted") proven = true;
      if (verdict === "refused") refused += 1;
      admit();
    },
    refusals: () => refused,
  };
}

/** The gate of a user's password, for login and sudo alike; one for all hosts of one `run` (its environment). */
export function passwordGate(run: object, user: string, password: Secret): PasswordGate {
  const gates = gatesOf.get(run) ?? new Map<string, PasswordGate>();
  gatesOf.set(run, gates);
  const key = `${user}\n${password.reveal()}`;
  const gate = gates.get(key) ?? createPasswordGate();
  gates.set(key, gate);
  return gate;
}

const gatesOf = new WeakMap<object, Map<string, PasswordGate>>();

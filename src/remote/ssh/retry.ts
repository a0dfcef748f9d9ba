/** What was tried so far to get to one host. */
export interface Tried {
  /** Attempts that have failed. */
  attempts: number;
  /** Milliseconds that they and the waits between them took; waiting for one's turn does not count. */
  spentMs: number;
  /** The time-out of one attempt, in milliseconds (`--timeout`): every limit here grows with it. */
  timeoutMs: number;
}

/**
 * What can pass by itself, and for how many time-outs it is worth trying: a host that boots refuses connections
 * until its sshd is up; sshd drops logins at random above its MaxStartups, with or without a word. Nothing else is
 * tried again: a denied login would only be denied again, and since 9.8 sshd shuts out an address for failed
 * logins (PerSourcePenalties).
 */
const PATIENCE: ReadonlyMap<string, number> = new Map([
  ["connection-refused", 1],
  ["connection-lost", 3],
  ["server-busy", 3],
]);

const MOST_ATTEMPTS = 10;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;

/**
 * How long to wait before the next attempt, in milliseconds; undefined when there is to be none. Doubles with each
 * attempt, with jitter, so that hosts that were dropped together do not come back together. `random`: from 0 to 1.
 */
export function delayBeforeNext(code: string, tried: Tried, random: () => number): number | undefined {
  const patience = PATIENCE.get(code);
  if (patience === undefined || tried.attempts >= MOST_ATTEMPTS) return undefined;
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tried.attempts - 1));
  const delay = Math.round(longest * (0.5 + 0.5 * random()));
  return tried.spentMs + delay > patience * tried.timeoutMs ? undefined : delay;
}

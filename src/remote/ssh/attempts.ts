import { setTimeout as sleep } from "node:timers/promises";
import { LfceError } from "../../core/errors.ts";
import { delayBeforeNext, type Tried } from "./retry.ts";
import { interruptedConnect } from "./socket.ts";

/** What trying again needs of the world; handed in, so that tests need not wait. */
export interface RetryTools {
  /** Milliseconds; only differences count. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Is told of every new attempt, for people (`-v`). */
  note(text: string): void;
}

/** The real clock, and nobody who listens. */
export const realTools: RetryTools = {
  now: () => performance.now(),
  random: Math.random,
  wait: async (milliseconds, signal) => {
    // An abort ends the wait early; the loop looks at the signal itself.
    await sleep(milliseconds, undefined, { signal }).catch(() => {});
  },
  note: () => {},
};

/** Does a part of an attempt whose time counts. */
export type Counted = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Does `attempt` until it succeeds or what it fails with will not pass. Rejects with its last LfceError, which then
 * says how often it was tried, or with `interrupted`.
 */
export async function withRetries<Result>(
  target: { host: string; timeoutMs: number; signal: AbortSignal },
  tools: RetryTools,
  attempt: (counted: Counted) => Promise<Result>,
): Promise<Result> {
  const { host, timeoutMs, signal } = target;
  const tried: Tried = { attempts: 0, spentMs: 0, timeoutMs };
  const counted: Counted = async (work) => {
    const begun = tools.now();
    try {
      return await work();
    } finally {
      tried.spentMs += tools.now() - begun;
    }
  };
  for (;;) {
    try {
      return await attempt(counted);
    } catch (error) {
      if (!(error instanceof LfceError)) throw error;
      tried.attempts += 1;
      const delay = delayBeforeNext(error.code, tried, tools.random);
      if (delay === undefined) throw withCount(error, tried.attempts);
      tools.note(`${error.message}; trying ${host} again in ${delay} ms (attempt ${tried.attempts + 1})`);
      tried.spentMs += delay;
      await tools.wait(delay, signal);
      if (signal.aborted) throw interruptedConnect(host);
    }
  }
}

function withCount(error: LfceError, attempts: number): LfceError {
  if (attempts === 1) return error;
  return new LfceError(
    { ...error.data, message: `${error.message} (tried ${attempts} times)` },
    { cause: error },
  );
}

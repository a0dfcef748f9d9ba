/** What came of one attempt to tell somebody. */
export type Attempt = { ok: true } | FailedAttempt;

export interface FailedAttempt {
  ok: false;
  why: string;
  hint: string;
  /** Whether another attempt may do better. */
  again: boolean;
  /** After how many milliseconds, where the other side says so. */
  afterMs?: number;
}

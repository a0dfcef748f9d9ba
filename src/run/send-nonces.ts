import type { NonceWatch } from "../core/evidence.ts";
import type { HostSession } from "../core/host-session.ts";
import type { RunEffects } from "./effects.ts";
import { type OwnAbort, ownAbort } from "./own-abort.ts";

/** When a client sends, in milliseconds from the start; afterwards every 10 s. */
const SCHEDULE_MS = [0, 2000, 5000, 10_000, 20_000];
const LATER_MS = 10_000;

export interface RoundTrip {
  /** Where the first message that arrived was found. */
  arrived?: { path: string; line: string };
  /** Every nonce that was sent. */
  nonces: string[];
  ms: number;
}

/** What one round trip needs to know. */
export interface RoundTripRequest {
  /** facility.severity, as logger(1) takes it. */
  priority: string;
  /** File on the server, with %Y %m %d for its own date. */
  path: string;
  timeoutMs: number;
}

type SendEffects = Pick<RunEffects, "now" | "wait" | "freshId" | "signal">;

/**
 * Sends a fresh nonce again and again (a repeated text could be swallowed by a rate limit, and a client may
 * wait before it connects again) until one is found on the server or the time is up.
 */
export async function sendUntilSeen(
  client: Pick<HostSession, "logNonce">,
  watch: Pick<NonceWatch, "expect">,
  request: RoundTripRequest,
  effects: SendEffects,
): Promise<RoundTrip> {
  const over = ownAbort(effects.signal);
  try {
    return await sendUntil(over, client, watch, request, effects);
  } finally {
    over.release();
  }
}

async function sendUntil(
  over: OwnAbort,
  client: Pick<HostSession, "logNonce">,
  watch: Pick<NonceWatch, "expect">,
  { priority, path, timeoutMs }: RoundTripRequest,
  effects: SendEffects,
): Promise<RoundTrip> {
  const started = effects.now();
  const elapsed = () => effects.now() - started;
  const { signal: until } = over;
  const trip: RoundTrip = { nonces: [], ms: 0 };
  const expected: Promise<void>[] = [];
  for (let attempt = 0; !until.aborted; attempt += 1) {
    const due = attemptAt(attempt);
    if (due >= timeoutMs) break;
    if (due > elapsed()) await effects.wait(due - elapsed(), until);
    if (until.aborted) break;
    const nonce = `lfce-${effects.freshId()}`;
    trip.nonces.push(nonce);
    // The look-out reads what stood in the file before, too: it need not know of a message before it is sent.
    await client.logNonce(nonce, priority);
    const remaining = Math.max(0, timeoutMs - elapsed());
    const arrival = watch.expect(nonce, path, remaining).then(
      (hit) => {
        if (!hit || trip.arrived) return;
        trip.arrived = hit;
        over.abort();
      },
      (error) => {
        // Nobody looks any more: sending on would only cost time.
        over.abort();
        throw error;
      },
    );
    // Awaited below; a rejection before that must not count as unhandled.
    arrival.catch(() => {});
    expected.push(arrival);
  }
  await Promise.race([Promise.all(expected), aborted(until)]);
  // A watch that broke after the message arrived changes nothing; before that, it is the error to tell.
  if (!trip.arrived && !effects.signal.aborted) await Promise.all(expected);
  trip.ms = Math.round(elapsed());
  return trip;
}

function attemptAt(attempt: number): number {
  const last = SCHEDULE_MS.length - 1;
  return SCHEDULE_MS[attempt] ?? (SCHEDULE_MS[last] ?? 0) + (attempt - last) * LATER_MS;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

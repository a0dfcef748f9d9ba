import type { LfceEvent } from "../core/events.ts";
import type { TrustStreamEvent } from "../core/host-key-events.ts";
import type { Connect } from "../core/host-session.ts";

type WithoutStamp<Event> = Event extends unknown ? Omit<Event, "time" | "run"> : never;

/** An event before the run's identifier and the time are put on it. */
export type UnstampedEvent = WithoutStamp<LfceEvent>;

/** An event of `lfce trust`, which tells of keys, too. */
export type TrustEvent = WithoutStamp<TrustStreamEvent>;

/** Everything through which the engine touches the world; handed in, so that tests hand in something else. */
export interface RunEffects {
  connect: Connect;
  /** Milliseconds; only differences count. */
  now(): number;
  /** A fresh identifier of [A-Za-z0-9-]. */
  freshId(): string;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Sees every exception of a host's work before it becomes that host's error (`--debug` prints it). */
  debug(error: unknown): void;
  emit(event: UnstampedEvent): void;
  /** Aborts at the first interrupt: nothing new is started, what is in flight is finished or put back. */
  signal: AbortSignal;
}

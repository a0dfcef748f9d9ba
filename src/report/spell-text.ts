import type { DriftFinding, ResolvedFinding } from "../core/drift.ts";
import type { HostFinished } from "../core/events.ts";
import { FLAPPING_RETURNS } from "../core/history.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** From so much on people count nights. */
const ALMOST_A_DAY = 18 * HOUR;

/**
 * How a finding stands against the runs before: `new`, `since 3 nights`, `back again`; nothing where there is no
 * history.
 * @param now when it was found (RFC 3339)
 */
export function spellText({ since, looks, returned = 0 }: DriftFinding, now: string): string | undefined {
  if (since === undefined || looks === undefined) return undefined;
  const flapping = returned >= FLAPPING_RETURNS ? `, flapping: it came back ${returned} times` : "";
  if (looks > 1) return `since ${age(since, now)}${flapping}`;
  return `${returned > 0 ? "back again" : "new"}${flapping}`;
}

/** How long something that has gone had been there: `after 3 nights`. */
export function goneText({ since }: ResolvedFinding, now: string): string | undefined {
  return since === undefined ? undefined : `after ${age(since, now)}`;
}

/** Since when nobody could look at the host, or that somebody can again. */
export function unknownText({ unknownSince, drift, time }: HostFinished): string | undefined {
  if (unknownSince === undefined) return undefined;
  if (drift !== undefined) return `looked at again after ${age(unknownSince, time)}`;
  // The first time it goes without saying.
  return Date.parse(time) - Date.parse(unknownSince) < HOUR ? undefined : `since ${age(unknownSince, time)}`;
}

/** The time between two moments, as people say it: `3 nights`, `5 hours`, `1 minute`. */
export function age(since: string, now: string): string {
  const milliseconds = Math.max(0, Date.parse(now) - Date.parse(since));
  if (milliseconds >= ALMOST_A_DAY) return counted(Math.round(milliseconds / DAY), "night");
  if (milliseconds >= HOUR) return counted(Math.round(milliseconds / HOUR), "hour");
  return counted(Math.max(1, Math.round(milliseconds / MINUTE)), "minute");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

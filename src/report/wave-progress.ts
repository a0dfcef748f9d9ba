import { escapeLine } from "../core/byte-text.ts";
import type { HostFinished, HostStatus } from "../core/events.ts";
import { type Paint, paintStatus } from "./paint.ts";
import { duration } from "./summary-text.ts";

const SHOWN_SLOWEST = 4;

/** What is known of one wave while it runs. */
export interface WaveProgress {
  wave: number;
  of: number;
  total: number;
  counts: Map<HostStatus, number>;
  /** Hosts still running → when they started, in milliseconds of the reporter's clock. */
  running: Map<string, number>;
}

/** A wave of which nothing has finished yet. */
export function startWave(wave: number, of: number, total: number): WaveProgress {
  return { wave, of, total, counts: new Map(), running: new Map() };
}

/** Takes a finished host out of the running ones and counts it. */
export function finishHost(progress: WaveProgress, event: HostFinished): void {
  progress.running.delete(event.host);
  progress.counts.set(event.status, (progress.counts.get(event.status) ?? 0) + 1);
}

/** `wave 1/2  14 of 20 hosts · 12 unchanged · 2 changed`. */
export function waveTitle(progress: WaveProgress, paint: Paint): string {
  const done = [...progress.counts.values()].reduce((sum, count) => sum + count, 0);
  const counts = [...progress.counts].map(([status, count]) =>
    paintStatus(paint, status, `${count} ${status}`),
  );
  return [
    `wave ${progress.wave}/${progress.of}  ${done} of ${progress.total} ${progress.total === 1 ? "host" : "hosts"}`,
    ...counts,
  ].join(" · ");
}

/** The hosts that have been running longest: where the time goes. */
export function slowestText(progress: WaveProgress, now: number): string {
  const slowest = [...progress.running].sort((a, b) => a[1] - b[1]);
  const shown = slowest
    .slice(0, SHOWN_SLOWEST)
    .map(([host, since]) => `${escapeLine(host)} ${duration(now - since)}`);
  const rest = slowest.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

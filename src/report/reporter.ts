import type { LfceEvent } from "../core/events.ts";

/** Draws the engine's events. It only draws: it neither decides nor computes an exit code. */
export interface Reporter {
  handle(event: LfceEvent): void;
  /** Resolves when everything was drawn. */
  finish(): Promise<void>;
}

/** Holds texts for the end of a run, so that they need not stay in memory; handed in, as it may be a file. */
export interface Spool {
  /** Keeps a text; the number that it returns gets it back. */
  put(text: string): number;
  get(kept: number): string;
}

/** Where a reporter writes; handed in, so that tests read what a person would see. */
export interface Output {
  write(text: string): void;
  /** Terminal size, or undefined where there is none. */
  columns?: number;
  rows?: number;
}

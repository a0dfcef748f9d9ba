import type { LfceEvent } from "../core/events.ts";

/** Draws the engine's events. It only draws: it neither decides nor computes an exit code. */
export interface Reporter {
  handle(event: LfceEvent): void;
  /** Resolves when everything was drawn. */
  finish(): Promise<void>;
}

/** Where a reporter writes; handed in, so that tests read what a person would see. */
export interface Output {
  write(text: string): void;
  /** Terminal size, or undefined where there is none. */
  columns?: number;
  rows?: number;
}

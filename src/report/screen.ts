import { stripVTControlCharacters } from "node:util";
import { escapeLine } from "../core/byte-text.ts";

/** A terminal's size in characters. */
export interface ScreenSize {
  columns: number;
  rows: number;
}

/** What a terminal has that does not tell its size. */
export const USUAL_SCREEN: ScreenSize = { columns: 80, rows: 24 };

/** How many rows a text takes on a screen, long lines wrapped; colours take none. */
export function heightOf(text: string, columns: number): number {
  return stripVTControlCharacters(text)
    .split("\n")
    .reduce((rows, line) => rows + Math.max(1, Math.ceil([...line].length / columns)), 0);
}

/** `a, b, c and 12 more`: names that stay readable in a fleet of any size. */
export function someNames(names: readonly string[], limit: number): string {
  const shown = names.slice(0, limit).map(escapeLine).join(", ");
  if (names.length <= limit) return shown;
  return `${shown} and ${names.length - limit} more`;
}

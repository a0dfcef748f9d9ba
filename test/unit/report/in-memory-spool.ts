import type { Spool } from "../../../src/report/reporter.ts";

/** A spool that makes no file. */
export function inMemory(): Spool {
  const texts: string[] = [];
  return { put: (text) => texts.push(text) - 1, get: (kept) => texts[kept] ?? "" };
}

import { randomUUID } from "node:crypto";
import { noHosts, type Summary } from "../core/events.ts";
import { EXIT } from "./exit-codes.ts";

/** Whether the words of a command line ask for `-o json`, read without a parser: it has just refused them. */
export function asksForJson(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      /^(-o=?|--output=)json$/.test(word) ||
      (word === "json" && /^(-o|--output)$/.test(words[index - 1] ?? "")),
  );
}

/** The event that ends `-o json` when the command line itself was wrong: `summary` is last, whatever happens. */
export function usageSummary(message: string, now: Date): Summary {
  return {
    event: "summary",
    exitCode: EXIT.usage,
    durationMs: 0,
    hosts: noHosts(),
    checks: { passed: 0, failed: 0, unproven: 0 },
    error: { code: "usage", message: message.replace(/^error: /, ""), hint: "lfce --help shows examples" },
    time: now.toISOString(),
    run: randomUUID(),
  };
}

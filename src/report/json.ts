import type { LfceEvent } from "../core/events.ts";
import type { Output, Reporter } from "./reporter.ts";

/** NDJSON: one event a line, nothing else. */
export function jsonReporter(output: Output): Reporter {
  return {
    handle(event: LfceEvent) {
      output.write(`${JSON.stringify(event)}\n`);
    },
    async finish() {},
  };
}

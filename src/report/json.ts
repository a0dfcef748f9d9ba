import { UNSAFE } from "../core/byte-text.ts";
import type { LfceEvent } from "../core/events.ts";
import type { Output, Reporter } from "./reporter.ts";

/** NDJSON: one event a line, nothing else. */
export function jsonReporter(output: Output): Reporter {
  return {
    handle(event: LfceEvent) {
      output.write(jsonLine(event));
    },
    async finish() {},
  };
}

/**
 * A value as one line of JSON. JSON escapes C0 itself. The others that a terminal acts upon, or that hide what a text says, are written as escapes
 * as well: whoever parses the line gets the same text, and whoever reads it sees what is there.
 */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value).replace(UNSAFE, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
  return `${json}\n`;
}

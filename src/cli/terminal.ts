import { createInterface } from "node:readline/promises";
import { escapeControls } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import { jsonReporter } from "../report/json.ts";
import { createPaint, type Paint, wantsColour } from "../report/paint.ts";
import { plainReporter } from "../report/plain.ts";
import type { Output, Reporter } from "../report/reporter.ts";
import { fileSpool } from "./spool.ts";

export type OutputFormat = "tty" | "plain" | "json";

/** What the commands that run on hosts can print besides. */
export type RunFormat = OutputFormat | "junit" | "markdown";

export const standardOutput: Output = {
  write: (text) => void process.stdout.write(withoutControls(text)),
  // Asked for when it is needed: windows change.
  get columns() {
    return process.stdout.columns;
  },
  get rows() {
    return process.stdout.rows;
  },
};
export const standardError: Output = { write: (text) => void process.stderr.write(withoutControls(text)) };

/**
 * The last net: whatever was forgotten before, a terminal gets nothing to act upon but lfce's own colours. (Stack
 * traces of --debug hold the words of hosts, too.)
 */
function withoutControls(text: string): string {
  return text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : escapeControls(part)))
    .join("");
}

/** What `Paint` writes: select graphic rendition (ECMA-48, 8.3.117). */
const COLOUR = /(\x1b\[[0-9;]*m)/;

/**
 * A reader that goes away (`lfce … | head`) must not end a run half-way: what is written afterwards is lost,
 * the hosts are finished all the same.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

/** Colours for a stream, as the user, NO_COLOR and the terminal want it. */
export function paintFor(stream: NodeJS.WriteStream, noColour: boolean): Paint {
  return createPaint(wantsColour({ isTerminal: stream.isTTY === true, noColour, environment: process.env }));
}

/** `-o`, or what suits where the output goes. */
export function outputFormat<Format extends RunFormat>(asked: Format | undefined): Format | "tty" | "plain" {
  return asked ?? (process.stdout.isTTY ? "tty" : "plain");
}

/** The reporter for a format; what draws on a terminal is loaded only for one. */
export async function createReporter(
  format: RunFormat,
  options: { noColour: boolean; verbose: boolean },
): Promise<Reporter> {
  const paint = paintFor(process.stdout, options.noColour);
  switch (format) {
    case "json":
      return jsonReporter(standardOutput);
    case "plain":
      return plainReporter(standardOutput, paint, { verbose: options.verbose });
    case "junit":
      return (await import("../report/junit.ts")).junitReporter(standardOutput);
    case "markdown":
      return (await import("../report/markdown.ts")).markdownReporter(standardOutput);
    case "tty": {
      const { ttyReporter } = await import("../report/tty.ts");
      return ttyReporter(standardOutput, paint, {
        now: () => performance.now(),
        verbose: options.verbose,
        spool: fileSpool(),
      });
    }
  }
}

/**
 * For what asks questions: said before work is done for the question.
 * @throws LfceError `not-a-terminal`
 */
export function requireTerminal(): void {
  if (process.stdin.isTTY) return;
  throw new LfceError({
    code: "not-a-terminal",
    message: "--ask needs a terminal to ask on",
    hint: "leave --ask out, or look with `lfce plan` first",
  });
}

/** Asks a yes-or-no question on the terminal (on stderr, so that stdout stays clean). */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}

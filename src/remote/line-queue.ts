import type { ByteText } from "../core/byte-text.ts";
import { fromBytes } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";

/** Turns chunks that are pushed into lines that are awaited. A last line without a newline is dropped. */
export interface LineQueue {
  push(chunk: Buffer): void;
  end(): void;
  fail(error: unknown): void;
  lines: AsyncIterable<ByteText>;
}

/** No script prints longer lines: a message in a log has at most some kilobytes. */
const LONGEST_LINE = 256 * 1024;
/** Lines that nobody has taken yet; no script says so much in advance. */
const MOST_WAITING = 10_000;

/**
 * A queue that a host cannot fill without end: beyond a line of 256 KiB, or 10,000 lines that wait, it fails with an
 * LfceError `output-too-large`, keeps nothing more, and calls `overflow`.
 */
export function createLineQueue(overflow: () => void = () => {}): LineQueue {
  let ready: ByteText[] = [];
  let taken = 0;
  let partial = "";
  let finished = false;
  let failure: { error: unknown } | undefined;
  let wake: () => void = () => {};

  const next = (): ByteText | undefined => {
    const line = ready[taken];
    taken += 1;
    if (taken < ready.length) return line;
    ready = [];
    taken = 0;
    return line;
  };

  async function* read(): AsyncGenerator<ByteText> {
    while (true) {
      const line = next();
      if (line !== undefined) yield line;
      else if (failure) throw failure.error;
      else if (finished) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }

  const fail = (error: unknown): void => {
    failure ??= { error };
    wake();
  };
  const tooMuch = (what: string): void => {
    ready = [];
    taken = 0;
    partial = "";
    fail(
      new LfceError({
        code: "output-too-large",
        message: `the host's answer holds ${what} and was cut off`,
        hint: "look at the host: it does not answer as it should",
      }),
    );
    overflow();
  };

  return {
    push: (chunk) => {
      if (failure) return;
      const pieces = fromBytes(chunk).split("\n");
      const last = pieces.pop() as string;
      if (pieces.length === 0) partial += last;
      else {
        pieces[0] = partial + (pieces[0] as string);
        partial = last;
        if (pieces.some((line) => line.length > LONGEST_LINE)) return tooMuch("a line that does not end");
        // One by one: a chunk of newlines only has more of them than a call may have arguments.
        for (const line of pieces) ready.push(line);
      }
      if (partial.length > LONGEST_LINE) return tooMuch("a line that does not end");
      if (ready.length - taken > MOST_WAITING) return tooMuch("more lines than anything that lfce asks for");
      wake();
    },
    end: () => {
      finished = true;
      wake();
    },
    fail,
    lines: read(),
  };
}

import type { ByteText } from "../core/byte-text.ts";
import { fromBytes } from "../core/byte-text.ts";

/** Turns chunks that are pushed into lines that are awaited. A last line without a newline is dropped. */
export interface LineQueue {
  push(chunk: Buffer): void;
  end(): void;
  fail(error: unknown): void;
  lines: AsyncIterable<ByteText>;
}

export function createLineQueue(): LineQueue {
  const ready: ByteText[] = [];
  let partial = "";
  let finished = false;
  let failure: { error: unknown } | undefined;
  let wake: () => void = () => {};

  async function* read(): AsyncGenerator<ByteText> {
    while (true) {
      const line = ready.shift();
      if (line !== undefined) yield line;
      else if (failure) throw failure.error;
      else if (finished) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }

  return {
    push: (chunk) => {
      const pieces = (partial + fromBytes(chunk)).split("\n");
      partial = pieces.pop() ?? "";
      ready.push(...pieces);
      wake();
    },
    end: () => {
      finished = true;
      wake();
    },
    fail: (error) => {
      failure = { error };
      wake();
    },
    lines: read(),
  };
}

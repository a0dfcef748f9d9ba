/** Waits for the line with which an answer ends. */
export interface AnswerEnd {
  /** Takes the next piece of the answer; says whether the answer so far ends with that line. */
  see(chunk: Buffer): boolean;
  /** Resolves when it does. */
  seen: Promise<void>;
}

/** Notices that what it has seen so far ends with the line `line`. */
export function answerEnd(line: string): AnswerEnd {
  const wanted = Buffer.from(`\n${line}\n`);
  let tail: Buffer = Buffer.from("\n");
  let resolveSeen: () => void = () => {};
  const seen = new Promise<void>((resolve) => {
    resolveSeen = resolve;
  });
  return {
    seen,
    see: (chunk) => {
      tail = Buffer.concat([tail, chunk.subarray(-wanted.length)]).subarray(-wanted.length);
      const isEnd = tail.equals(wanted);
      if (isEnd) resolveSeen();
      return isEnd;
    },
  };
}

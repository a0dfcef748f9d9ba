/** Milliseconds from a message's way into the log to the first look: those of other hosts come at the same time. */
const FIRST_MS = 3;
/** From one look without success to the next; then twice as long each time. */
const NEXT_MS = 15;
const LONGEST_MS = 400;

/** When a host is to look for what is expected of it. */
export interface Looks {
  /** Something more is expected: `line` goes out with the next look, which comes soon. */
  expect(line: string): void;
  /** The host has looked. */
  looked(): void;
  stop(): void;
}

/**
 * Asks for one look at a time: soon after something new is expected, then at growing intervals for as long as
 * `isExpecting`. So nobody waits for a beat of the host's, and a host where nothing arrives has little to do.
 */
export function createLooks(isExpecting: () => boolean, send: (lines: string) => void): Looks {
  let lines = "";
  let number = 0;
  let interval = NEXT_MS;
  let isLooking = false;
  let timer: NodeJS.Timeout | undefined;
  const lookIn = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!isExpecting()) {
        // Whoever comes next sets the time anew.
        lines = "";
        return;
      }
      isLooking = true;
      number += 1;
      send(`${lines}look ${number}\n`);
      lines = "";
    }, milliseconds);
  };
  return {
    expect: (line) => {
      // The first of several that come together sets the time.
      const isFirst = lines === "";
      lines += line;
      interval = NEXT_MS;
      if (isFirst && !isLooking) lookIn(FIRST_MS);
    },
    looked: () => {
      isLooking = false;
      lookIn(lines === "" ? interval : FIRST_MS);
      interval = Math.min(interval * 2, LONGEST_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

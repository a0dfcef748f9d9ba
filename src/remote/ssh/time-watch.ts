/** A limit that counts only some of the time that passes. */
export interface TimeWatch {
  /** Stops counting now; the callback that it returns counts on, and then calls `callback`. */
  excluding<Arguments extends unknown[]>(
    callback: (...given: Arguments) => void,
  ): (...given: Arguments) => void;
  stop(): void;
}

/** Calls `expired` when `limitMs` milliseconds were counted, unless it was stopped before. */
export function watchTime(limitMs: number, expired: () => void): TimeWatch {
  let left = limitMs;
  let since = performance.now();
  let excluded = 0;
  let over = false;
  let timer: NodeJS.Timeout | undefined = setTimeout(expired, left);
  const pause = (): void => {
    excluded += 1;
    if (excluded > 1) return;
    clearTimeout(timer);
    left -= performance.now() - since;
  };
  const resume = (): void => {
    excluded -= 1;
    if (excluded > 0 || over) return;
    since = performance.now();
    timer = setTimeout(expired, Math.max(0, left));
  };
  return {
    excluding: (callback) => {
      pause();
      let called = false;
      return (...given) => {
        if (!called) resume();
        called = true;
        callback(...given);
      };
    },
    stop: () => {
      over = true;
      clearTimeout(timer);
    },
  };
}

/**
 * Resolves after so many milliseconds, or at once when the signal aborts; never rejects. Not timers/promises, which makes
 * an exception with a stack trace of every abort: each host that answers in time is one.
 */
export function wait(milliseconds: number, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (until.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      until.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    until.addEventListener("abort", end);
  });
}

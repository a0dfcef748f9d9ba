/** An abort of one's own. */
export interface OwnAbort {
  signal: AbortSignal;
  abort(): void;
  /** Nobody will abort it any more; to be called where it was not. */
  release(): void;
}

/** The reason of every abort: without one, each would make an exception with a stack trace that nobody reads. */
const ABORTED = "aborted";

/**
 * What aborts when `parent` does, or by itself. Not AbortSignal.any: a parent that lasts as long as the run would keep
 * something of each until its end.
 */
export function ownAbort(parent: AbortSignal): OwnAbort {
  const controller = new AbortController();
  const release = (): void => parent.removeEventListener("abort", abort);
  const abort = (): void => {
    release();
    controller.abort(ABORTED);
  };
  if (parent.aborted) abort();
  else parent.addEventListener("abort", abort);
  return { signal: controller.signal, abort, release };
}

import type { RunEffects } from "./effects.ts";

/**
 * How long a host may say nothing before its place is lent to another one, in milliseconds: longer than a login
 * and a look take on a host that is well, and far shorter than the time-outs.
 */
export const PATIENCE_MS = 1500;

/** Without a reason of its own every abort makes an exception with a stack trace. */
const ANSWERED = "answered";

/** How many of the places can be lent at once, a place each: more hosts than that are not waited for side by side. */
const LENT_PER_PLACE = 3;

/** The place of one host that is being worked on. */
export interface Place {
  /**
   * Waits for the host. Where that takes long another host begins in its place meanwhile, and this one goes on as
   * soon as a place is free. Only for what changes nothing: no more hosts than there are places are ever changed at
   * once. Settles as `answer` does.
   */
  whileWaiting<Answer>(answer: Promise<Answer>): Promise<Answer>;
}

/** `--forks`: so many hosts are worked on at once, first come, first served. */
export interface Places {
  /** Works on one host when there is a place for it. Settles as `work` does. */
  take<Result>(work: (place: Place) => Promise<Result>): Promise<Result>;
}

/** So many places; with a single one nothing is lent: hosts then come strictly one after the other. */
export function createPlaces(count: number, effects: Pick<RunEffects, "wait" | "now">): Places {
  let free = count;
  let lendable = (count - 1) * LENT_PER_PLACE;
  /** Those who have answered come before those who have not begun. */
  const coming: (() => void)[] = [];
  const back: (() => void)[] = [];

  const leave = (): void => {
    const next = back.shift() ?? coming.shift();
    if (next) next();
    else free += 1;
  };
  const enter = async (line: (() => void)[]): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
  };

  const whileWaiting = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    const answered = new AbortController();
    const settled = answer.then(
      () => answered.abort(ANSWERED),
      () => answered.abort(ANSWERED),
    );
    await Promise.race([settled, patience(effects, answered.signal)]);
    if (answered.signal.aborted || lendable === 0) return answer;
    lendable -= 1;
    leave();
    try {
      await settled;
      return await answer;
    } finally {
      lendable += 1;
      await enter(back);
    }
  };

  return {
    take: async (work) => {
      await enter(coming);
      try {
        return await work({ whileWaiting });
      } finally {
        leave();
      }
    },
  };
}

/** Where the clock jumps ahead it is lfce itself that has no time; more work would make that worse. */
async function patience({ wait, now }: Pick<RunEffects, "wait" | "now">, until: AbortSignal): Promise<void> {
  for (;;) {
    const begun = now();
    await wait(PATIENCE_MS, until);
    if (until.aborted || now() - begun < PATIENCE_MS * LATE) return;
  }
}

/** A wait that takes so much longer than it was asked to was kept waiting by lfce's own work. */
const LATE = 1.2;

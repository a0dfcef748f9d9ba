/** Lets only so many at once do something with one server; the others wait for their turn, first come, first served. */
export interface Turns {
  /** Does `work` when its turn has come. Rejects as `work` does. */
  take<Result>(server: string, work: () => Promise<Result>): Promise<Result>;
}

/** `atOnce`: how many may be at work with one server. */
export function createTurns(atOnce: number): Turns {
  // Only servers that somebody works with now: a fleet has many.
  const lines = new Map<string, { active: number; waiting: (() => void)[] }>();
  return {
    async take(server, work) {
      const line = lines.get(server) ?? { active: 0, waiting: [] };
      lines.set(server, line);
      if (line.active < atOnce) line.active += 1;
      else await new Promise<void>((resolve) => line.waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = line.waiting.shift();
        if (next) next();
        else {
          line.active -= 1;
          if (line.active === 0) lines.delete(server);
        }
      }
    },
  };
}

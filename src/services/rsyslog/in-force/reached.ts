import type { MessageFilter, Placed, RsyslogModel } from "./in-force-model.ts";

/** How messages come into a ruleset. */
interface Reached {
  /** Where the first ruleset calls it, however indirectly; undefined for the first ruleset itself. */
  at: number | undefined;
  /** What they have passed on the way. */
  filters: MessageFilter[];
}

/** Something that messages meet, with its place on their way. */
export interface Met<T> {
  met: T;
  /** Grows along the way: where it stands, or where its ruleset is called. */
  at: number;
  filters: MessageFilter[];
}

/**
 * What of `placed` the messages meet that enter `ruleset`, in their order: in that ruleset and in those that it
 * calls. A `stop` in a called ruleset ends their way altogether (execCall in ruleset.c).
 */
export function metBy<T extends Placed & { filters: MessageFilter[] }>(
  ruleset: string,
  placed: readonly T[],
  model: RsyslogModel,
): Met<T>[] {
  const rulesets = reachedFrom(ruleset, model);
  const met: Met<T>[] = [];
  for (const one of placed) {
    const reached = rulesets.get(one.ruleset);
    if (!reached) continue;
    met.push({ met: one, at: reached.at ?? one.order, filters: [...reached.filters, ...one.filters] });
  }
  return met.sort((one, other) => one.at - other.at || one.met.order - other.met.order);
}

function reachedFrom(ruleset: string, model: RsyslogModel): Map<string, Reached> {
  const rulesets = new Map<string, Reached>([[ruleset, { at: undefined, filters: [] }]]);
  const waiting = [ruleset];
  for (let from = waiting.shift(); from !== undefined; from = waiting.shift()) {
    const reached = rulesets.get(from) as Reached;
    for (const call of model.calls) {
      if (call.ruleset !== from || call.name === undefined || rulesets.has(call.name)) continue;
      rulesets.set(call.name, {
        at: reached.at ?? call.order,
        filters: [...reached.filters, ...call.filters],
      });
      waiting.push(call.name);
    }
  }
  return rulesets;
}

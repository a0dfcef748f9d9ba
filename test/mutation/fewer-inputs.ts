/**
 * Stands in for fast-check while mutants are tried: the same inputs every time, few of them, and none made
 * smaller. A mutant that survives costs all inputs of every property that reaches it.
 */
import fc, { type IProperty, type Parameters } from "fast-check";

/** Generated inputs a property at most; also for what tests read from LFCE_PROPERTY_RUNS. */
export const MOST_INPUTS = 60;

function assert<Ts>(property: IProperty<Ts>, given: Parameters<Ts> = {}): void {
  const numRuns = Math.min(given.numRuns ?? MOST_INPUTS, MOST_INPUTS);
  fc.assert(property, { seed: 1, endOnFailure: true, ...given, numRuns });
}

// biome-ignore lint/style/noDefaultExport: fast-check has one, and tests import it
export default { ...fc, assert };

import { setFlagsFromString } from "node:v8";

/** By how many per cent V8's heap may grow beyond what is alive before it is tidied up. */
const GROWTH_PERCENT = 30;

/** How many bytes of bytecode a function runs before V8 thinks of optimising it: 16 times as many as V8 has it. */
const OPTIMISING_BUDGET = 16 * 66 * 1024;
/** From this major version of V8 on (Node 22) it counts calls instead, and has no such flag. */
const COUNTS_CALLS = 12;

/**
 * Fits V8 to what lfce does. It keeps small while it works on a large fleet: what is known of a host is let go as soon
 * as it was told, but V8 would let several times as much garbage gather as there is left; a small fleet's heap never
 * comes to be tidied up. And it optimises late: a run is over in seconds, most of its code runs a few times a host, and
 * V8's optimising threads take time from the cores that work on hosts (decisions.md, "Speed of a run that changes
 * nothing"). Flags that a version of V8 does not know would be complained about on stderr.
 */
export function fitEngine(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  if (Number.parseInt(process.versions.v8, 10) < COUNTS_CALLS) {
    setFlagsFromString(`--interrupt-budget=${OPTIMISING_BUDGET}`);
  }
}

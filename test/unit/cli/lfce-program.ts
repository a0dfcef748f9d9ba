import { join } from "node:path";

/**
 * What node is given to run lfce as a process of its own: the built program where LFCE_PROGRAM names it, as `npm test`
 * does with what it has just built, and otherwise the sources, which take several times as long to start.
 */
export const lfceProgram: readonly string[] = process.env.LFCE_PROGRAM
  ? [process.env.LFCE_PROGRAM]
  : ["--import", import.meta.resolve("tsx"), join(import.meta.dirname, "../../../src/cli/main.ts")];

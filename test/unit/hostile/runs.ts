/**
 * How many hostile strings go through each parameter and variable. `npm run hostile -- --runs 10000` tries more
 * than every test run does.
 */
export const RUNS = Number(process.env.LFCE_HOSTILE_RUNS ?? 200);
export const SEED = Number(process.env.LFCE_HOSTILE_SEED ?? 1);

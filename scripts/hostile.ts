/**
 * `npm run hostile -- --runs 10000 [--seed N] [roles|inventory|scripts|output …]`: hostile strings through everything
 * that takes a string, more of them than in every test run. Ends with 1 when one was neither refused nor harmless.
 */
import { parseArgs } from "node:util";
import { nodeTest, runStep, testFiles } from "./test-steps.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
  process.stderr.write("usage: npm run hostile -- --runs NUMBER [--seed NUMBER] [NAME…]\n");
  process.exit(64);
}
const files = testFiles("test/unit/hostile").filter(
  (file) => positionals.length === 0 || positionals.some((name) => file.endsWith(`/${name}.test.ts`)),
);
const environment = { LFCE_HOSTILE_RUNS: String(runs), LFCE_HOSTILE_SEED: String(seed) };
// Ten thousand take half an hour: longer than a test run may.
const argv = nodeTest(process.execPath, files, "--test-timeout=14400000");
const ok = runStep(`${runs} hostile strings (seed ${seed})`, argv, environment);
process.exitCode = ok ? 0 : 1;

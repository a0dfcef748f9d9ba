/**
 * `npm run mutation -- [PART…] [--concurrency N] [--sample N] [--report FILE] [--mutate GLOB…]`:
 * changes the code in small ways and counts how many of the changes the tests notice. Without a PART all of
 * them, one after the other. --sample tries one change in N; FILE gets the changes that no test noticed; GLOB
 * takes some of a part's files only.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { MutantResult } from "@stryker-mutator/api/core";
import { Stryker } from "@stryker-mutator/core";
import { type Part, parts, TIMED_TESTS } from "../test/mutation/parts.ts";
import { scoreTable } from "../test/mutation/score.ts";
import { MESSAGE_TEXTS, RUNNER, SURVIVORS } from "../test/mutation/stryker-plugins.ts";
import { partTests } from "../test/mutation/test-files.ts";
import { root } from "./test-steps.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    concurrency: { type: "string", default: "1" },
    sample: { type: "string", default: "1" },
    report: { type: "string" },
    mutate: { type: "string", multiple: true },
  },
});

async function runPart(part: Part): Promise<MutantResult[]> {
  const stryker = new Stryker({
    mutate: [...(values.mutate ?? part.mutate)],
    ignorePatterns: ["**", "!src/**", "!test/**", "!package.json"],
    tempDirName: join(tmpdir(), "lfce-mutation"),
    plugins: [join(root, "test/mutation/stryker-plugins.ts")],
    testRunner: RUNNER,
    ignorers: [MESSAGE_TEXTS],
    coverageAnalysis: "perTest",
    disableTypeChecks: false,
    concurrency: Number(values.concurrency),
    // Endless loops are cut off by Stryker's count of hits; this is for the rest, on a busy machine.
    timeoutMS: 10_000,
    reporters: [process.stdout.isTTY ? "progress" : "progress-append-only", SURVIVORS],
    logLevel: "warn",
    allowConsoleColors: false,
    lfceTestFiles: partTests(part.tests),
    lfceLeftOut: TIMED_TESTS,
    lfceSample: Number(values.sample),
    ...(values.report && { lfceReport: values.report }),
  } as ConstructorParameters<typeof Stryker>[0]);
  return stryker.runMutationTest();
}

const wanted = positionals.length > 0 ? positionals : Object.keys(parts);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  process.stderr.write(`unknown part ${unknown.join(", ")}: use ${Object.keys(parts).join(", ")}\n`);
  process.exit(64);
}
process.chdir(root);
// Stryker's own processes load the plugins, which are TypeScript.
process.env.NODE_OPTIONS = "--import tsx";
for (const name of wanted) {
  const started = performance.now();
  const mutants = await runPart(parts[name] as Part);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  process.stdout.write(`\n== ${name} (${minutes} min)\n${scoreTable(mutants, root)}\n`);
}

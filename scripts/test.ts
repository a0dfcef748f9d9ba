/**
 * `npm test`: everything that must hold. `npm test -- unit` leaves out the tests on real machines,
 * `npm test -- fleet [FILE…]` runs only those.
 */
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { disturbChanges, testOnMachines, testTheLab } from "./fleet-tests.ts";
import { installTestPrograms } from "./test-programs.ts";
import { nodeTest, ownBinary, root, runStep, testFiles } from "./test-steps.ts";

/** node's runner leaves one core to itself, which is half of a small machine; and some tests wait for others' time-outs. */
const allCores = `--test-concurrency=${availableParallelism() + 1}`;
const [part = "all", ...chosen] = process.argv.slice(2);
const failed: string[] = [];

function step(title: string, argv: readonly string[], environment?: NodeJS.ProcessEnv): void {
  if (!runStep(title, argv, environment)) failed.push(title);
}

function statics(): void {
  step("lint and format", [ownBinary("biome"), "check"]);
  step("types", [ownBinary("tsc"), "--noEmit", "-p", "tsconfig.json"]);
  step("types of the browser's part", [ownBinary("tsc"), "--noEmit", "-p", "tsconfig.browser.json"]);
}

function build(): void {
  step("build", [process.execPath, "--import", "tsx", "scripts/build.ts"]);
}

/** Needs the build: tests that start lfce as a process of its own start that. */
function unit(): void {
  step(
    "unit tests",
    nodeTest(process.execPath, testFiles("test/unit", "test/cases", "test/ssh", "test/scale"), allCores),
    { LFCE_PROGRAM: join(root, "dist/cli/main.js") },
  );
  step("the report page in a browser", nodeTest(process.execPath, testFiles("test/browser")));
}

async function fleet(files: readonly string[]): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    process.stdout.write(
      "\n== SKIPPED: the tests on real machines. Nothing that lfce does to a host was tested: that needs Linux and root.\n",
    );
    return;
  }
  if (chosen.length > 0) {
    failed.push(...(await testOnMachines(files)));
    return;
  }
  if (!testTheLab(testFiles("test/lab"))) failed.push("the lab itself");
  failed.push(...(await testOnMachines(files)));
  if (!disturbChanges()) failed.push("20 changes, each disturbed once");
}

installTestPrograms();
if (part === "all") {
  statics();
  build();
  unit();
  step("package", nodeTest(process.execPath, testFiles("test/package")));
  await fleet(testFiles("test/fleet"));
} else if (part === "unit") {
  statics();
  build();
  unit();
} else if (part === "fleet") {
  build();
  await fleet(chosen.length > 0 ? chosen.map((file) => resolve(file)) : testFiles("test/fleet"));
} else {
  process.stderr.write(`unknown part ${part}: use unit, fleet or nothing\n`);
  process.exit(64);
}
if (failed.length > 0) {
  process.stdout.write(`\nFAILED: ${failed.join(", ")}\n`);
  process.exitCode = 1;
}

/**
 * `npm test`: everything that must hold. `npm test -- unit` leaves out the tests on real machines,
 * `npm test -- fleet [FILE…]` runs only those.
 */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { disturbChanges, testOnMachines, testTheLab } from "./fleet-tests.ts";
import { installTestPrograms } from "./test-programs.ts";
import { nodeTest, ownBinary, runStep, testFiles } from "./test-steps.ts";

/** node's runner leaves one core to itself, which is half of a small machine. */
const allCores = `--test-concurrency=${availableParallelism()}`;
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

function unit(): void {
  step(
    "unit tests",
    nodeTest(process.execPath, testFiles("test/unit", "test/cases", "test/ssh", "test/scale"), allCores),
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
  step("build", [process.execPath, "--import", "tsx", "scripts/build.ts"]);
  unit();
  step("package", nodeTest(process.execPath, testFiles("test/package")));
  await fleet(testFiles("test/fleet"));
} else if (part === "unit") {
  statics();
  unit();
} else if (part === "fleet") {
  step("build", [process.execPath, "--import", "tsx", "scripts/build.ts"]);
  await fleet(chosen.length > 0 ? chosen.map((file) => resolve(file)) : testFiles("test/fleet"));
} else {
  process.stderr.write(`unknown part ${part}: use unit, fleet or nothing\n`);
  process.exit(64);
}
if (failed.length > 0) {
  process.stdout.write(`\nFAILED: ${failed.join(", ")}\n`);
  process.exitCode = 1;
}

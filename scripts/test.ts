/**
 * `npm test`: everything that must hold. `npm test -- unit` leaves out the tests on real machines,
 * `npm test -- fleet [FILE…]` runs only those.
 */
import { availableParallelism } from "node:os";
import { FLEET_LAB, fleetMachines } from "../test/fleet/fleet-lab.ts";
import { installTestPrograms } from "./test-programs.ts";
import { nodeTest, ownBinary, root, runStep, testFiles } from "./test-steps.ts";

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
}

function unit(): void {
  step("unit tests", nodeTest(process.execPath, testFiles("test/unit", "test/cases", "test/ssh"), allCores));
}

function fleet(files: readonly string[]): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    process.stdout.write(
      "\n== SKIPPED: the tests on real machines. Nothing that lfce does to a host was tested: that needs Linux and root.\n",
    );
    return;
  }
  const lab = ["--import", "tsx", `${root}/test/lab/cli.ts`];
  const machines = fleetMachines.map(({ name, image }) => `${name}:${image}`);
  const inLab = [process.execPath, ...lab, "exec", "--name", FLEET_LAB, "--"];
  if (chosen.length === 0) {
    step("the lab itself", nodeTest(process.execPath, testFiles("test/lab"), "--test-concurrency=1"));
  }
  try {
    step("boot the machines", [process.execPath, ...lab, "up", "--name", FLEET_LAB, ...machines]);
    step("tests on real machines", [...inLab, ...nodeTest(process.execPath, files, "--test-concurrency=1")]);
  } finally {
    step("remove the machines", [process.execPath, ...lab, "down", "--name", FLEET_LAB]);
  }
}

installTestPrograms();
if (part === "all") {
  statics();
  step("build", [process.execPath, "--import", "tsx", "scripts/build.ts"]);
  unit();
  step("package", nodeTest(process.execPath, testFiles("test/package")));
  fleet(testFiles("test/fleet"));
} else if (part === "unit") {
  statics();
  unit();
} else if (part === "fleet") {
  step("build", [process.execPath, "--import", "tsx", "scripts/build.ts"]);
  fleet(chosen.length > 0 ? chosen : testFiles("test/fleet"));
} else {
  process.stderr.write(`unknown part ${part}: use unit, fleet or nothing\n`);
  process.exit(64);
}
if (failed.length > 0) {
  process.stdout.write(`\nFAILED: ${failed.join(", ")}\n`);
  process.exitCode = 1;
}

import { statSync } from "node:fs";
import { FLEET_LAB, fleetMachines } from "../test/fleet/fleet-lab.ts";
import { nodeTest, root, runBuffered, runStep } from "./test-steps.ts";

/** Most tests wait for a daemon: the files of one lab take some 0.4 of a core, their machines and lfce together. */
const LABS = 3;

const lab = [process.execPath, "--import", "tsx", `${root}/test/lab/cli.ts`];

/** Tests of the lab itself; whether they passed. */
export function testTheLab(files: readonly string[]): boolean {
  return runStep("the lab itself", nodeTest(process.execPath, files, "--test-concurrency=1"));
}

/** Of this seed's first 20 changes each kind of fault disturbs one at least. */
const SAMPLE = ["--runs", "20", "--seed", "40", "--sets", "4"];

/** A sample of the chaos runs, on machines of their own; whether what must hold has held. */
export function disturbChanges(): boolean {
  const chaos = ["--import", "tsx", "test/chaos/main.ts", ...SAMPLE, "--lab", `${FLEET_LAB}-chaos`];
  return runStep("20 changes, each disturbed once", [process.execPath, ...chaos]);
}

/**
 * Runs test files on real machines: labs side by side, each taking the next file when it is done with one, so
 * that a machine never serves two files at once. The titles of what failed.
 */
export async function testOnMachines(files: readonly string[]): Promise<string[]> {
  const machines = fleetMachines.map(({ name, image }) => `${name}:${image}`);
  const labs = Array.from(
    { length: Math.min(LABS, files.length) },
    (_, index) => `${FLEET_LAB}-${index + 1}`,
  );
  const failed: string[] = [];
  const takeFiles = async (name: string, waiting: string[]): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const inLab = [...lab, "exec", "--name", name, "--"];
      const title = `on the machines of ${name}: ${file.slice(root.length + 1)}`;
      const test = nodeTest(process.execPath, [file], "--test-concurrency=1");
      if (!(await runBuffered(title, [...inLab, ...test], { LFCE_FLEET_LAB: name }))) failed.push(title);
    }
  };
  try {
    const up = labs.map((name) =>
      runStep(`boot the machines of ${name}`, [...lab, "up", "--name", name, ...machines]),
    );
    if (up.includes(false)) return ["boot the machines"];
    const longestFirst = [...files].sort((a, b) => statSync(b).size - statSync(a).size);
    await Promise.all(labs.map((name) => takeFiles(name, longestFirst)));
  } finally {
    for (const name of labs) {
      if (!runStep(`remove the machines of ${name}`, [...lab, "down", "--name", name]))
        failed.push(`remove ${name}`);
    }
  }
  return failed;
}

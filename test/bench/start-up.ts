import { join } from "node:path";
import { run } from "../lab/processes.ts";
import { type Contestant, interleaved, type Sample } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
const ROUNDS = 21;

/** What every command costs before it does anything, beside node itself; whole processes, interleaved. */
export function startUpSamples(): Promise<Map<string, Sample[]>> {
  const lfce = [process.execPath, join(root, "dist/cli/main.js")];
  const playbook = join(root, "playbooks/lab.yml");
  const contestants: Contestant[] = [
    { name: "node -e 0", argv: [process.execPath, "-e", "0"] },
    { name: "lfce --version", argv: [...lfce, "--version"] },
    { name: "lfce validate playbooks/lab.yml", argv: [...lfce, "validate", playbook] },
  ];
  return interleaved(contestants, ROUNDS, {
    run: (argv) => run(argv, { env: process.env, cwd: root }),
  });
}

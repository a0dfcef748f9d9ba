/**
 * Changes on real machines, each disturbed at one moment:
 *   node --import tsx test/chaos/main.ts --runs 20 [--seed 1] [--index 7] [--sets 2] [--record FILE]
 * `--index` runs one case alone; `--record` appends one JSON line a case, and leaves out those that it has.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startLab } from "../lab/lab.ts";
import { caseOf, caseText, faults } from "./cases.ts";
import { makeLabBuild } from "./lab-build.ts";
import { clientImages, prepareSet } from "./machine-set.ts";
import { runCase, type Verdict } from "./run-case.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    index: { type: "string" },
    sets: { type: "string", default: "2" },
    record: { type: "string" },
    lab: { type: "string", default: "chaos" },
  },
});
const seed = Number(values.seed);
const say = (text: string) => process.stdout.write(`${text}\n`);

const verdicts = readRecord(values.record);
const known = new Set(verdicts.map(({ index }) => index));
const wanted =
  values.index === undefined
    ? Array.from({ length: Number(values.runs) }, (_, index) => index)
    : [Number(values.index)];
const queue = wanted.filter((index) => values.index !== undefined || !known.has(index));
say(`seed ${seed}: ${queue.length} cases (again: --seed ${seed}, one alone: --index N)`);

const sets = Array.from({ length: Math.min(Number(values.sets), queue.length || 1) }, (_, number) => ({
  server: `server${number + 1}`,
  client: `client${number + 1}`,
  image: clientImages[number % clientImages.length] as string,
}));
const program = makeLabBuild(values.lab);
const lab = await startLab({
  name: values.lab,
  machines: sets.flatMap(({ server, client, image }) => [
    { name: server, image: "debian12" },
    { name: client, image },
  ]),
});
try {
  await Promise.all(
    sets.map(async ({ server, client }) => {
      const set = await prepareSet(lab, program, server, client);
      try {
        for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
          const one = caseOf(seed, index);
          const verdict = await runCase(one, set).catch((error: unknown): Verdict => {
            const words = error instanceof Error ? error.message : String(error);
            return {
              index,
              fault: one.fault,
              moment: one.moment,
              hit: false,
              ms: 0,
              violations: [`broke off: ${words}`],
            };
          });
          verdicts.push(verdict);
          if (values.record) appendFileSync(values.record, `${JSON.stringify({ seed, ...verdict })}\n`);
          const result =
            verdict.violations.length === 0 ? (verdict.hit ? "held" : "held (ended before)") : "VIOLATED";
          say(`${index}\t${caseText(one)}\t${client}\t${(verdict.ms / 1000).toFixed(1)} s\t${result}`);
          for (const violation of verdict.violations) say(`\t${violation.replaceAll("\n", "\n\t")}`);
        }
      } finally {
        set.remove();
      }
    }),
  );
} finally {
  await lab.stop();
}

say("\n| fault | cases | hit | violated |\n|---|---|---|---|");
for (const fault of faults) {
  const own = verdicts.filter((verdict) => verdict.fault === fault);
  const violated = own.filter(({ violations }) => violations.length > 0).length;
  say(`| ${fault} | ${own.length} | ${own.filter(({ hit }) => hit).length} | ${violated} |`);
}
const violated = verdicts.filter(({ violations }) => violations.length > 0);
say(`| all | ${verdicts.length} | ${verdicts.filter(({ hit }) => hit).length} | ${violated.length} |`);
if (violated.length > 0) process.exitCode = 1;

function readRecord(file: string | undefined): Verdict[] {
  if (file === undefined || !existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line)).filter((verdict) => verdict.seed === seed);
}

/**
 * `npm run corpus [-- chrony|rsyslog] [OPTIONS]`: the editors on real configuration files and on generated
 * ones, with the real daemons of three Debian releases as judges. docs/editors.md says what is tried.
 *
 *   --only edits|pairs|judges|generated   only this part; may be given again
 *   --every-pair   every ordered pair of settings on every file, not each setting with the next three
 *   --file TEXT    only files of the corpus whose name has TEXT in it
 *   --release NAME  only the daemons of bullseye, bookworm or trixie
 *   --inputs N     generated inputs a service (100000)
 *   --seed N       of the generated inputs; drawn anew when left out
 *
 * LFCE_CORPUS names the corpus. Exit code 1 when something was violated, 64 for bad usage.
 */
import { parseArgs } from "node:util";
import { chronyService } from "../test/corpus/chrony-service.ts";
import { corpusMissing } from "../test/corpus/corpus-files.ts";
import { rsyslogService } from "../test/corpus/rsyslog-service.ts";
import type { Violation } from "../test/corpus/rules.ts";
import { type CorpusPart, type CorpusResult, corpusParts, runCorpus } from "../test/corpus/run.ts";
import { progressLines } from "../test/lab/progress.ts";

const services = [chronyService, rsyslogService];

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(64);
}

function readCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        only: { type: "string", multiple: true },
        "every-pair": { type: "boolean" },
        file: { type: "string", default: "" },
        release: { type: "string", default: "" },
        inputs: { type: "string", default: "100000" },
        seed: { type: "string", default: `${Math.floor(Math.random() * 2 ** 31)}` },
      },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(option: string, text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : fail(`--${option} takes a whole number, not ${text}`);
}

/** Every violation is named; of each rule the first few are shown in full. */
const shownInFull = 5;
const seen = new Map<string, number>();

function printViolation({ file, setting, rule, detail }: Violation): void {
  const count = (seen.get(rule) ?? 0) + 1;
  seen.set(rule, count);
  process.stdout.write(`VIOLATION  ${file} · ${setting} · ${rule}\n`);
  if (count <= shownInFull) process.stdout.write(`  ${detail}\n`);
}

function printTable(results: readonly CorpusResult[]): void {
  const rows = [
    ["what", "inputs", "compared", "left out", "violations", "minutes"],
    ...results.map(({ what, inputs, compared, leftOut, violations, minutes }) => [
      what,
      ...[inputs, compared, leftOut, violations].map(String),
      minutes.toFixed(1),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    process.stdout.write(`${cells.join("  ")}\n`);
  }
}

const { values, positionals } = readCommandLine();
const unknown =
  positionals.find((name) => !services.some((service) => service.name === name)) ??
  values.only?.find((part) => !corpusParts.some((known) => known === part));
if (unknown !== undefined)
  fail(`unknown: ${unknown}. Services: chrony, rsyslog. Parts: ${corpusParts.join(", ")}`);
const seed = numberOf("seed", values.seed);
const inputs = numberOf("inputs", values.inputs);
const chosen = services.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
for (const { name } of chosen) {
  const missing = corpusMissing(name);
  if (missing !== undefined) fail(missing);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const say = progressLines();
say(`seed of the generated inputs: ${seed}`);
const results: CorpusResult[] = [];
for (const service of chosen) {
  results.push(
    ...(await runCorpus(service, {
      parts: (values.only as CorpusPart[] | undefined) ?? corpusParts,
      pairs: { next: values["every-pair"] ? "every" : 3 },
      file: values.file,
      release: values.release,
      inputs,
      seed,
      say,
      onViolation: printViolation,
    })),
  );
}
process.stdout.write("\n");
printTable(results);
if (results.some(({ violations }) => violations > 0)) process.exitCode = 1;

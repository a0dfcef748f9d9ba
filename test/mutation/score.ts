import { relative } from "node:path";
import type { MutantResult } from "@stryker-mutator/api/core";

/** What became of the mutants of a file or a part. */
interface Score {
  killed: number;
  timedOut: number;
  survived: number;
  uncovered: number;
  /** Message texts and others left out, and mutants that could not run: in no percentage. */
  leftOut: number;
}

const KINDS: Readonly<Partial<Record<MutantResult["status"], keyof Score>>> = {
  Killed: "killed",
  Timeout: "timedOut",
  Survived: "survived",
  NoCoverage: "uncovered",
};

function scoreOf(mutants: readonly MutantResult[]): Score {
  const score: Score = { killed: 0, timedOut: 0, survived: 0, uncovered: 0, leftOut: 0 };
  for (const { status } of mutants) score[KINDS[status] ?? "leftOut"] += 1;
  return score;
}

/** A Markdown table: a row a file and one for all. Killed are those that time out, too, as Stryker counts. */
export function scoreTable(mutants: readonly MutantResult[], root: string): string {
  const rows = [...byFile(mutants)].map(([file, some]) => row(relative(root, file), scoreOf(some))).sort();
  return [
    "| file | killed | timed out | survived | not reached | % of all | % of reached |",
    "|---|---:|---:|---:|---:|---:|---:|",
    ...rows,
    row("**all**", scoreOf(mutants)),
  ].join("\n");
}

function byFile(mutants: readonly MutantResult[]): Map<string, MutantResult[]> {
  const files = new Map<string, MutantResult[]>();
  for (const mutant of mutants) {
    const known = files.get(mutant.fileName);
    if (known) known.push(mutant);
    else files.set(mutant.fileName, [mutant]);
  }
  return files;
}

function row(name: string, { killed, timedOut, survived, uncovered }: Score): string {
  const found = killed + timedOut;
  const percent = (of: number) => (of === 0 ? "–" : ((100 * found) / of).toFixed(1));
  const cells = [killed, timedOut, survived, uncovered, percent(found + survived + uncovered)];
  return `| ${name} | ${cells.join(" | ")} | ${percent(found + survived)} |`;
}

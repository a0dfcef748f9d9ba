import { appendFileSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import type { MutantResult, StrykerOptions } from "@stryker-mutator/api/core";
import { commonTokens, tokens } from "@stryker-mutator/api/plugin";
import type { Reporter } from "@stryker-mutator/api/report";

/** Appends every mutant that no test noticed to the file `lfceReport`, as soon as it is known. */
export function survivorReport(options: StrykerOptions): Reporter {
  const file = options.lfceReport as string | undefined;
  return {
    onMutantTested(mutant) {
      if (!file || (mutant.status !== "Survived" && mutant.status !== "NoCoverage")) return;
      appendFileSync(file, describeMutant(mutant));
    },
  };
}
survivorReport.inject = tokens(commonTokens.options);

/** A mutant as a person looks at it: where, the line as it is, and what it became. */
function describeMutant({ fileName, location, replacement = "", ...mutant }: Readonly<MutantResult>): string {
  const { start, end } = location;
  const lines = readFileSync(fileName, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  const more = lines.length > 1 ? ` … (${lines.length} lines)` : "";
  const kind = [mutant.mutatorName, mutant.status, ...(mutant.static ? ["static"] : [])].join(" ");
  return [
    `${relative(process.cwd(), fileName)}:${start.line}:${start.column} ${kind}`,
    `  - ${lines[0]?.trim()}${more}`,
    `  + ${replacement.replace(/\s+/g, " ").slice(0, 200)}`,
    "\n",
  ].join("\n");
}

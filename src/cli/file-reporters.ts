import type { Warning } from "../core/errors.ts";
import type { Output, Reporter } from "../report/reporter.ts";
import { fileOutput } from "./file-output.ts";

/** Reports that are written to files, beside what is printed. */
export interface FileReportOptions {
  junit?: string;
  markdown?: string;
  prometheus?: string;
}

/** The reporters for the files that were asked for; each is loaded only then. What cannot be written is `told`. */
export async function fileReporters(
  { junit, markdown, prometheus }: FileReportOptions,
  told: (warning: Warning) => void,
): Promise<Reporter[]> {
  const reporters: Reporter[] = [];
  const add = (path: string, option: string, create: (output: Output) => Reporter, forAll = false) => {
    const file = fileOutput(path, option, forAll);
    const { handle, finish } = create(file);
    reporters.push({
      handle,
      async finish() {
        await finish();
        const warning = file.commit();
        if (warning) told(warning);
      },
    });
  };
  if (junit !== undefined) add(junit, "--junit", (await import("../report/junit.ts")).junitReporter);
  if (markdown !== undefined) {
    add(markdown, "--markdown", (await import("../report/markdown.ts")).markdownReporter);
  }
  if (prometheus !== undefined) {
    // node_exporter runs as a user of its own.
    add(prometheus, "--prometheus", (await import("../report/prometheus.ts")).prometheusReporter, true);
  }
  return reporters;
}

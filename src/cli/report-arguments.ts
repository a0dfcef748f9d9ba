import type { Command } from "commander";
import { REPORT_HELP } from "./help-report.ts";
import { positiveInteger } from "./options.ts";
import type { ReportOptions } from "./report-command.ts";
import { paintFor } from "./terminal.ts";

/** `lfce report`. */
export function addReport(program: Command): void {
  program
    .command("report [playbook]")
    .description("write the recorded nights as one HTML page")
    .option("--out <file>", "where to write it; - is stdout", "lfce-report.html")
    .option("--nights <number>", "how many nights it shows at most", positiveInteger, 30)
    .option(
      "--state-dir <path>",
      "where lfce remembers its runs (default: $XDG_STATE_HOME/lfce, else ~/.local/state/lfce)",
    )
    .option("--no-color", "no colours (NO_COLOR does the same)")
    .option("--debug", "print stack traces")
    .addHelpText("after", REPORT_HELP)
    .action(async (playbook: string | undefined, options: ReportOptions & { color: boolean }) => {
      const { reportCommand } = await import("./report-command.ts");
      process.exitCode = reportCommand(playbook, options, paintFor(process.stderr, !options.color));
    });
}

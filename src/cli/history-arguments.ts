import { type Command, InvalidArgumentError, Option } from "commander";
import { HISTORY_HELP } from "./help-history.ts";
import type { HistoryOptions } from "./history-command.ts";
import { collect, positiveInteger } from "./options.ts";
import { outputFormat, paintFor } from "./terminal.ts";

const DAY = 24 * 3600 * 1000;

/** `2026-11-20` (local time), a whole RFC 3339 time, or `7d`, as milliseconds since 1970. */
function moment(text: string): number {
  const days = /^(\d+)d$/.exec(text);
  if (days) return Date.now() - Number(days[1]) * DAY;
  // A day alone would be read as UTC's.
  const time = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text);
  // Date.parse takes much more for a time: 7 would be the seventh month of 2001.
  if (Number.isNaN(time) || !/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(text))
    throw new InvalidArgumentError("Write a day such as 2026-11-20, or 7d.");
  return time;
}

/** `lfce history`. */
export function addHistory(program: Command): void {
  program
    .command("history [host]")
    .description("drift over time: since when, how often, what comes and goes")
    .option("--playbook <path>", "whose history; needed where runs of several are recorded")
    .option("--runs <number>", "how many runs it shows at most", positiveInteger, 14)
    .addOption(
      new Option("--since <day>", "only since a day, or so many days: 2026-11-20, 7d").argParser(moment),
    )
    .option("--code <code>", "only findings of this kind (repeatable; docs/drift.md lists them)", collect)
    .addOption(
      new Option("-o, --output <format>", "how to print; default: tty on a terminal, else plain").choices([
        "tty",
        "plain",
        "json",
      ]),
    )
    .option(
      "--state-dir <path>",
      "where lfce remembers its runs (default: $XDG_STATE_HOME/lfce, else ~/.local/state/lfce)",
    )
    .option("--no-color", "no colours (NO_COLOR does the same)")
    .option("--debug", "print stack traces")
    .addHelpText("after", HISTORY_HELP)
    .action(async (host: string | undefined, options: HistoryOptions & { color: boolean }) => {
      const { historyCommand } = await import("./history-command.ts");
      const output = outputFormat(options.output);
      process.exitCode = historyCommand(
        host,
        { ...options, output },
        paintFor(process.stdout, !options.color),
      );
    });
}

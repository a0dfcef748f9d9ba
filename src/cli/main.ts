#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import type { Command as RunName } from "../core/events.ts";
import { errorText } from "../report/error-text.ts";
import { jsonLine } from "../report/json.ts";
import { keepCompiled } from "./compile-cache.ts";
import { describeError } from "./describe-error.ts";
import { EXIT } from "./exit-codes.ts";
import {
  APPLY_HELP,
  DRIFT_HELP,
  INVENTORY_HELP,
  MAIN_HELP,
  PLAN_HELP,
  ROLLBACK_HELP,
  TRUST_HELP,
  VALIDATE_HELP,
  VERIFY_HELP,
} from "./help.ts";
import { addHistory } from "./history-arguments.ts";
import type { InventoryOptions } from "./inventory-command.ts";
import {
  leaseOption,
  withDriftOptions,
  withHosts,
  withPasswords,
  withProject,
  withReports,
} from "./options.ts";
import { addReport } from "./report-arguments.ts";
import { rollbackTarget } from "./rollback-command.ts";
import type { RunOptions } from "./run-command.ts";
import { addSchedule } from "./schedule-arguments.ts";
import { outliveReaders, paintFor, standardError, standardOutput } from "./terminal.ts";
import type { TrustOptions } from "./trust-command.ts";
import { asksForJson, usageSummary } from "./usage-error.ts";
import type { ValidateOptions } from "./validate-command.ts";
import { version } from "./version.ts";

keepCompiled(process.env);
// What a command does is loaded when it is called: a start reads little.
const program = new Command("lfce")
  .description("Makes clocks and logs right on a fleet of Linux hosts over SSH, and proves it.")
  .version(version(), "-V, --version")
  .addHelpText("after", MAIN_HELP)
  .configureOutput({ writeOut: standardOutput.write, writeErr: standardError.write })
  .showHelpAfterError("(lfce --help shows examples)")
  .exitOverride();

function addRun(name: RunName, description: string, help: string): Command {
  return withReports(withPasswords(program.command(`${name} <playbook>`)))
    .description(description)
    .addHelpText("after", help)
    .action((playbook: string, _options: unknown, command: Command) => run(name, playbook, command.opts()));
}

async function run(name: RunName, playbook: string, options: ParsedRunOptions): Promise<void> {
  const asPlan = name === "apply" && (options.dryRun || options.check);
  const { color, verify = true, ...rest } = options;
  const { runCommand } = await import("./run-command.ts");
  process.exitCode = await runCommand(
    asPlan ? "plan" : name,
    playbook,
    { ...rest, verify, colour: color },
    paintFor(process.stderr, !color),
  );
}

type ParsedRunOptions = Omit<RunOptions, "colour" | "verify"> & {
  color: boolean;
  verify?: boolean;
  dryRun?: boolean;
  check?: boolean;
};

addRun("apply", "observe, plan, change and prove", APPLY_HELP)
  .option("--dry-run", "the same as `lfce plan`")
  .option("--check", "the same as `lfce plan`")
  .option("--ask", "show the plan and wait for yes")
  .option("--no-verify", "do not prove the result")
  .option("--keep-failed", "leave a change whose health check or proof failed")
  .addOption(leaseOption());
addRun("plan", "show what apply would do; changes nothing", PLAN_HELP).option(
  "--no-verify",
  "do not list the proofs",
);
withDriftOptions(
  addRun("drift", "what differs from the playbook, in files and at run time; changes nothing", DRIFT_HELP),
);
addRun("verify", "only the proofs", VERIFY_HELP);
addRun("rollback", "put back the files from before the last change", ROLLBACK_HELP)
  .addOption(
    new Option("--to <change>", "how many changes back, or back to before the change of this identifier")
      .argParser(rollbackTarget)
      .default(1, "the last one"),
  )
  .option("--dry-run", "show what would be put back")
  .option("--keep-failed", "leave what was put back though a daemon does not run with it")
  .addOption(leaseOption());

withHosts(program.command("trust <playbook>"))
  .description("collect host keys, show their fingerprints, ask, and write known_hosts")
  .option("--fingerprints <file>", "write exactly the keys that this file expects: lines of HOST SHA256:…")
  .option("--yes", "write what the hosts show, compared by nobody")
  .addHelpText("after", TRUST_HELP)
  .action(async (playbook: string, options: TrustOptions & { color: boolean }) => {
    const { trustCommand } = await import("./trust-command.ts");
    const stream = options.output === "json" ? process.stderr : process.stdout;
    process.exitCode = await trustCommand(playbook, options, paintFor(stream, !options.color));
  });

withProject(program.command("validate <playbook>"))
  .description("check everything that can be checked without a host")
  .addHelpText("after", VALIDATE_HELP)
  .action(async (playbook: string, options: ValidateOptions & { color: boolean }) => {
    const { validateCommand } = await import("./validate-command.ts");
    process.exitCode = validateCommand(playbook, options, paintFor(process.stderr, !options.color));
  });

withProject(program.command("inventory [pattern]"))
  .description("list hosts with their groups and merged variables")
  .option("--graph", "draw the groups as a tree")
  .addHelpText("after", INVENTORY_HELP)
  .action(async (pattern: string | undefined, options: InventoryOptions & { color: boolean }) => {
    const { inventoryCommand } = await import("./inventory-command.ts");
    process.exitCode = inventoryCommand(pattern ?? "all", options, paintFor(process.stdout, !options.color));
  });

addHistory(program);
addReport(program);
addSchedule(program);

/** The last net: what no command expected is told as an error of lfce, without a stack trace unless asked for. */
function tellUnexpected(error: unknown): void {
  const { errors, exitCode } = describeError(error);
  for (const one of errors) standardError.write(`${errorText(one, paintFor(process.stderr, false))}\n`);
  if (process.argv.includes("--debug") && error instanceof Error) standardError.write(`${error.stack}\n`);
  process.exitCode = exitCode;
}

outliveReaders();
process.on("unhandledRejection", tellUnexpected);
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) tellUnexpected(error);
  else tellUsage(error);
}

/** commander has printed its message or the help already; only the code is ours to choose. */
function tellUsage({ exitCode, message }: CommanderError): void {
  process.exitCode = exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (exitCode !== 0 && asksForJson(process.argv)) {
    standardOutput.write(jsonLine(usageSummary(message, new Date())));
  }
}

import { type Command, Option } from "commander";
import { SCHEDULE_HELP } from "./help.ts";
import { seconds, withDriftOptions, withLogin, withReports } from "./options.ts";
import type { ScheduleChoice } from "./schedule-command.ts";
import type { ScheduleOptions } from "./schedule-run.ts";
import { paintFor } from "./terminal.ts";

/** `lfce schedule` and its commands. */
export function addSchedule(program: Command): void {
  const schedule = program
    .command("schedule")
    .description("look for drift every night, by a timer of systemd");

  withReports(withDriftOptions(withLogin(schedule.command("install <playbook>"))))
    .description("write a service and a timer that run `lfce drift`, and start the timer")
    .requiredOption("--at <time>", "time of day, local time: 02:30")
    .addOption(
      new Option("--jitter <time>", "start up to so much later, another time each night")
        .argParser(seconds)
        .default(600, "10m"),
    )
    .option("--system", "a timer of the system (default for root)")
    .option("--user", "a timer of one's own (default for everybody else)")
    .option("--run-as <user>", "run as this user; only for a timer of the system")
    .option("--name <name>", "name of the units after lfce-drift- (default: the playbook's)")
    .option("--agent <socket>", "socket of an ssh-agent that holds the keys")
    .option("--print", "print the units and change nothing")
    .option("--cron", "print a line for crontab(1) instead, and change nothing")
    .addHelpText("after", SCHEDULE_HELP)
    .action(async (playbook: string, options: ScheduleOptions & { color: boolean }) => {
      const { scheduleInstall } = await import("./schedule-command.ts");
      process.exitCode = scheduleInstall(playbook, options, paintFor(process.stdout, !options.color));
    });

  schedule
    .command("status [playbook]")
    .description("when the next run is, and how the last one ended")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["plain", "json"]))
    .action(async (playbook: string | undefined, options: ScheduleChoice) => {
      const { scheduleStatus } = await import("./schedule-command.ts");
      process.exitCode = scheduleStatus(playbook, options, paintFor(process.stdout, false));
    });

  schedule
    .command("remove <playbook>")
    .description("stop the timer and remove its units; what the runs recorded stays")
    .action(async (playbook: string, options: ScheduleChoice) => {
      const { scheduleRemove } = await import("./schedule-command.ts");
      process.exitCode = scheduleRemove(playbook, options, paintFor(process.stdout, false));
    });
}

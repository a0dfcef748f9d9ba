import { mkdirSync } from "node:fs";
import { escapeLine } from "../core/byte-text.ts";
import { LfceError } from "../core/errors.ts";
import { jsonLine } from "../report/json.ts";
import type { Paint } from "../report/paint.ts";
import { cronLine } from "../schedule/cron.ts";
import type { NightlyRun } from "../schedule/nightly-run.ts";
import { serviceUnit, timerUnit } from "../schedule/units.ts";
import { EXIT } from "./exit-codes.ts";
import { chosenHosts, loadProject } from "./project.ts";
import { nightlyRun, type ScheduleOptions } from "./schedule-run.ts";
import { chosenSchedules, scheduleState, scheduleText } from "./schedule-status.ts";
import { systemctl } from "./systemctl.ts";
import { tellError } from "./tell-error.ts";
import { standardOutput } from "./terminal.ts";
import { removeUnits, unitDirectory, writeUnits } from "./unit-files.ts";

/** Options of `lfce schedule status` and `remove`. */
export interface ScheduleChoice {
  output?: "plain" | "json";
  debug?: boolean;
}

/** Writes the units of a nightly run and starts its timer, or prints what would be written. */
export function scheduleInstall(playbookFile: string, options: ScheduleOptions, paint: Paint): number {
  return told(options, paint, () => {
    // What is wrong in the files is better told now than by the first night.
    chosenHosts(loadProject(playbookFile, options), options);
    const run = nightlyRun(playbookFile, options, process.getuid?.() === 0);
    if (options.cron) return standardOutput.write(`${cronLine(run)}\n`);
    const units = { service: serviceUnit(run), timer: timerUnit(run) };
    if (options.print) {
      standardOutput.write(`# ${run.name}.service\n${units.service}\n# ${run.name}.timer\n${units.timer}`);
      return;
    }
    install(run, units);
    const schedule = { name: run.name, playbook: run.playbook, scope: run.scope.kind };
    standardOutput.write(scheduleText(schedule, scheduleState(schedule), paint));
    standardOutput.write(`  → ${nextStep(run)}\n`);
  });
}

/** Shows when each nightly run comes next, and how the last one ended. */
export function scheduleStatus(playbook: string | undefined, options: ScheduleChoice, paint: Paint): number {
  return told(options, paint, () => {
    const all = chosenSchedules(playbook, process.env);
    const states = all.map((schedule) => ({ ...schedule, ...scheduleState(schedule) }));
    if (options.output === "json") return standardOutput.write(jsonLine({ schedules: states }));
    if (states.length === 0) standardOutput.write("no nightly run is installed\n");
    for (const state of states) standardOutput.write(scheduleText(state, state, paint));
  });
}

/** Stops a timer and removes its units. What the runs recorded stays. */
export function scheduleRemove(playbook: string, options: ScheduleChoice, paint: Paint): number {
  return told(options, paint, () => {
    const chosen = chosenSchedules(playbook, process.env);
    if (chosen.length === 0) {
      throw new LfceError({
        code: "not-scheduled",
        message: `no nightly run of ${playbook} is installed for this user`,
        hint: "lfce schedule status lists what is",
      });
    }
    for (const { name, scope } of chosen) {
      systemctl(scope, ["disable", "--now", "--", `${name}.timer`]);
      removeUnits(unitDirectory(scope, process.env), name);
      systemctl(scope, ["daemon-reload"]);
      standardOutput.write(`removed ${name}.timer and ${name}.service\n`);
    }
  });
}

function install(run: NightlyRun, units: { service: string; timer: string }): void {
  const { scope, name } = run;
  if (scope.kind === "user" || !scope.ownStateDirectory) makeStateDirectory(run.stateDirectory);
  writeUnits(unitDirectory(scope.kind, process.env), run, units);
  systemctl(scope.kind, ["daemon-reload"]);
  // A timer that was there keeps its old time until it is restarted.
  systemctl(scope.kind, ["enable", "--", `${name}.timer`]);
  systemctl(scope.kind, ["restart", "--", `${name}.timer`]);
}

/** The unit may write there only, and cannot make it: its parent is read-only to it. */
function makeStateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LfceError({
      code: "schedule-not-written",
      message: `cannot make the directory ${path} (${(error as NodeJS.ErrnoException).code})`,
      hint: "choose another one with --state-dir",
    });
  }
}

function nextStep({ scope, name }: NightlyRun): string {
  const user = scope.kind === "user" ? "--user " : "";
  const linger = scope.kind === "user" ? "; loginctl enable-linger lets it run when nobody is logged in" : "";
  return `try it now: systemctl ${user}start ${escapeLine(name)}.service${linger}`;
}

function told(options: { debug?: boolean }, paint: Paint, work: () => void): number {
  try {
    work();
    return EXIT.ok;
  } catch (error) {
    return tellError(error, options, paint).exitCode;
  }
}

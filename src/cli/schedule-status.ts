import { resolve } from "node:path";
import { escapeLine } from "../core/byte-text.ts";
import type { Paint } from "../report/paint.ts";
import { unitProperties } from "./systemctl.ts";
import { type InstalledSchedule, installedSchedules } from "./unit-files.ts";

/** When a nightly run comes next and how the last one ended, as systemd knows it. */
export interface ScheduleState {
  /** As systemd prints it, in local time; absent while the timer is not running. */
  next?: string;
  last?: string;
  /** Of the last run; absent before the first, and after one that a signal ended. */
  exitCode?: number;
  /** `success`, `exit-code`, `timeout`, `signal` …, as systemd.service(5) calls them. */
  result?: string;
  running: boolean;
}

/** The installed schedules of a playbook, by its path or a unit's name; all without one. The system's come first. */
export function chosenSchedules(
  playbook: string | undefined,
  environment: NodeJS.ProcessEnv,
): InstalledSchedule[] {
  const all = (["system", "user"] as const).flatMap((scope) => installedSchedules(scope, environment));
  if (playbook === undefined) return all;
  const path = resolve(playbook);
  return all.filter((one) => one.playbook === path || one.name === playbook);
}

/** Asks systemd about a schedule. @throws LfceError `systemctl-failed` */
export function scheduleState({ name, scope }: Pick<InstalledSchedule, "name" | "scope">): ScheduleState {
  const timer = unitProperties(scope, `${name}.timer`, ["ActiveState", "NextElapseUSecRealtime"]);
  const service = unitProperties(scope, `${name}.service`, [
    "ActiveState",
    "ExecMainStartTimestamp",
    "ExecMainExitTimestamp",
    "ExecMainCode",
    "ExecMainStatus",
    "Result",
  ]);
  const { ExecMainStartTimestamp: started, ExecMainExitTimestamp: ended, Result: result } = service;
  const running = service.ActiveState === "activating";
  return {
    running,
    ...(timer.ActiveState === "active" && timer.NextElapseUSecRealtime
      ? { next: timer.NextElapseUSecRealtime }
      : {}),
    ...(started ? { last: started } : {}),
    ...(ended && !running && service.ExecMainCode === EXITED
      ? { exitCode: Number(service.ExecMainStatus) }
      : {}),
    ...(ended && !running && result ? { result } : {}),
  };
}

/** CLD_EXITED of sigaction(2): the process ended by itself. */
const EXITED = "1";

/** A schedule as people read it. */
export function scheduleText(
  { name, playbook, scope }: InstalledSchedule,
  { next, last, exitCode, result, running }: ScheduleState,
  paint: Paint,
): string {
  const ending =
    exitCode === undefined
      ? result === "success" || result === undefined
        ? ""
        : paint.red(`, systemd says: ${result}`)
      : `, ${exitText(exitCode, paint)}`;
  const latest = running ? "running now" : last === undefined ? "none yet" : `${last}${ending}`;
  return [
    `${paint.bold(name)}  ${escapeLine(playbook)}${scope === "user" ? paint.dim("  (user)") : ""}`,
    `  next run  ${next ?? paint.red("none: the timer is not active")}`,
    `  last run  ${latest}\n`,
  ].join("\n");
}

function exitText(code: number, paint: Paint): string {
  const meaning = MEANING[code] ?? "not one of lfce's: see the journal of the service";
  const text = `exit code ${code}: ${meaning}`;
  return code === 0 ? paint.green(text) : code === 2 ? paint.yellow(text) : paint.red(text);
}

const MEANING: Readonly<Record<number, string>> = {
  0: "as declared",
  1: "an error of lfce",
  2: "drift found",
  3: "a host failed or could not be reached",
  64: "something is wrong in the playbook, the inventory or the options",
  130: "interrupted",
};

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { LfceError } from "../core/errors.ts";
import { UNIT_PREFIX } from "../schedule/nightly-run.ts";
import { playbookOfUnit } from "../schedule/units.ts";
import type { SystemdScope } from "./systemctl.ts";

/** A schedule that lfce wrote. */
export interface InstalledSchedule {
  name: string;
  playbook: string;
  scope: SystemdScope;
}

/** Where units of one's own belong (systemd.unit(5)). */
export function unitDirectory(scope: SystemdScope, environment: NodeJS.ProcessEnv): string {
  if (scope === "system") return "/etc/systemd/system";
  const { HOME, XDG_CONFIG_HOME: base } = environment;
  return join(base?.startsWith("/") ? base : join(HOME || homedir(), ".config"), "systemd/user");
}

/**
 * Writes both units of a schedule, each whole or not at all.
 * @throws LfceError `schedule-name-taken` where units of this name are not this playbook's, `schedule-not-written`
 */
export function writeUnits(
  directory: string,
  { name, playbook }: Pick<InstalledSchedule, "name" | "playbook">,
  units: { service: string; timer: string },
): void {
  const files = [
    { path: join(directory, `${name}.service`), text: units.service },
    { path: join(directory, `${name}.timer`), text: units.timer },
  ];
  for (const { path } of files) {
    const there = readIfThere(path);
    const owner = there === undefined ? playbook : playbookOfUnit(there);
    if (owner === playbook) continue;
    throw new LfceError({
      code: "schedule-name-taken",
      message: `${path} ${owner === undefined ? "was not written by lfce" : `belongs to the playbook ${owner}`}`,
      hint: "choose another name with --name",
    });
  }
  try {
    mkdirSync(directory, { recursive: true });
    for (const { path, text } of files) {
      const temporary = `${path}.${process.pid}.new`;
      writeFileSync(temporary, text, { mode: 0o644 });
      renameSync(temporary, path);
    }
  } catch (error) {
    throw new LfceError({
      code: "schedule-not-written",
      message: `cannot write units to ${directory} (${(error as NodeJS.ErrnoException).code})`,
      hint: "become root, or use --user; --print shows the units, --cron a line for cron",
    });
  }
}

/** Removes both units of a schedule. */
export function removeUnits(directory: string, name: string): void {
  for (const ending of ["timer", "service"]) rmSync(join(directory, `${name}.${ending}`), { force: true });
}

/** The schedules that lfce wrote to a directory of units, by name. */
export function installedSchedules(scope: SystemdScope, environment: NodeJS.ProcessEnv): InstalledSchedule[] {
  const directory = unitDirectory(scope, environment);
  return timersIn(directory).flatMap((file) => {
    const playbook = playbookOfUnit(readIfThere(join(directory, file)) ?? "");
    return playbook === undefined ? [] : [{ name: file.replace(/\.timer$/, ""), playbook, scope }];
  });
}

function timersIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((file) => file.startsWith(UNIT_PREFIX) && file.endsWith(".timer"))
      .sort();
  } catch {
    return [];
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

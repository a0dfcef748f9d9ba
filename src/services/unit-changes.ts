import { errorData, type LfceErrorData } from "../core/errors.ts";
import type { UnitChange } from "../core/host-plan.ts";
import type { ObservedFile, ObservedHost, ObservedUnit, RestartRecord } from "../core/observed.ts";

/** What one unit needs so that it is enabled, running, and has read the files that are there. */
export interface UnitPlan {
  /** In the order in which they are to be carried out: enable, then start or restart. */
  changes: UnitChange[];
  /** Not empty: the unit cannot be had as declared (masked, or not there although the package is). */
  errors: LfceErrorData[];
}

/** UnitFileState values with which systemd starts the unit at boot, or something else sees to it. */
const startsAtBoot = new Set(["enabled", "static", "alias", "indirect", "generated", "linked"]);

/** Two clocks' readings of one start differ by rounding only; seconds. */
const sameStart = 0.01;

/**
 * Plans enable, start and restart of a unit that is to run. `loadedFiles` are the paths that the daemon reads
 * (files, and the directories it includes from); `changing` are those that the plan rewrites. A daemon that
 * runs with files older than those that are there (a restart was lost) is restarted as well.
 */
export function planUnit(
  unit: string,
  observed: ObservedHost,
  loadedFiles: readonly string[],
  changing: readonly string[],
): UnitPlan {
  const found = observed.units[unit];
  const error = unitError(unit, observed);
  if (!found || error) return { changes: [], errors: error ? [error] : [] };

  const changes: UnitChange[] = [];
  if (isLeftOutAtBoot(found)) changes.push({ unit, action: "enable", reason: notAtBoot(found) });
  if (!isRunning(found)) {
    // A unit that systemd is restarting in a loop needs a restart to leave the loop's waiting time.
    const action = found.active === "activating" ? "restart" : "start";
    changes.push({ unit, action, reason: notRunning(found) });
    return { changes, errors: [] };
  }
  changes.push(...restart(unit, changing, staleReason(found, observed, loadedFiles)));
  return { changes, errors: [] };
}

/** What makes it impossible to have the unit as declared: masked, not there, not loadable. */
export function unitError(unit: string, observed: ObservedHost): LfceErrorData | undefined {
  const found = observed.units[unit];
  if (!found || found.load === "not-found") {
    return errorData(
      "unit-not-found",
      `there is no unit ${unit} on the host, although its package is installed`,
      `look at: systemctl status ${unit}`,
    );
  }
  const masked = maskedError(unit, observed);
  if (masked || found.load === "loaded") return masked;
  return errorData(
    "unit-broken",
    `systemd cannot load the unit ${unit} (${found.load})`,
    `look at: systemctl status ${unit}`,
  );
}

/** Whether nothing starts the unit at boot. */
export function isLeftOutAtBoot({ enabled }: ObservedUnit): boolean {
  return enabled !== "" && !startsAtBoot.has(enabled);
}

/** That the unit does not start at boot, in words. */
export function notAtBoot({ unit, enabled }: ObservedUnit): string {
  return `${unit} does not start at boot (${enabled})`;
}

/** That the unit does not run, in words. */
export function notRunning({ unit, active, sub }: ObservedUnit): string {
  return `${unit} is not running (${active}${sub === "" ? "" : `, ${sub}`})`;
}

/** The error that somebody masked the unit: it is never unmasked, nor a package installed that could not run. */
export function maskedError(unit: string, observed: ObservedHost): LfceErrorData | undefined {
  const found = observed.units[unit];
  if (found?.load !== "masked" && !found?.enabled.startsWith("masked")) return undefined;
  return errorData(
    "unit-masked",
    `${unit} is masked: somebody decided that it must not run, and lfce does not undo that`,
    `if it may run: systemctl unmask ${unit}`,
  );
}

/** Plans for a unit of which lfce only takes settings away: what runs with other files than those is restarted. */
export function planRestart(
  unit: string,
  observed: ObservedHost,
  loadedFiles: readonly string[],
  changing: readonly string[],
): UnitChange[] {
  const found = observed.units[unit];
  if (!found || !isRunning(found)) return [];
  return restart(unit, changing, staleReason(found, observed, loadedFiles));
}

function restart(unit: string, changing: readonly string[], stale: string | undefined): UnitChange[] {
  if (changing.length > 0) {
    return [{ unit, action: "restart", reason: `${unit} reads ${someFiles(changing)} only when it starts` }];
  }
  return stale === undefined ? [] : [{ unit, action: "restart", reason: `${unit} ${stale}` }];
}

/** Why the running daemon has not read what is there now; undefined: it has, or nobody can know. */
function staleReason(
  unit: ObservedUnit,
  observed: ObservedHost,
  loadedFiles: readonly string[],
): string | undefined {
  const [path] = changedSinceItStarted(unit, observed, loadedFiles);
  return path === undefined ? undefined : startedBefore(path);
}

/** That a daemon has not read what is in a file now, in words that follow its name. */
export function startedBefore(path: string): string {
  return `was started before ${path} changed`;
}

/**
 * The files and directories among `loadedFiles` that changed after the running daemon had read them, the most telling
 * first. Empty: none did, or nobody can know.
 */
export function changedSinceItStarted(
  unit: ObservedUnit,
  observed: ObservedHost,
  loadedFiles: readonly string[],
): string[] {
  if (unit.startedAt === undefined) return [];
  const record = observed.restartRecords.find(
    (one) =>
      one.unit === unit.unit &&
      one.bootId === observed.bootId &&
      Math.abs(one.startedAt - (unit.startedAt as number)) < sameStart,
  );
  if (record) return changedSinceRecord(record, observed, loadedFiles);
  return changedSinceStart(unit.startedAt, observed, loadedFiles);
}

function changedSinceRecord(
  record: RestartRecord,
  observed: ObservedHost,
  loadedFiles: readonly string[],
): string[] {
  const paths = new Set(Object.keys(record.checksums));
  for (const path of loadedFiles) if (isContent(observed.files[path])) paths.add(path);
  return [...paths].filter((path) => record.checksums[path] !== observed.files[path]?.sha256).sort();
}

/**
 * Without a record of lfce's own only times can tell: of the files and of their directories, where a removed
 * file leaves its trace; the newest first. A time in the future says nothing.
 */
function changedSinceStart(
  startedAt: number,
  observed: ObservedHost,
  loadedFiles: readonly string[],
): string[] {
  const newer: { path: string; time: number }[] = [];
  for (const path of loadedFiles) {
    const file = observed.files[path];
    if (!file || file.kind === "missing") continue;
    const time = Math.max(file.mtime ?? 0, file.ctime ?? 0);
    if (time > observed.now) return [];
    if (time > startedAt) newer.push({ path, time });
  }
  return newer.sort((a, b) => b.time - a.time).map(({ path }) => path);
}

/** Whether a unit runs or is on its way there; one that systemd starts again and again is not. */
export function isRunning(unit: ObservedUnit | undefined): boolean {
  if (unit?.active === "active" || unit?.active === "reloading") return true;
  return unit?.active === "activating" && unit.sub !== "auto-restart";
}

function isContent(file: ObservedFile | undefined): boolean {
  return file?.sha256 !== undefined;
}

/** A log server has a file for each client: the first ones say enough. */
function someFiles(paths: readonly string[]): string {
  const more = paths.length - 3;
  return more > 1 ? `${paths.slice(0, 3).join(", ")} and ${more} more` : paths.join(", ");
}

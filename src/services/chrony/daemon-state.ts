import type { ObservedHost, ObservedUnit } from "../../core/observed.ts";

/** Units of other programs that set the clock, each with the command that stops it for good. */
export const OTHER_TIME_DAEMONS = ["ntp", "ntpd", "ntpsec", "openntpd", "systemd-timesyncd"] as const;

/** A unit of the host by its name, with or without `.service`. */
export function unitOf(observed: ObservedHost, name: string): ObservedUnit | undefined {
  return observed.units[name] ?? observed.units[`${name}.service`];
}

/** Whether the unit runs, or is on its way there. */
export function isRunning(unit: ObservedUnit | undefined): boolean {
  return unit?.active === "active" || unit?.active === "reloading" || unit?.active === "activating";
}

/** The first other time daemon that runs on the host; undefined: none. */
export function otherTimeDaemon(observed: ObservedHost): string | undefined {
  return OTHER_TIME_DAEMONS.find((name) => isRunning(unitOf(observed, name)));
}

export function isInstalled(observed: ObservedHost, unit: string): boolean {
  return (
    observed.versions.chrony !== undefined ||
    observed.programs.chronyd !== undefined ||
    unitOf(observed, unit)?.load === "loaded"
  );
}

/** Start times closer than this, in seconds, are one start. */
const SAME_START = 0.05;

/**
 * Whether the daemon runs with other files than those on disk: `true` with the path that changed. With a
 * record of lfce's own restart of this very start, checksums decide; else the newest change of a file or
 * include directory against the daemon's start. A time in the future decides nothing.
 * @param paths the files that it loads, without `.sources` files (chronyd re-reads those without a restart)
 * @param directories include directories: a file that was removed from one shows in its times only
 */
export function staleBecauseOf(
  observed: ObservedHost,
  unitName: string,
  paths: readonly string[],
  directories: readonly string[],
): string | undefined {
  const unit = unitOf(observed, unitName);
  if (!isRunning(unit) || unit?.startedAt === undefined) return undefined;
  const started = unit.startedAt;
  const record = observed.restartRecords.find(
    (candidate) =>
      (candidate.unit === unitName || candidate.unit === `${unitName}.service`) &&
      candidate.bootId === observed.bootId &&
      Math.abs(candidate.startedAt - started) < SAME_START,
  );
  if (record) {
    const recorded = Object.keys(record.checksums).filter((path) => !path.endsWith(".sources"));
    const gone = recorded.find((path) => !paths.includes(path));
    return gone ?? paths.find((path) => record.checksums[path] !== observed.files[path]?.sha256);
  }
  return [...paths, ...directories].find((path) => {
    const file = observed.files[path];
    const newest = Math.max(file?.mtime ?? 0, file?.ctime ?? 0);
    return newest > started && newest <= observed.now;
  });
}

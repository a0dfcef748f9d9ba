import { errorData, type LfceErrorData } from "../../core/errors.ts";
import type { FileChange, UnitChange } from "../../core/host-plan.ts";
import type { ObservedHost } from "../../core/observed.ts";
import { isRunning, otherTimeDaemon, staleBecauseOf, unitOf } from "./daemon-state.ts";
import { includeDirectories } from "./observation.ts";

/** What stands in the way of running chronyd: a masked unit, another program that sets the clock. */
export function unitErrors(observed: ObservedHost, unit: string): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  const state = unitOf(observed, unit);
  if (state?.load === "masked" || state?.enabled.startsWith("masked")) {
    errors.push(
      errorData(
        "chrony-unit-masked",
        `the unit ${unit} is masked: somebody decided that chronyd shall not run here`,
        `if it shall: systemctl unmask ${unit}`,
      ),
    );
  }
  const other = otherTimeDaemon(observed);
  if (other) {
    errors.push(
      errorData(
        "chrony-other-time-daemon",
        `${other} is running: two programs would set this host's clock`,
        `systemctl disable --now ${other}`,
      ),
    );
  }
  return errors;
}

/** Enables, starts and restarts the unit as needed. Absent roles only restart what runs with changed files. */
export function planUnits(
  observed: ObservedHost,
  unit: string,
  present: boolean,
  files: readonly FileChange[],
  loadedFiles: readonly string[],
  mainFile: string,
): UnitChange[] {
  const changes: UnitChange[] = [];
  const state = unitOf(observed, unit);
  const running = isRunning(state);
  if (present && state?.enabled === "disabled") {
    changes.push({ unit, action: "enable", reason: `${unit} is disabled and would not start at boot` });
  }
  if (!running) {
    if (present)
      changes.push({ unit, action: "start", reason: `${unit} is ${state?.active ?? "not running"}` });
    return changes;
  }
  if (files.length > 0) {
    const paths = files.map((file) => file.path).join(", ");
    changes.push({ unit, action: "restart", reason: `chronyd reads ${paths} only when it starts` });
    return changes;
  }
  const stale = staleBecauseOf(observed, unit, loadedFiles, includeDirectories(mainFile, observed));
  if (stale !== undefined) {
    changes.push({ unit, action: "restart", reason: `${stale} changed after ${unit} had started` });
  }
  return changes;
}

import { errorData, type LfceErrorData } from "../../core/errors.ts";
import type { ObservedHost } from "../../core/observed.ts";
import { isRunning } from "../unit-changes.ts";

/** Units of other programs that set the clock: chronyd must not run beside any of them. */
export const OTHER_TIME_DAEMONS = ["ntp", "ntpd", "ntpsec", "openntpd", "systemd-timesyncd"] as const;

/** The unit, without `.service`, of another time daemon that runs; undefined: none does. */
export function runningTimeDaemon(observed: ObservedHost): string | undefined {
  return OTHER_TIME_DAEMONS.find((name) =>
    [name, `${name}.service`].some((unit) => isRunning(observed.units[unit])),
  );
}

/** The error that another time daemon runs, with the command that stops it for good; undefined: none does. */
export function otherTimeDaemonError(observed: ObservedHost): LfceErrorData | undefined {
  const other = runningTimeDaemon(observed);
  if (other === undefined) return undefined;
  return errorData(
    "other-time-daemon",
    `${other} is running: two programs would set this host's clock`,
    `systemctl disable --now ${other}`,
  );
}

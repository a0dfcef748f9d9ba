import type { HostFinished } from "../core/events.ts";

/** Hosts that the summary repeats at the end, because somebody has to do something about them. */
export function isProblem(event: HostFinished): boolean {
  return (
    ["failed", "rolled-back", "unreachable", "drifted"].includes(event.status) ||
    (event.error !== undefined && event.error.code !== "declined")
  );
}

/** Whether there is more to say of a host than that it is as declared and every proof has passed. */
export function saysSomething(event: HostFinished): boolean {
  return (
    event.status !== "unchanged" ||
    event.warnings.length > 0 ||
    (event.resolved ?? []).length > 0 ||
    event.checks.some(({ result }) => result !== "passed")
  );
}

import type { HostFinished } from "../core/events.ts";

/** Hosts that the summary repeats at the end, because somebody has to do something about them. */
export function isProblem(event: HostFinished): boolean {
  return (
    ["failed", "rolled-back", "unreachable", "drifted"].includes(event.status) ||
    (event.error !== undefined && event.error.code !== "declined")
  );
}

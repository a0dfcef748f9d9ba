import type { Warning } from "../core/errors.ts";
import type { HostSession } from "../core/host-session.ts";

/** What is odd about a connection, each thing once: making it may have taken several attempts. */
export function connectionWarnings({ warnings = [] }: HostSession): Warning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
}

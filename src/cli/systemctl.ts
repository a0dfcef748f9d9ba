import { spawnSync } from "node:child_process";
import { LfceError } from "../core/errors.ts";

/** Whose systemd is meant. */
export type SystemdScope = "system" | "user";

/**
 * Calls systemctl(1) and returns what it prints.
 * @throws LfceError `systemctl-failed`, `no-systemd`
 */
export function systemctl(scope: SystemdScope, args: readonly string[]): string {
  const words = [...(scope === "user" ? ["--user"] : []), "--no-ask-password", "--no-pager", ...args];
  const { status, stdout, stderr, error } = spawnSync("systemctl", words, { encoding: "utf8" });
  if (error) {
    throw new LfceError({
      code: "no-systemd",
      message: `systemctl cannot be started (${(error as NodeJS.ErrnoException).code})`,
      hint: "print a line for cron with --cron",
    });
  }
  if (status === 0) return stdout;
  const said = stderr.trim().split("\n").slice(0, 3).join("; ");
  throw new LfceError({
    code: "systemctl-failed",
    message: `systemctl ${args[0]} ended with exit code ${status}${said === "" ? "" : `: ${said}`}`,
    hint:
      scope === "user"
        ? "log in as this user, so that its systemd runs, or install for the system as root"
        : "become root, or use --user; --print shows the units, --cron a line for cron",
  });
}

/** Properties of a unit as `systemctl show` prints them; empty where a property is not set. */
export function unitProperties(
  scope: SystemdScope,
  unit: string,
  names: readonly string[],
): Record<string, string> {
  const text = systemctl(scope, ["show", `--property=${names.join(",")}`, "--", unit]);
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

import { execFileSync } from "node:child_process";
import type { TestContext } from "node:test";

/** Full path of a program on this machine, or undefined. */
export function which(program: string): string | undefined {
  try {
    return execFileSync("sh", ["-c", 'command -v "$1"', "sh", program], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

/** Skips the test, loudly, where the machine lacks the shell. */
export function usesShell(t: TestContext, program: string): boolean {
  if (which(program) !== undefined) return true;
  t.skip(`${program} is not installed: scripts were not tried with it`);
  return false;
}

/** The shells that remote scripts must work under. A link named `sh` to `path()` makes each of them sh. */
export const scriptShells = ["dash", "bash", "busybox"].map((program) => ({
  name: program === "busybox" ? "busybox sh" : program,
  program,
  path: (): string => which(program) ?? program,
}));

import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Where lfce keeps what it remembers between runs on the machine it runs on: `--state-dir`, else `lfce` below
 * XDG_STATE_HOME (XDG Base Directory Specification: a relative value does not count), else below ~/.local/state.
 */
export function stateDirectory(given: string | undefined, environment: NodeJS.ProcessEnv): string {
  if (given !== undefined) return resolve(given);
  const { HOME, XDG_STATE_HOME: base } = environment;
  return join(base?.startsWith("/") ? base : join(HOME || homedir(), ".local/state"), "lfce");
}

import nodeModule from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Lets Node keep what it has compiled, where it can (from 22.8 on): below XDG_CACHE_HOME, not in a directory for
 * temporary files that others can write to, because what lies there is run. Where nothing can be written nothing is kept.
 */
export function keepCompiled(environment: NodeJS.ProcessEnv): void {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (directory: string) => unknown };
  const { HOME, XDG_CACHE_HOME: base } = environment;
  enableCompileCache?.(join(base?.startsWith("/") ? base : join(HOME || homedir(), ".cache"), "lfce"));
}

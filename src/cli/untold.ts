import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { playbookDirectory } from "../history/places.ts";

/**
 * Who could not be told of a playbook's last news, so that the next run tells them: what is new only once must not
 * get lost because a mail server was down that night. Targets are kept as hashes: they may be secrets.
 */
export interface Untold {
  has(target: string): boolean;
  /**
   * Notes who of those that this run was to tell is still to be told; whoever it does not know of waits on.
   * Best effort: without a state directory nobody is told again.
   */
  keep(waiting: readonly string[], targets: readonly string[]): void;
}

/** Reads who is still to be told about a playbook. */
export function untoldOf(stateDirectory: string, playbookFile: string): Untold {
  const name = basename(playbookDirectory(stateDirectory, playbookFile));
  const path = join(stateDirectory, "untold", `${name}.json`);
  const known = new Set(read(path));
  return {
    has: (target) => known.has(hashOf(target)),
    keep(waiting, targets) {
      const own = new Set(targets.map(hashOf));
      const kept = new Set([...[...known].filter((one) => !own.has(one)), ...waiting.map(hashOf)]);
      try {
        if (kept.size === 0) return rmSync(path, { force: true });
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        const temporary = `${path}.${process.pid}.new`;
        writeFileSync(temporary, JSON.stringify([...kept]), { mode: 0o600 });
        renameSync(temporary, path);
      } catch {
        // The run's warning that the target could not be told stands; the history says that it is not writable.
      }
    },
  };
}

function hashOf(target: string): string {
  return createHash("sha256").update(target).digest("hex");
}

function read(path: string): string[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

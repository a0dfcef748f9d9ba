import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { removeCgroups } from "./cgroups.ts";
import { withLock } from "./lock.ts";
import { killMachine, wipeMachine } from "./machine.ts";
import { unmountBelow } from "./mounts.ts";
import { removeNetwork } from "./network.ts";
import { isThere, labPaths } from "./paths.ts";
import type { Progress } from "./progress.ts";
import { knownLabs, labCondition } from "./record.ts";

/**
 * Removes everything of a lab, whether it is whole or what a crash left: processes, cgroups, links, mounts,
 * the namespace and all files. The caller holds the lab's lock.
 */
export async function tearDown(name: string): Promise<void> {
  const paths = labPaths(name);
  const machines = join(paths.state, "machines");
  const names = isThere(machines) ? readdirSync(machines) : [];
  await Promise.all(names.map((machine) => killMachine(name, machine)));
  await removeNetwork(paths);
  await removeCgroups(paths.cgroup);
  await Promise.all(names.map((machine) => wipeMachine(name, machine, false)));
  await unmountBelow(paths.state);
  // The record goes last: until then a crash of this very function is found by the next `clean`.
  for (const path of [machines, paths.open, paths.state]) rmSync(path, { recursive: true, force: true });
  for (const parent of [dirname(paths.state), dirname(paths.open)]) removeIfEmpty(parent);
}

/** Removes a lab of any condition; false if there was none. */
export async function removeLab(name: string, say: Progress): Promise<boolean> {
  const paths = labPaths(name);
  const waiting = () => say(`waiting for another command on the lab "${name}"`);
  const done = await withLock(paths.lock, { waiting }, async () => {
    if (labCondition(name) === "absent" && !isThere(paths.open)) return false;
    await tearDown(name);
    return true;
  });
  return done === true;
}

/** Removes every lab that a crash left, and leaves those in use alone. */
export async function removeLeftOvers(say: Progress): Promise<void> {
  for (const name of knownLabs()) {
    const removed = await withLock(labPaths(name).lock, { impatient: true }, async () => {
      if (labCondition(name) !== "left over") return false;
      await tearDown(name);
      return true;
    });
    say(removed ? `removed what was left of the lab "${name}"` : `the lab "${name}" is in use: left alone`);
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "ENOENT" && code !== "EBUSY") throw error;
  }
}

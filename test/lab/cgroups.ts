import { mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { labError } from "./errors.ts";
import { isThere } from "./paths.ts";
import { waitFor } from "./processes.ts";

/**
 * The cgroup trees that systemd uses on this box: the unified one and, on a box with both versions, the
 * one named systemd. A machine gets a group of its own in each.
 */
export function cgroupTrees(): string[] {
  const lines = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const trees = lines
    .map((line) => line.split(" "))
    .filter(([, , type, options]) => {
      return type === "cgroup2" || (type === "cgroup" && options?.split(",").includes("name=systemd"));
    });
  return trees.flatMap(([, target]) => (target === undefined ? [] : [target]));
}

/** Makes the group `name` in every tree and returns its directories. */
export function createCgroups(name: string): string[] {
  const directories = cgroupTrees().map((tree) => join(tree, name));
  for (const directory of directories) mkdirSync(directory, { recursive: true });
  return directories;
}

/**
 * Seconds of processor time, user and system, that all processes of the group `name` have taken until now, ended ones
 * and groups below included (`usage_usec` of cpu.stat, which every version 2 tree has, with or without its cpu
 * controller). Throws where there is no such tree.
 */
export function cgroupCpuSeconds(name: string): number {
  for (const tree of cgroupTrees()) {
    const file = join(tree, name, "cpu.stat");
    const microseconds = isThere(file) && /^usage_usec (\d+)$/m.exec(readFileSync(file, "utf8"))?.[1];
    if (microseconds) return Number(microseconds) / 1e6;
  }
  throw labError(`no cgroup tree of this box counts the processor time of ${name} (cgroup version 2)`);
}

/**
 * Ends every process in the group `name`, removes it from every tree, the deepest first, and then its parents
 * if they are empty.
 */
export async function removeCgroups(name: string): Promise<void> {
  for (const tree of cgroupTrees()) {
    const directory = join(tree, name);
    if (isThere(directory)) await removeTree(directory);
    for (let parent = dirname(directory); parent !== tree; parent = dirname(parent)) {
      if (isThere(parent) && !removeIfEmpty(parent)) break;
    }
  }
}

async function removeTree(directory: string): Promise<void> {
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const child of children) await removeTree(join(directory, child.name));
  // A group is busy until the kernel is done with the last process in it. One may be left, or even appear:
  // when nspawn is killed as it starts, the init it has just made goes on without it.
  const isGone = () => {
    killMembers(directory);
    return removeIfEmpty(directory);
  };
  await waitFor(`the processes in ${directory} to end`, isGone, { seconds: 20 });
}

function killMembers(directory: string): void {
  const file = join(directory, "cgroup.procs");
  if (!isThere(file)) return;
  for (const pid of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function removeIfEmpty(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return true;
    if (code === "EBUSY" || code === "ENOTEMPTY") return false;
    throw error;
  }
}

import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { labError } from "./errors.ts";

/** The network of every lab; each lab has it to itself in a namespace of its own. */
export const network = {
  prefix: 20,
  cidr: "172.31.96.0/20",
  controller: "172.31.96.1",
  /** Without one of its own a bridge takes the lowest of its cables', which changes with each power cut. */
  controllerMac: "02:00:00:00:00:01",
  bridge: "lab0",
} as const;

/** The address of the Nth machine of a lab (N from 1): 172.31.96.11, .12, … */
export function addressOf(number: number): string {
  const offset = 10 + number;
  return `172.31.${96 + Math.floor(offset / 256)}.${offset % 256}`;
}

/** The folder of the project that the lab belongs to. */
export const projectRoot = resolve(import.meta.dirname, "../..");

/** Where images are kept between labs: LFCE_LAB_CACHE or /var/cache/lfce-lab. */
export function cacheDirectory(): string {
  return resolve(process.env.LFCE_LAB_CACHE || "/var/cache/lfce-lab");
}

/** Where running labs keep their machines: LFCE_LAB_STATE or /var/lib/lfce-lab. */
export function stateDirectory(): string {
  return resolve(process.env.LFCE_LAB_STATE || "/var/lib/lfce-lab");
}

/** Every path and global name that belongs to one lab. */
export type LabPaths = {
  /** The machines' own files and the lab's records; root only. */
  readonly state: string;
  /** The record of the lab. */
  readonly record: string;
  /** What tests and people use: key, known_hosts, inventory. */
  readonly open: string;
  readonly inventory: string;
  readonly knownHosts: string;
  readonly privateKey: string;
  /** The name of the network namespace, and the file that stands for it. */
  readonly namespaceName: string;
  readonly namespace: string;
  /** The lab's group below each cgroup tree. */
  readonly cgroup: string;
  /** Held by `up` and `down` (exclusive) and while a machine restarts (shared). */
  readonly lock: string;
};

const namespacePrefix = "lfce-";

/** Names what belongs to the lab `name`. Throws when the name could not be one. */
export function labPaths(name: string): LabPaths {
  checkName("lab", name, 20);
  const state = join(stateDirectory(), name);
  const open = join(projectRoot, ".lab", name);
  const namespaceName = `${namespacePrefix}${name}`;
  return {
    state,
    record: join(state, "lab.json"),
    open,
    inventory: join(open, "inventory.yml"),
    knownHosts: join(open, "known_hosts"),
    privateKey: join(open, "id_ed25519"),
    namespaceName,
    namespace: join("/run/netns", namespaceName),
    cgroup: `lfce-lab/${name}`,
    lock: join(cacheDirectory(), "locks", `lab-${name}.lock`),
  };
}

/** The lab's name if `namespaceName` is that of a lab's namespace. */
export function labOfNamespace(namespaceName: string): string | undefined {
  return namespaceName.startsWith(namespacePrefix) ? namespaceName.slice(namespacePrefix.length) : undefined;
}

/** Every path that belongs to one machine of a lab. */
export type MachinePaths = {
  readonly directory: string;
  readonly upper: string;
  readonly work: string;
  readonly root: string;
  readonly hostKeys: string;
  readonly console: string;
  readonly record: string;
  /** The machine's name for nspawn: unique on the box. */
  readonly nspawnName: string;
  readonly cgroup: string;
};

/** Names what belongs to the machine `machine` of `lab`. Throws when the name could not be one. */
export function machinePaths(lab: string, machine: string): MachinePaths {
  checkName("machine", machine, 30);
  const paths = labPaths(lab);
  const directory = join(paths.state, "machines", machine);
  return {
    directory,
    upper: join(directory, "upper"),
    work: join(directory, "work"),
    root: join(directory, "root"),
    hostKeys: join(directory, "host-keys"),
    console: join(directory, "console.log"),
    record: join(directory, "machine.json"),
    nspawnName: `${lab}.${machine}`,
    cgroup: `${paths.cgroup}/${machine}`,
  };
}

/** Whether something is at `path`; other errors than its absence are thrown. */
export function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function checkName(what: string, name: string, longest: number): void {
  if (!/^[a-z][a-z0-9-]*$/.test(name) || name.length > longest)
    throw labError(
      `"${name}" cannot be the name of a ${what}`,
      `Use lower-case letters, digits and hyphens, a letter first, at most ${longest} characters.`,
    );
}

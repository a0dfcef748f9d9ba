import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createCgroups, removeCgroups } from "./cgroups.ts";
import { labError } from "./errors.ts";
import { mountOverlay, mountsBelow, unmountBelow } from "./mounts.ts";
import { findLink, inNamespace, removeLink } from "./network.ts";
import { isThere, labPaths, machinePaths, network } from "./paths.ts";
import { identify, isAlive, kill, type ProcessId, run, waitFor } from "./processes.ts";
import type { ImageName } from "./recipes.ts";
import { seed } from "./seed.ts";

/** A machine as the lab's record has it; `number` counts from 1 and decides its address. */
export type MachineSpec = {
  readonly name: string;
  readonly image: ImageName;
  readonly number: number;
  readonly address: string;
  /** The directories of the image as it was when the lab started, the lowest first: a reset goes back to it. */
  readonly layers: readonly string[];
};

/** What is written down about a machine's processes. `link` is the bridge's end of its cable. */
type MachineRecord = { readonly nspawn: ProcessId; readonly init?: ProcessId; readonly link?: string };

/** How long a machine may take to boot, in seconds, on a box that is busy. */
const bootSeconds = 60;

/** The record of a machine that was started; undefined if it never was. */
export function machineRecord(lab: string, name: string): MachineRecord | undefined {
  const file = machinePaths(lab, name).record;
  return isThere(file) ? (JSON.parse(readFileSync(file, "utf8")) as MachineRecord) : undefined;
}

/** Whether a machine's systemd runs. */
export function machineRuns(lab: string, name: string): boolean {
  const init = machineRecord(lab, name)?.init;
  return init !== undefined && isAlive(init);
}

/** Puts a machine's root together: its image below, an empty layer of its own above, and what makes it itself. */
export async function installMachine(
  lab: string,
  machine: MachineSpec,
  all: readonly MachineSpec[],
): Promise<void> {
  const paths = machinePaths(lab, machine.name);
  for (const path of [paths.upper, paths.work, paths.root]) mkdirSync(path, { recursive: true });
  await mountOverlay(machine.layers, paths);
  await seed(lab, machine, all);
}

/** Boots a machine and waits until its SSH server answers and its boot is finished. */
export async function bootMachine(lab: string, machine: MachineSpec, signal?: AbortSignal): Promise<void> {
  const paths = machinePaths(lab, machine.name);
  const nspawn = startNspawn(lab, machine.name);
  writeRecord(paths.record, { nspawn });
  const limits = { seconds: bootSeconds, signal };
  const wait = (what: string, condition: () => boolean | Promise<boolean>) =>
    waitFor(
      what,
      () => (isAlive(nspawn) ? condition() : Promise.reject(bootFailure(machine.name, paths.console))),
      limits,
    );

  let init: ProcessId | undefined;
  await wait(`the systemd of ${machine.name}`, () => {
    init = findInit(nspawn.pid);
    return init !== undefined;
  });
  if (!init) throw bootFailure(machine.name, paths.console);
  writeRecord(paths.record, { nspawn, init });
  const { pid } = init;
  await wait(`the SSH server of ${machine.name}`, () => listensOn(pid, 22));
  const banner = inNamespace(labPaths(lab), [
    "bash",
    join(import.meta.dirname, "read-banner.sh"),
    machine.address,
  ]);
  await wait(`the SSH greeting of ${machine.name}`, async () => (await run(banner)).code === 0);
  // "degraded" is an end as well: a unit that failed is for the tests to judge.
  await run(enterMachine(pid, ["systemctl", "is-system-running", "--wait"]), { signal });
  writeRecord(paths.record, { nspawn, init, link: await findLink(labPaths(lab), pid) });
}

/** Ends a machine at once, as a power cut does, and removes what nspawn leaves when it is killed. */
export async function killMachine(lab: string, name: string): Promise<void> {
  const paths = machinePaths(lab, name);
  const record = machineRecord(lab, name);
  const nspawnLock = nspawnLockOf(paths.root);
  if (record) await kill(record.nspawn);
  if (record?.init) await kill(record.init);
  if (record?.link) await removeLink(labPaths(lab), record.link);
  await removeCgroups(paths.cgroup);
  const propagated = join("/run/systemd/nspawn/propagate", paths.nspawnName);
  await unmountBelow(propagated);
  rmSync(propagated, { recursive: true, force: true });
  for (const lock of [nspawnLock, join(paths.directory, ".#root.lck")])
    if (lock) rmSync(lock, { force: true });
  rmSync(paths.record, { force: true });
}

/** Removes all of a machine that was killed, but its host keys if `keepHostKeys`. */
export async function wipeMachine(lab: string, name: string, keepHostKeys: boolean): Promise<void> {
  const paths = machinePaths(lab, name);
  await unmountBelow(paths.directory);
  if (mountsBelow(paths.directory).length > 0) throw labError(`${paths.directory} still has mounts below it`);
  const gone = keepHostKeys ? [paths.upper, paths.work, paths.root] : [paths.directory];
  for (const path of gone) rmSync(path, { recursive: true, force: true });
}

/**
 * A command that runs on the machine whose init is `pid`: in all its namespaces, with its root, and with no
 * capability that the machine itself lacks. Entered with all of root's, it could set the clock of the box.
 */
export function enterMachine(pid: number, argv: readonly string[]): string[] {
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"];
  const lacking = lackingCapabilities(readFileSync(`/proc/${pid}/status`, "utf8"));
  const withoutThem = [
    "setpriv",
    "--inh-caps",
    "-all",
    "--bounding-set",
    lacking.map((name) => `-${name}`).join(","),
  ];
  return [...withoutThem, "--", "nsenter", "--target", String(pid), ...namespaces, "--", ...argv];
}

/** What is not in the bounding set of a process, as setpriv(1) names it; `status` is its proc_pid_status(5). */
function lackingCapabilities(status: string): string[] {
  const bounds = /^CapBnd:\t([0-9a-f]+)$/m.exec(status)?.[1];
  if (bounds === undefined) throw labError("the kernel does not tell what the machine may do (no CapBnd)");
  const last = Number(readFileSync("/proc/sys/kernel/cap_last_cap", "utf8"));
  const all = Array.from({ length: last + 1 }, (_, number) => number);
  return all
    .filter((number) => (BigInt(`0x${bounds}`) & (1n << BigInt(number))) === 0n)
    .map((number) => `cap_${number}`);
}

/** The environment of commands that run on a machine. */
export const machineEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  USER: "root",
  LOGNAME: "root",
  SHELL: "/bin/bash",
  LANG: "C.UTF-8",
} as const;

function startNspawn(lab: string, name: string): ProcessId {
  const paths = machinePaths(lab, name);
  const script = join(import.meta.dirname, "start-machine.sh");
  const cgroups = createCgroups(paths.cgroup);
  const place = [labPaths(lab).namespace, paths.root, paths.nspawnName, name, network.bridge];
  const output = openSync(paths.console, "a");
  // Detached: the machine outlives the command that starts it, and its terminal.
  const child = spawn("sh", [script, ...place, ...cgroups], {
    detached: true,
    stdio: ["ignore", output, output],
  });
  child.unref();
  closeSync(output);
  child.on("error", () => {});
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (!id) throw bootFailure(name, paths.console);
  return id;
}

/** The lock file that nspawn keeps on the root it runs, and leaves when it is killed. */
function nspawnLockOf(root: string): string | undefined {
  const found = statSync(root, { throwIfNoEntry: false });
  return found && `/run/systemd/nspawn/locks/inode-${found.dev}:${found.ino}`;
}

/** nspawn's child is the machine's init when it is process 1 of a namespace of its own. */
function findInit(nspawnPid: number): ProcessId | undefined {
  try {
    const children = readFileSync(`/proc/${nspawnPid}/task/${nspawnPid}/children`, "utf8")
      .split(" ")
      .filter(Boolean);
    const init = children.find((pid) =>
      /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")),
    );
    return init === undefined ? undefined : identify(Number(init));
  } catch {
    return undefined;
  }
}

/** Whether a socket of the machine listens on a TCP port (state 0A in proc_net_tcp). */
function listensOn(pid: number, port: number): boolean {
  const wanted = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, "0")} \\S+ 0A `, "m");
  try {
    return ["tcp", "tcp6"].some((table) => wanted.test(readFileSync(`/proc/${pid}/net/${table}`, "utf8")));
  } catch {
    return false;
  }
}

function writeRecord(file: string, record: MachineRecord): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(record)}\n`);
  renameSync(`${file}.new`, file);
}

function bootFailure(name: string, console: string): Error {
  const said = isThere(console)
    ? readFileSync(console, "utf8").trim().split("\n").slice(-8).join("\n  ")
    : "";
  return labError(
    `${name} did not boot${said && `:\n  ${said}`}`,
    "`npm run lab -- clean` removes what an earlier lab left.",
  );
}

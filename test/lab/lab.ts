import { readFileSync } from "node:fs";
import { labError } from "./errors.ts";
import { ensureImages, imageDirectories } from "./images.ts";
import { createControllerKey, createHostKeys, knownHostLines, writeOpenFiles } from "./keys.ts";
import { withLock } from "./lock.ts";
import {
  bootMachine,
  enterMachine,
  installMachine,
  killMachine,
  type MachineSpec,
  machineEnvironment,
  machineRecord,
  machineRuns,
  wipeMachine,
} from "./machine.ts";
import { createNetwork, inNamespace, setLink } from "./network.ts";
import { addressOf, isThere, labPaths, machinePaths } from "./paths.ts";
import { installPrerequisites, raiseKernelLimits, requireLinuxRoot } from "./prerequisites.ts";
import { identify, type Result, type RunOptions, run, waitFor } from "./processes.ts";
import { type Setup, silent } from "./progress.ts";
import { imageName } from "./recipes.ts";
import { countMachines, labCondition, readRecord, writeRecord } from "./record.ts";
import { removeLab, tearDown } from "./teardown.ts";

/** A machine of a running lab. `pid` is that of its init now; it changes when the machine restarts. */
export type Machine = MachineSpec & { readonly pid: number };

/** A running lab. Every method that takes a machine's name throws when the lab has no such machine. */
export type Lab = {
  readonly name: string;
  readonly machines: readonly Machine[];
  machine(name: string): Machine;
  /** An Ansible inventory of all machines: root, the controller's key, known_hosts. */
  readonly inventoryPath: string;
  readonly knownHostsPath: string;
  readonly privateKeyPath: string;
  /** The file that stands for the lab's network namespace: /run/netns/NAME. */
  readonly namespace: string;
  /** Runs a command on a machine as root, not by SSH: it works when the network or sshd does not. */
  run(machine: string, argv: readonly string[], options?: RunOptions): Promise<Result>;
  /** Runs a command of the controller in the lab's network namespace. */
  runOnController(argv: readonly string[], options?: RunOptions): Promise<Result>;
  /** Writes a file on a machine; an existing one keeps its owner and mode. */
  write(machine: string, path: string, content: string | Uint8Array): Promise<void>;
  /** Puts a machine back to stock and boots it; address and host keys stay. */
  reset(machine: string): Promise<void>;
  /** Ends all processes of a machine at once and boots it again with its files as they are. */
  powerCut(machine: string): Promise<void>;
  /** Shuts a machine down in order, as its own `systemctl reboot` does, and boots it again. */
  reboot(machine: string): Promise<void>;
  /** Pulls a machine's network cable; it keeps its address. */
  linkDown(machine: string): Promise<void>;
  linkUp(machine: string): Promise<void>;
  /** What shows that a machine itself, and not what it was used for, is faulty. Empty is good. */
  failures(machine: string): Promise<string[]>;
  /** Removes the lab and everything that belongs to it. */
  stop(): Promise<void>;
};

/** A machine to start: its name and its image. */
export type MachineRequest = { readonly name: string; readonly image: string };

/** What startLab needs to know. */
export type LabRequest = {
  readonly name: string;
  /** The Nth gets the address 172.31.96.(10 + N). */
  readonly machines: readonly MachineRequest[];
  /** Whether the lab stays when this process ends; otherwise the next start or `clean` removes it. */
  readonly outlive?: boolean;
} & Partial<Setup>;

/** How many machines the kernel's usual limits are enough for; beyond about 25 they fail to boot in silence. */
const machinesWithinLimits = 20;

/** How many machines boot at a time: more only wait for each other. */
const bootsAtOnce = 8;

/**
 * Builds what images are missing and boots a lab. What a crash left of a lab of that name is removed first;
 * one that is in use is an error. On failure, or when `signal` aborts, everything is removed again.
 */
export async function startLab(request: LabRequest): Promise<Lab> {
  const setup: Setup = { say: request.say ?? silent, signal: request.signal };
  const machines = specify(request.name, request.machines);
  const paths = labPaths(request.name);
  requireLinuxRoot();
  await installPrerequisites(setup);
  await ensureImages([...new Set(machines.map((machine) => machine.image))], setup);
  const waiting = () => setup.say(`waiting for another command on the lab "${request.name}"`);
  await withLock(paths.lock, { waiting }, async () => {
    const condition = labCondition(request.name);
    if (condition === "in use")
      throw labError(
        `the lab "${request.name}" is up already`,
        `Remove it first: npm run lab -- down --name ${request.name}`,
      );
    if (condition === "left over") setup.say(`removing what was left of the lab "${request.name}"`);
    await tearDown(request.name);
    try {
      await setUp(request.name, machines, setup);
    } catch (error) {
      setup.say("removing what was set up");
      await tearDown(request.name);
      throw error;
    }
    const record = { name: request.name, machines, ready: true };
    writeRecord(request.outlive ? record : { ...record, owner: thisProcess() });
  });
  return attachLab(request.name);
}

async function setUp(name: string, machines: readonly MachineSpec[], setup: Setup): Promise<void> {
  const paths = labPaths(name);
  writeRecord({ name, machines, owner: thisProcess(), ready: false });
  if (countMachines() > machinesWithinLimits) raiseKernelLimits(setup);
  setup.say(`making the network of the lab "${name}" and its keys`);
  await createNetwork(paths);
  const keysOf = (machine: MachineSpec) => machinePaths(name, machine.name).hostKeys;
  await Promise.all([
    createControllerKey(paths),
    ...machines.map((machine) => createHostKeys(keysOf(machine), machine.name)),
  ]);
  const knownHosts = machines.flatMap((machine) => knownHostLines(keysOf(machine), machine));
  writeOpenFiles(paths, machines, knownHosts);
  await inParallel(bootsAtOnce, machines, async (machine) => {
    setup.signal?.throwIfAborted();
    await installMachine(name, machine, machines);
    await bootMachine(name, machine, setup.signal);
    setup.say(`${machine.name} is up: ${machine.image}, ${machine.address}`);
  });
  setup.signal?.throwIfAborted();
}

/** A handle on a lab that runs. Throws if it does not. */
export function attachLab(name = "lab"): Lab {
  const paths = labPaths(name);
  const record = readRecord(name);
  if (!record?.ready)
    throw labError(`the lab "${name}" is not up`, `Start it: npm run lab -- up --name ${name}`);
  const machines = record.machines.map((spec) => ({
    ...spec,
    get pid() {
      return pidOf(name, spec.name);
    },
  }));
  const machine = (wanted: string) => {
    const found = machines.find((candidate) => candidate.name === wanted);
    if (found) return found;
    const names = machines.map((candidate) => candidate.name).join(", ");
    throw labError(`the lab "${name}" has no machine "${wanted}"`, `Its machines: ${names}.`);
  };
  const runOn: Lab["run"] = (wanted, argv, options = {}) =>
    run(enterMachine(machine(wanted).pid, argv), {
      ...options,
      env: { ...machineEnvironment, ...options.env },
    });
  const restart = (wanted: string, between: (spec: MachineSpec) => Promise<void>, end = async () => {}) =>
    withLock(paths.lock, { shared: true }, async () => {
      const spec = machine(wanted);
      await end();
      await killMachine(name, spec.name);
      await between(spec);
      await bootMachine(name, spec);
    }).then(() => {});
  const setCable = (wanted: string, state: "up" | "down") => {
    const link = machineRecord(name, machine(wanted).name)?.link;
    if (link === undefined) throw labError(`${wanted} has no link: it is not up`);
    return setLink(paths, link, state);
  };
  return {
    name,
    machines,
    machine,
    inventoryPath: paths.inventory,
    knownHostsPath: paths.knownHosts,
    privateKeyPath: paths.privateKey,
    namespace: paths.namespace,
    run: runOn,
    runOnController: (argv, options) => run(inNamespace(paths, argv), options),
    write: async (wanted, path, content) => {
      const result = await runOn(wanted, ["sh", "-c", 'cat >"$1"', "write", path], { stdin: content });
      if (result.code !== 0) throw labError(`could not write ${path} on ${wanted}: ${result.stderr.trim()}`);
    },
    reset: (wanted) =>
      restart(wanted, async (spec) => {
        await wipeMachine(name, spec.name, true);
        await installMachine(name, spec, record.machines);
      }),
    powerCut: (wanted) => restart(wanted, async () => {}),
    reboot: (wanted) =>
      restart(
        wanted,
        async () => {},
        async () => {
          // The command may be cut off by its own success. nspawn ends with the machine; the lab boots it again.
          await runOn(wanted, ["systemctl", "poweroff"]);
          await waitFor(`${wanted} to shut down`, () => !machineRuns(name, wanted), { seconds: 100 });
        },
      ),
    linkDown: (wanted) => setCable(wanted, "down"),
    linkUp: (wanted) => setCable(wanted, "up"),
    failures: async (wanted) => {
      const journal = await runOn(wanted, ["journalctl", "--no-pager", "--quiet", "--output=short-iso"]);
      if (journal.code !== 0) return [`journalctl failed: ${journal.stderr.trim()}`];
      const { console } = machinePaths(name, wanted);
      const lines = [journal.stdout, isThere(console) ? readFileSync(console, "utf8") : ""]
        .join("\n")
        .split("\n");
      return lines.filter((line) =>
        /Failed to kill control group|Too many open files|Disk quota exceeded/.test(line),
      );
    },
    stop: async () => {
      await removeLab(name, silent);
    },
  };
}

function specify(lab: string, requests: readonly MachineRequest[]): MachineSpec[] {
  for (const { name } of requests) machinePaths(lab, name);
  const specs = requests.map(({ name, image }, index) => ({
    name,
    image: imageName(image),
    number: index + 1,
    address: addressOf(index + 1),
    layers: imageDirectories(imageName(image)),
  }));
  const twice = specs.find(({ name }, index) => specs.findIndex((other) => other.name === name) !== index);
  if (twice) throw labError(`two machines are called "${twice.name}"`);
  if (specs.length === 0) throw labError("a lab needs at least one machine");
  return specs;
}

function pidOf(lab: string, machine: string): number {
  const pid = machineRecord(lab, machine)?.init?.pid;
  if (pid === undefined) throw labError(`${machine} is not up`);
  return pid;
}

function thisProcess() {
  return identify(process.pid);
}

/** Does `work` for every item, at most `limit` at a time; all begun work ends before the first error is thrown. */
async function inParallel<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const errors: unknown[] = [];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined && errors.length === 0; item = queue.shift())
      await work(item).catch((error) => errors.push(error));
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (errors.length > 0) throw errors[0];
}

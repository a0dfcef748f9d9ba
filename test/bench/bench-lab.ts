import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timeAndLogs } from "../fleet/playbooks.ts";
import { cgroupCpuSeconds } from "../lab/cgroups.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { labPaths } from "../lab/paths.ts";
import type { Stage } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
/** lfce's own default of `--forks`, which the bare loops use, too. */
const FORKS = 64;
const RESETS_AT_ONCE = 8;

/** Machines for measuring: one time and log server, all others its clients; and what each tool is to be called with. */
export interface BenchLab {
  lab: Lab;
  /** Commands run in the lab's network namespace; the machines' processor time is that of all of them together. */
  stage: Stage;
  /** `lfce COMMAND` on all machines, with what is said here in place of the default; `fresh`: nothing is remembered. */
  lfce(command: string, options?: { forks?: number; output?: "plain" | "json"; fresh?: boolean }): string[];
  ansible(...options: string[]): string[];
  /** The loop of bare-ssh2.mjs, with options of its own. */
  bareSsh2(command: string, ...options: string[]): string[];
  openssh(): string[];
  /** Puts every machine back to stock. */
  toStock(): Promise<void>;
  stop(): Promise<void>;
}

/** Boots `count` machines. They have Python, which Ansible needs. */
export async function startBenchLab(count: number, say: (text: string) => void): Promise<BenchLab> {
  const names = ["server1", ...Array.from({ length: count - 1 }, (_, index) => `client${index + 1}`)];
  const machines = names.map((name) => ({ name, image: "debian12-python" }));
  const lab = await startLab({ name: `bench${count}`, machines, say });
  const directory = mkdtempSync(join(tmpdir(), "lfce-bench-lab-"));
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const inventory = file("inventory.yml", inventoryText(lab));
  const playbook = file("bench.yml", timeAndLogs());
  const hosts = lab.machines.map(({ name, address }) => ({ name, address }));
  const addresses = file("addresses", hosts.map(({ address }) => `${address}\n`).join(""));
  const bare = file(
    "machines.json",
    JSON.stringify({ privateKeyPath: lab.privateKeyPath, forks: FORKS, hosts }),
  );
  const own = (name: string) => join(root, "test/bench", name);
  let runs = 0;
  return {
    lab,
    stage: {
      run: (argv) => lab.runOnController(argv, { env: process.env }),
      machinesCpuSeconds: () => cgroupCpuSeconds(labPaths(lab.name).cgroup),
    },
    lfce: (command, { forks = FORKS, output = "plain", fresh = false } = {}) => [
      process.execPath,
      join(root, "dist/cli/main.js"),
      ...[command, playbook, "-i", inventory, "-o", output, "--forks", String(forks)],
      // What lfce remembers of these machines is no part of the history of whoever measures.
      ...["--state-dir", fresh ? mkdtempSync(join(directory, "fresh-")) : join(directory, "state")],
    ],
    ansible: (...options) => {
      runs += 1;
      const config = `ANSIBLE_CONFIG=${own("ansible/ansible.cfg")}`;
      const nonce = `nonce=bench-${process.pid}-${runs}`;
      const program = ["ansible-playbook", "-i", inventory, "-e", nonce, ...options];
      // A lab that comes next has the same addresses: it must not meet this one's connections.
      const places = [`ANSIBLE_HOME=${directory}/ansible`, `ANSIBLE_SSH_CONTROL_PATH_DIR=${directory}/ssh`];
      return ["env", config, ...places, ...program, own("ansible/site.yml")];
    },
    bareSsh2: (command, ...options) => [process.execPath, own("bare-ssh2.mjs"), bare, command, ...options],
    openssh: () => [
      "sh",
      ...[own("openssh-loop.sh"), addresses, lab.privateKeyPath, lab.knownHostsPath, String(FORKS)],
    ],
    toStock: async () => {
      const waiting = [...names];
      const worker = async () => {
        for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await lab.reset(name);
      };
      await Promise.all(Array.from({ length: RESETS_AT_ONCE }, worker));
    },
    stop: async () => {
      rmSync(directory, { recursive: true, force: true });
      await lab.stop();
    },
  };
}

function inventoryText(lab: Lab): string {
  const group = (name: string, machines: Lab["machines"]) => [
    `    ${name}:`,
    "      hosts:",
    ...machines.map((machine) => `        ${machine.name}: { ansible_host: ${machine.address} }`),
  ];
  return [
    "all:",
    "  vars:",
    "    ansible_user: root",
    `    ansible_ssh_private_key_file: ${lab.privateKeyPath}`,
    `    ansible_ssh_common_args: -o UserKnownHostsFile=${lab.knownHostsPath}`,
    "  children:",
    ...group("servers", lab.machines.slice(0, 1)),
    ...group("clients", lab.machines.slice(1)),
    "",
  ].join("\n");
}

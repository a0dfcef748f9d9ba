import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LabPaths } from "./paths.ts";
import { must } from "./processes.ts";

/** The kinds of host key that a machine has. */
const hostKeyTypes = ["ed25519", "ecdsa"] as const;

/** Makes the key pair with which the controller logs in. */
export async function createControllerKey(paths: LabPaths): Promise<void> {
  mkdirSync(dirname(paths.privateKey), { recursive: true, mode: 0o700 });
  await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "controller", "-f", paths.privateKey]);
  chmodSync(paths.privateKey, 0o600);
}

/** The controller's public key, as a line of authorized_keys. */
export function controllerPublicKey(paths: LabPaths): string {
  return readFileSync(`${paths.privateKey}.pub`, "utf8");
}

/** Makes a machine's host keys, as files named ssh_host_TYPE_key in `directory`. */
export async function createHostKeys(directory: string, machine: string): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const make = hostKeyTypes.map((type) => {
    const file = join(directory, `ssh_host_${type}_key`);
    return must(["ssh-keygen", "-q", "-t", type, "-N", "", "-C", `root@${machine}`, "-f", file]);
  });
  await Promise.all(make);
}

/** A machine's lines of known_hosts(5): known by its address and by its name. */
export function knownHostLines(directory: string, machine: { name: string; address: string }): string[] {
  return hostKeyTypes.map((type) => {
    const [algorithm, key] = readFileSync(join(directory, `ssh_host_${type}_key.pub`), "utf8").split(" ");
    return `${machine.address},${machine.name} ${algorithm} ${key}`;
  });
}

/** Writes known_hosts and an Ansible inventory of all machines. */
export function writeOpenFiles(
  paths: LabPaths,
  machines: readonly { readonly name: string; readonly address: string }[],
  knownHosts: readonly string[],
): void {
  writeFileSync(paths.knownHosts, `${knownHosts.join("\n")}\n`);
  const hosts = machines.flatMap(({ name, address }) => [`    ${name}:`, `      ansible_host: ${address}`]);
  const inventory = [
    "# Written by the lab; gone when the lab goes down.",
    "all:",
    "  hosts:",
    ...hosts,
    "  vars:",
    "    ansible_user: root",
    '    ansible_ssh_private_key_file: "{{ inventory_dir }}/id_ed25519"',
    '    ansible_ssh_common_args: "-o UserKnownHostsFile={{ inventory_dir }}/known_hosts"',
  ];
  writeFileSync(paths.inventory, `${inventory.join("\n")}\n`);
}

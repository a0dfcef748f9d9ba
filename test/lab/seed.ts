import { randomUUID } from "node:crypto";
import {
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { controllerPublicKey } from "./keys.ts";
import type { MachineSpec } from "./machine.ts";
import { isThere, labPaths, machinePaths, network } from "./paths.ts";

/** Writes into a machine's mounted root what makes it itself: names, address, keys, machine id. */
export async function seed(lab: string, machine: MachineSpec, all: readonly MachineSpec[]): Promise<void> {
  const paths = machinePaths(lab, machine.name);
  const write = (file: string, text: string) => writeFileSync(join(paths.root, file), text);
  write("etc/machine-id", `${randomUUID().replaceAll("-", "")}\n`);
  write("etc/hostname", `${machine.name}\n`);
  const hosts = all.map(({ address, name }) => `${address} ${name}`);
  write("etc/hosts", ["127.0.0.1 localhost", ...hosts, ""].join("\n"));
  write(
    "etc/systemd/network/10-host0.network",
    [
      "[Match]",
      "Name=host0",
      "[Network]",
      `Address=${machine.address}/${network.prefix}`,
      "LinkLocalAddressing=no",
      "IPv6AcceptRA=no",
      // A pulled cable takes the network away, not the address.
      "ConfigureWithoutCarrier=yes",
      "IgnoreCarrierLoss=yes",
      "",
    ].join("\n"),
  );
  for (const key of readdirSync(paths.hostKeys)) {
    // The mode goes with the copy: 0600 for private keys.
    copyFileSync(join(paths.hostKeys, key), join(paths.root, "etc/ssh", key));
  }
  authorize(paths.root, controllerPublicKey(labPaths(lab)));
}

/** Lets the controller log in as root and as every user with a home. */
function authorize(root: string, publicKey: string): void {
  const homes = ["root", ...readdirSync(join(root, "home")).map((user) => `home/${user}`)];
  for (const home of homes) {
    const { uid, gid } = statSync(join(root, home));
    const directory = join(root, home, ".ssh");
    const file = join(directory, "authorized_keys");
    if (!isThere(directory)) mkdirSync(directory, { mode: 0o700 });
    const before = isThere(file) ? readFileSync(file, "utf8") : "";
    writeFileSync(file, before + publicKey, { mode: 0o600 });
    for (const path of [directory, file]) chownSync(path, uid, gid);
  }
}

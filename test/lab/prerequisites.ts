import { accessSync, constants, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { debianKeyring } from "./apt.ts";
import { labError } from "./errors.ts";
import { isThere } from "./paths.ts";
import { must } from "./processes.ts";
import type { Setup } from "./progress.ts";

/** What the lab calls, and the Debian package that has it. */
const commands: Readonly<Record<string, string>> = {
  mmdebstrap: "mmdebstrap",
  "systemd-nspawn": "systemd-container",
  ip: "iproute2",
  nsenter: "util-linux",
  flock: "util-linux",
  "ssh-keygen": "openssh-client",
  "apt-ftparchive": "apt-utils",
};

/** Kernel limits that more than about 25 machines need; without them machines fail to boot in silence. */
const limits: Readonly<Record<string, number>> = {
  "fs/inotify/max_user_instances": 65536,
  "kernel/keys/maxkeys": 20_000,
  "kernel/keys/maxbytes": 2_000_000,
};

/** Throws unless this is Linux and the user is root. */
export function requireLinuxRoot(): void {
  if (process.platform !== "linux")
    throw labError("the lab boots machines with systemd-nspawn, which needs Linux");
  if (process.getuid?.() !== 0)
    throw labError("the lab needs root: it mounts file systems, makes network namespaces and boots machines");
}

/** Installs the Debian packages that are missing on this box, and says so. */
export async function installPrerequisites(setup: Setup): Promise<void> {
  // A root shell made by su(1) lacks the places where chroot and mmdebstrap's helpers are.
  process.env.PATH = [process.env.PATH, "/usr/local/sbin", "/usr/sbin", "/sbin"]
    .filter(Boolean)
    .join(delimiter);
  const missing = Object.keys(commands).filter((command) => !inPath(command));
  const packages = new Set(missing.map((command) => commands[command] ?? command));
  if (!isThere(debianKeyring)) packages.add("debian-archive-keyring");
  if (packages.size === 0) return;
  const list = [...packages];
  if (!inPath("apt-get"))
    throw labError(`the lab needs ${missing.join(", ")}, and can install them only where there is apt-get`);
  setup.say(`installing Debian packages on this machine: ${list.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await must(["apt-get", "-q", "update"], { env, signal: setup.signal });
  await must(["apt-get", "-q", "-y", "--no-install-recommends", "install", ...list], {
    env,
    signal: setup.signal,
  });
}

/** Raises the kernel's limits where they are too low for many machines, and says so. */
export function raiseKernelLimits(setup: Setup): void {
  for (const [name, wanted] of Object.entries(limits)) {
    const file = join("/proc/sys", name);
    const now = Number(readFileSync(file, "utf8"));
    if (now >= wanted) continue;
    const setting = `${name.replaceAll("/", ".")}=${wanted}`;
    try {
      writeFileSync(file, `${wanted}\n`);
    } catch {
      throw labError(
        `this box's limit ${name.replaceAll("/", ".")}=${now} is too low`,
        `Run: sysctl ${setting}`,
      );
    }
    setup.say(`raised a kernel limit of this machine: sysctl ${setting}`);
  }
}

function inPath(command: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

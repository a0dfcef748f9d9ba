import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Lab } from "../lab/lab.ts";
import type { Result } from "../lab/processes.ts";
import { inventoryOf, lfceProgram } from "./lfce.ts";

/** Where a machine that runs lfce itself has it, and what it is told to look at. */
export const NIGHTLY = {
  node: "/opt/lfce/node",
  lfce: "/opt/lfce/dist/cli/main.js",
  home: "/srv/fleet",
  playbook: "/srv/fleet/playbooks/site.yml",
} as const;

const PLAYBOOK = `- hosts: servers
  roles:
    - role: ntp_server
      allow: [172.31.96.0/20]
      local_stratum: 10
`;

/** Makes a machine of the lab a controller: node, the built lfce, a playbook for `host`, a key and known_hosts. */
export async function makeController(lab: Lab, controller: string, host: string): Promise<void> {
  copyProgram(`/proc/${lab.machine(controller).pid}/root`);
  const inventory = inventoryOf(lab, { servers: [host] })
    .replace(lab.privateKeyPath, "/root/.ssh/fleet")
    .replace(`-o UserKnownHostsFile=${lab.knownHostsPath}`, "''");
  await lab.run(controller, ["mkdir", "-p", "-m", "700", "/root/.ssh"]);
  await lab.run(controller, ["mkdir", "-p", `${NIGHTLY.home}/playbooks`, `${NIGHTLY.home}/inventories`]);
  await lab.write(controller, NIGHTLY.playbook, PLAYBOOK);
  await lab.write(controller, `${NIGHTLY.home}/inventories/site.yml`, inventory);
  await lab.write(controller, "/root/.ssh/fleet", readFileSync(lab.privateKeyPath));
  await lab.write(controller, "/root/.ssh/known_hosts", readFileSync(lab.knownHostsPath));
  await lab.run(controller, ["chmod", "600", "/root/.ssh/fleet"]);
}

/** Runs the machine's own lfce as root in the playbook's directory. */
export function ownLfce(lab: Lab, controller: string, words: readonly string[]): Promise<Result> {
  const command = `cd ${NIGHTLY.home} && HOME=/root exec ${NIGHTLY.node} ${NIGHTLY.lfce} "$@"`;
  return lab.run(controller, ["sh", "-c", command, "sh", ...words]);
}

/** Node, the build and the packages that it needs, into the root of a running machine. */
function copyProgram(machineRoot: string): void {
  const root = join(dirname(lfceProgram), "../..");
  const target = join(machineRoot, "opt/lfce");
  mkdirSync(target, { recursive: true });
  cpSync(process.execPath, join(machineRoot, NIGHTLY.node), { dereference: true });
  for (const part of ["dist", "package.json"])
    cpSync(join(root, part), join(target, part), { recursive: true });
  const list = execFileSync("npm", ["ls", "--omit=dev", "--all", "--parseable"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const path of list.split("\n").filter((line) => line.includes("/node_modules/"))) {
    const name = relative(root, path);
    cpSync(path, join(target, name), { recursive: true, dereference: true });
  }
}

/**
 * `lfce drift` and the bare SSH library against simulated hosts with real handshakes (simulated-ssh-hosts.ts, a second
 * process): fleets larger than the machines that a box can boot. `lfce apply` is left out: answers that were learnt
 * cannot log a message that is new each time; scale.bench.ts has it over a fake transport. The bare loop with two
 * threads can gain no more than the second process, one thread as well, leaves to it. Needs a lab of which machine `server1` serves time
 * and logs to `client1`, both as test/fleet/playbooks.ts has it; runs in its network namespace:
 *   node --import tsx test/lab/cli.ts exec --name LAB -- node --import tsx test/bench/simulated-ssh-fleet.ts LAB [HOSTS,HOSTS] [ROUNDS]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inventoryOf } from "../fleet/lfce.ts";
import { timeAndLogs } from "../fleet/playbooks.ts";
import { attachLab, type Lab } from "../lab/lab.ts";
import { must, run } from "../lab/processes.ts";
import { requireNamespace } from "../lab/require-namespace.ts";
import { newKey } from "../ssh/ssh-server.ts";
import { interleaved, type Sample } from "./measure.ts";
import { comparison } from "./table.ts";

const root = join(import.meta.dirname, "../..");
const FORKS = 64;
/** As in bench-lab.ts: a block of another playbook is an error. */
const PLAYBOOK = "bench.yml";

/** Runs of each command at one size of fleet. */
export interface SimulatedFleet {
  hosts: number;
  samples: Map<string, Sample[]>;
}

/** Measures fleets of these sizes; must run in the lab's network namespace. */
export async function simulatedFleets(
  lab: Lab,
  sizes: readonly number[],
  rounds: number,
  say: (text: string) => void = () => {},
): Promise<SimulatedFleet[]> {
  const directory = mkdtempSync(join(tmpdir(), "lfce-simulated-"));
  const hosts = await startHosts(lab, directory);
  try {
    const fleets: SimulatedFleet[] = [];
    for (const size of sizes) {
      const bare = fleetOf(lab, directory, size);
      const lfce = [process.execPath, join(root, "dist/cli/main.js"), "drift", PLAYBOOK, "-i", "fleet.yml"];
      const options = ["-o", "json", "--forks", String(FORKS), "--state-dir", join(directory, "state")];
      const loop = [process.execPath, join(root, "test/bench/bare-ssh2.mjs"), bare, "true"];
      const drift = [...lfce, ...options];
      const contestants = [
        { name: "bare ssh2: connect, `true`", argv: loop },
        { name: "lfce drift", argv: drift },
        { name: "bare ssh2, two worker threads", argv: [...loop, "--threads", "2"] },
      ];
      const stage = { run: (argv: readonly string[]) => run(argv, { cwd: directory, env: process.env }) };
      if (fleets.length === 0) await learn([...drift, "--limit", "simulated00001"], directory);
      // From now on nothing but the simulated hosts is asked.
      hosts.kill("SIGUSR2");
      fleets.push({ hosts: size, samples: await interleaved(contestants, rounds, stage, say) });
    }
    return fleets;
  } finally {
    hosts.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** How often a host is looked at until it is remembered: what has just changed is not, for two seconds. */
const MOST_LOOKS = 30;

/** Has the hosts learn both questions that a run asks: of a host that it knows nothing of, and of one that it remembers. */
async function learn(drift: readonly string[], directory: string): Promise<void> {
  const memory = join(directory, "state/hosts.ndjson");
  const isRemembered = () => existsSync(memory) && readFileSync(memory, "utf8").includes('"units"');
  const look = () => must([...drift], { cwd: directory, env: process.env });
  for (let looks = 0; !isRemembered(); looks += 1) {
    if (looks === MOST_LOOKS) throw new Error("the machine is not quiet: nothing of it is remembered");
    await look();
  }
  await look();
}

/** Starts the second process, and waits until it listens. */
async function startHosts(lab: Lab, directory: string) {
  const key = newKey();
  const keyFile = join(directory, "host-key");
  writeFileSync(keyFile, key.private, { mode: 0o600 });
  writeFileSync(join(directory, "known_hosts"), `127.* ${key.public}\n`);
  const login = [
    "-i",
    lab.privateKeyPath,
    "-o",
    `UserKnownHostsFile=${lab.knownHostsPath}`,
    "-o",
    "LogLevel=ERROR",
  ];
  const machine = ["ssh", "-T", ...login, `root@${lab.machine("client1").address}`];
  const program = join(import.meta.dirname, "simulated-ssh-hosts.ts");
  const argv = ["--import", "tsx", program, keyFile, `${lab.privateKeyPath}.pub`, "--", ...machine];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  await once(createInterface({ input: child.stdout }), "line");
  return child;
}

/** Writes playbook and inventory of a fleet of clients, and the list for the bare loop, whose path it returns. */
function fleetOf(lab: Lab, directory: string, size: number): string {
  const server = lab.machine("server1").address;
  const fleet = Array.from({ length: size }, (_, index) => ({
    name: `simulated${String(index + 1).padStart(5, "0")}`,
    address: `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
  }));
  writeFileSync(
    join(directory, PLAYBOOK),
    `- hosts: all\n  roles:\n    - { role: ntp_client, servers: [${server}] }\n    - { role: syslog_client, servers: [{ address: ${server} }] }\n`,
  );
  writeFileSync(
    join(directory, "fleet.yml"),
    `all:\n  vars:\n    ansible_user: root\n    ansible_ssh_private_key_file: ${lab.privateKeyPath}\n    ansible_ssh_common_args: -o UserKnownHostsFile=known_hosts\n  hosts:\n${fleet
      .map(({ name, address }) => `    ${name}: { ansible_host: ${address} }\n`)
      .join("")}`,
  );
  const bare = join(directory, "machines.json");
  writeFileSync(bare, JSON.stringify({ privateKeyPath: lab.privateKeyPath, forks: FORKS, hosts: fleet }));
  return bare;
}

/** Makes the two machines what the fleet is simulated after. */
async function configure(lab: Lab): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "lfce-simulated-"));
  try {
    writeFileSync(join(directory, PLAYBOOK), timeAndLogs());
    writeFileSync(
      join(directory, "machines.yml"),
      inventoryOf(lab, { servers: ["server1"], clients: ["client1"] }),
    );
    const lfce = [process.execPath, join(root, "dist/cli/main.js"), "apply", PLAYBOOK, "-i", "machines.yml"];
    await must([...lfce, "--state-dir", join(directory, "state")], { cwd: directory, env: process.env });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const [name = "", sizes = "100,1000", rounds = "3"] = process.argv.slice(2);
  requireNamespace(name);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  await configure(await attachLab(name));
  for (const { hosts, samples } of await simulatedFleets(
    await attachLab(name),
    sizes.split(",").map(Number),
    Number(rounds),
    say,
  )) {
    process.stdout.write(`\n${hosts} simulated hosts, real handshakes:\n\n${comparison(samples, hosts)}\n`);
  }
}

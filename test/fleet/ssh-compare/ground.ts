import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../../lab/lab.ts";
import { onHost } from "../proof-hosts.ts";
import type { Names } from "./both.ts";

/** Keys of the controller's user; `locked` has a passphrase, `d` a certificate, `authority` signs certificates. */
const KEYS = {
  a: "ed25519",
  b: "ecdsa",
  c: "rsa",
  d: "ed25519",
  authority: "ed25519",
  j: "ed25519",
  locked: "ed25519",
  w1: "ed25519",
  w2: "ed25519",
  w3: "ed25519",
  w4: "ed25519",
  w5: "ed25519",
  w6: "ed25519",
};
export type KeyName = keyof typeof KEYS;

/** Whom each machine lets in, and by which keys. */
const ACCOUNTS: Record<string, Record<string, KeyName[]>> = {
  web1: { alpha: ["a", "locked"], beta: ["b"], gamma: ["a", "b", "c"] },
  time1: { jumper: ["j"], gamma: ["a"] },
  log1: { jumper: ["j"] },
  old1: { alpha: ["a"] },
};

const AGENTS: Record<string, KeyName[]> = {
  empty: [],
  a: ["a"],
  b: ["b"],
  "a and b": ["a", "b"],
  "b and a": ["b", "a"],
  locked: ["locked"],
  "six others and a": ["w1", "w2", "w3", "w4", "w5", "w6", "a"],
  "five others": ["w1", "w2", "w3", "w4", "w5"],
};
export type AgentName = "none" | keyof typeof AGENTS;

/** Everything that the comparison stands on: machines, keys, agents, known_hosts files. */
export interface Ground {
  directory: string;
  /** web1, the target; it listens on 22 and 2222. */
  target: string;
  /** time1 and log1, jump hosts. */
  jump: string;
  second: string;
  /** old1, which signs by SHA-1 only, and its key as known_hosts has it. */
  old: string;
  oldHostKey: string;
  key(name: KeyName): string;
  /** `TYPE BASE64 NAME`. */
  publicKey(name: KeyName): string;
  /** The socket; undefined for no agent. */
  agent(name: AgentName): string | undefined;
  /** A known_hosts line's key part: `TYPE BASE64`. */
  hostKey(machine: string, type: "ssh-ed25519" | "ecdsa-sha2-nistp256"): string;
  names: Names;
  write(name: string, text: string): string;
  close(): void;
}

export async function prepareGround(lab: Lab): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), "lfce-compare-"));
  const key = (name: KeyName) => join(directory, `key-${name}`);
  for (const [name, type] of Object.entries(KEYS)) {
    const file = key(name as KeyName);
    const passphrase = name === "locked" ? "secret" : "";
    execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", name, "-f", file]);
  }
  const publicKey = (name: KeyName) => readFileSync(`${key(name)}.pub`, "utf8").trim();
  for (const [machine, accounts] of Object.entries(ACCOUNTS)) {
    for (const [user, keys] of Object.entries(accounts)) {
      const lines = keys.map((name) => publicKey(name)).join("\n");
      await onHost(
        lab,
        machine,
        `useradd -m -s /bin/sh ${user} && install -d -m 700 -o ${user} /home/${user}/.ssh`,
      );
      await lab.write(machine, `/home/${user}/.ssh/authorized_keys`, `${lines}\n`);
    }
  }
  await configureTarget(lab, directory, key("authority"));
  await certifyUser(lab, key("d"), key("authority"), publicKey("authority"));
  const oldHostKey = await configureOldServer(lab);
  const agents = await startAgents(directory, key);
  const lines = readFileSync(lab.knownHostsPath, "utf8").split("\n");
  const address = (machine: string) => lab.machine(machine).address;
  const names = new Map(
    Object.keys(KEYS).map((name) => [publicKey(name as KeyName).split(" ")[1] ?? "", name]),
  );
  names.set(readFileSync(`${key("d")}-cert.pub`, "utf8").split(" ")[1] ?? "", "the certificate of d");
  mkdirSync(join(directory, "files"));
  return {
    directory,
    target: address("web1"),
    jump: address("time1"),
    second: address("log1"),
    old: address("old1"),
    oldHostKey,
    key,
    publicKey,
    agent: (name) => agents.get(name)?.socket,
    hostKey: (machine, type) => {
      const line = lines.find((one) => one.startsWith(`${address(machine)},`) && one.includes(` ${type} `));
      if (!line) throw new Error(`no ${type} key of ${machine} in the lab's known_hosts`);
      return line.split(" ").slice(1, 3).join(" ");
    },
    names: {
      keys: Object.fromEntries(names),
      places: { [address("time1")]: "the jump host", [address("log1")]: "the second jump host" },
    },
    write: (name, text) => {
      const path = join(directory, "files", name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    close: () => {
      for (const { stop } of agents.values()) stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Two ports, a host certificate besides the plain key, and what let a user in for all to see. */
async function configureTarget(lab: Lab, directory: string, authority: string): Promise<void> {
  const file = join(directory, "web1.pub");
  writeFileSync(file, await onHost(lab, "web1", "cat /etc/ssh/ssh_host_ed25519_key.pub"));
  execFileSync("ssh-keygen", ["-q", "-s", authority, "-I", "web1", "-h", file]);
  const certificate = "/etc/ssh/ssh_host_ed25519_key-cert.pub";
  await lab.write("web1", certificate, readFileSync(join(directory, "web1-cert.pub")));
  const settings = [
    "ExposeAuthInfo yes",
    "Port 22",
    "Port 2222",
    "MaxStartups 100",
    `HostCertificate ${certificate}`,
  ];
  await lab.write("web1", "/etc/ssh/sshd_config.d/compare.conf", `${settings.join("\n")}\n`);
  await onHost(lab, "web1", "systemctl restart ssh");
}

/** `certified` on web1 is let in by certificates alone. */
async function certifyUser(lab: Lab, key: string, authority: string, publicAuthority: string): Promise<void> {
  execFileSync("ssh-keygen", ["-q", "-s", authority, "-I", "d", "-n", "certified", `${key}.pub`]);
  await onHost(
    lab,
    "web1",
    "useradd -m -s /bin/sh certified && install -d -m 700 -o certified /home/certified/.ssh",
  );
  await lab.write("web1", "/home/certified/.ssh/authorized_keys", `cert-authority ${publicAuthority}\n`);
}

/** A server as old ones are: one RSA key, and signatures by SHA-1. Returns the key. */
async function configureOldServer(lab: Lab): Promise<string> {
  const key = "/etc/ssh/ssh_host_rsa_key";
  await onHost(lab, "old1", `test -e ${key} || ssh-keygen -q -t rsa -N '' -f ${key}`);
  const settings = `ExposeAuthInfo yes\nHostKey ${key}\nHostKeyAlgorithms ssh-rsa\n`;
  await lab.write("old1", "/etc/ssh/sshd_config.d/compare.conf", settings);
  await onHost(lab, "old1", "systemctl restart ssh");
  return (await onHost(lab, "old1", `cat ${key}.pub`)).split(" ").slice(0, 2).join(" ");
}

async function startAgents(directory: string, key: (name: KeyName) => string) {
  const agents = new Map<string, { socket: string; stop(): void }>();
  const askpass = join(directory, "askpass");
  writeFileSync(askpass, "#!/bin/sh\necho secret\n", { mode: 0o700 });
  for (const [name, keys] of Object.entries(AGENTS)) {
    const socket = join(directory, `agent-${agents.size}`);
    const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force" };
    for (const one of keys) execFileSync("ssh-add", ["-q", key(one)], { env });
    agents.set(name, { socket, stop: () => child.kill() });
  }
  return agents;
}

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../../lab/lab.ts";
import { onHost } from "../proof-hosts.ts";

/** Keys of the controller's user; `locked` has a passphrase. */
const KEYS = {
  a: "ed25519",
  b: "ecdsa",
  c: "rsa",
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
  key(name: KeyName): string;
  /** The socket; undefined for no agent. */
  agent(name: AgentName): string | undefined;
  /** A known_hosts line's key part: `TYPE BASE64`. */
  hostKey(machine: string, type: "ssh-ed25519" | "ecdsa-sha2-nistp256"): string;
  /** Which key a line of $SSH_USER_AUTH speaks of. */
  nameOfKey(publicKey: string): string;
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
  await lab.write(
    "web1",
    "/etc/ssh/sshd_config.d/compare.conf",
    "ExposeAuthInfo yes\nPort 22\nPort 2222\nMaxStartups 100\n",
  );
  await onHost(lab, "web1", "systemctl restart ssh");
  const agents = await startAgents(directory, key);
  const lines = readFileSync(lab.knownHostsPath, "utf8").split("\n");
  const address = (machine: string) => lab.machine(machine).address;
  const names = new Map(
    Object.keys(KEYS).map((name) => [publicKey(name as KeyName).split(" ")[1] ?? "", name]),
  );
  mkdirSync(join(directory, "files"));
  return {
    directory,
    target: address("web1"),
    jump: address("time1"),
    second: address("log1"),
    key,
    agent: (name) => agents.get(name)?.socket,
    hostKey: (machine, type) => {
      const line = lines.find((one) => one.startsWith(`${address(machine)},`) && one.includes(` ${type} `));
      if (!line) throw new Error(`no ${type} key of ${machine} in the lab's known_hosts`);
      return line.split(" ").slice(1, 3).join(" ");
    },
    nameOfKey: (text) => names.get(text) ?? text,
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

import type { ConnectionSettings } from "../../../src/core/connection.ts";
import type { AgentName, Ground } from "./ground.ts";

export interface Combination {
  name: string;
  /** ssh_config; UserKnownHostsFile and GlobalKnownHostsFile are put behind it. */
  config: string;
  /** known_hosts; the target's and the jump hosts' own keys when left out. */
  knownHosts?: string;
  agent?: AgentName;
  /** ssh's argument; `target` when left out. */
  host?: string;
  arguments?: readonly string[];
  settings?: Partial<ConnectionSettings>;
  /** What ssh must make of it, so that the two do not agree on nothing. */
  expect?: string;
}

/** Lines that know the machines by their addresses, on both ports. */
export function allKnown(ground: Ground): string {
  const { target, jump, second, hostKey } = ground;
  return [
    `${target},[${target}]:2222 ${hostKey("web1", "ssh-ed25519")}`,
    `${jump} ${hostKey("time1", "ssh-ed25519")}`,
    `${second} ${hostKey("log1", "ssh-ed25519")}`,
    "",
  ].join("\n");
}

/** Each about one rule. */
export function chosenCombinations(ground: Ground): Combination[] {
  const { target, jump, second, old, key, hostKey } = ground;
  const known = allKnown(ground);
  const base = `Host target\n HostName ${target}\n`;
  const alpha = `${base} User alpha\n IdentityFile ${key("a")}\n`;
  const viaJump = `${alpha} ProxyJump jump\nHost jump\n HostName ${jump}\n User jumper\n IdentityFile ${key("j")}\n`;
  const foreign = `${target} ${hostKey("time1", "ssh-ed25519")}\n`;
  const A = "alpha by a from here";
  return [
    { name: "a key file", config: alpha, expect: A },
    { name: "the agent alone", config: `${base} User alpha\n`, agent: "a", expect: A },
    { name: "an agent without keys", config: `${base} User alpha\n`, agent: "empty", expect: "denied" },
    { name: "no key at all", config: `${base} User alpha\n`, expect: "denied" },
    {
      name: "the agent's key before the file's",
      config: `${base} User gamma\n IdentityFile ${key("b")}\n`,
      agent: "a",
      expect: "gamma by a from here",
    },
    {
      name: "the agent's key that is a named file before its others",
      config: `${base} User gamma\n IdentityFile ${key("b")}\n`,
      agent: "a and b",
      expect: "gamma by b from here",
    },
    {
      name: "the agent's own order",
      config: `${base} User gamma\n IdentityFile none\n`,
      agent: "b and a",
      expect: "gamma by b from here",
    },
    {
      name: "the files' order",
      config: `${base} User gamma\n IdentityFile ${key("c")}\n IdentityFile ${key("a")}\n`,
      expect: "gamma by c from here",
    },
    {
      name: "the agent's own order among the named keys",
      config: `${base} User gamma\n IdentitiesOnly yes\n IdentityFile ${key("b")}\n IdentityFile ${key("a")}\n`,
      agent: "a and b",
      expect: "gamma by a from here",
    },
    {
      name: "IdentitiesOnly keeps the agent's other keys back",
      config: `${base} User alpha\n IdentitiesOnly yes\n IdentityFile ${key("b")}\n`,
      agent: "a",
      expect: "denied",
    },
    {
      name: "IdentitiesOnly with a public key file picks the agent's key",
      config: `${base} User gamma\n IdentitiesOnly yes\n IdentityFile ${key("b")}.pub\n`,
      agent: "a and b",
      expect: "gamma by b from here",
    },
    {
      name: "too many keys in the agent",
      config: `${base} User alpha\n`,
      agent: "six others and a",
      expect: "denied",
    },
    {
      name: "many keys in the agent, the right one named",
      config: `${base} User alpha\n IdentityFile ${key("a")}\n`,
      agent: "six others and a",
      expect: A,
    },
    {
      name: "many keys in the agent, the right one in a file behind them",
      config: `${base} User alpha\n IdentityFile ${key("a")}\n`,
      agent: "five others",
      expect: A,
    },
    {
      name: "IdentityAgent in place of SSH_AUTH_SOCK",
      config: `${base} User alpha\n IdentityAgent ${ground.agent("a")}\n`,
      agent: "b",
      expect: A,
    },
    {
      name: "IdentityAgent none",
      config: `${base} User alpha\n IdentityAgent none\n`,
      agent: "a",
      expect: "denied",
    },
    {
      name: "a locked key file, nobody to ask",
      config: `${base} User alpha\n IdentityFile ${key("locked")}\n`,
      expect: "denied",
    },
    {
      name: "a locked key file that the agent has open",
      config: `${base} User alpha\n IdentitiesOnly yes\n IdentityFile ${key("locked")}\n`,
      agent: "locked",
      expect: "alpha by locked from here",
    },
    {
      name: "a key file that is not there, and the next",
      config: `${base} User alpha\n IdentityFile /nonexistent/key\n IdentityFile ${key("a")}\n`,
      expect: A,
    },
    {
      name: "PubkeyAuthentication no",
      config: `${alpha} PubkeyAuthentication no\n`,
      agent: "a",
      expect: "denied",
    },
    {
      name: "PreferredAuthentications without publickey",
      config: `${alpha} PreferredAuthentications password,keyboard-interactive\n`,
      expect: "denied",
    },
    {
      name: "the user of the first block that fits",
      config: `Match originalhost target\n User beta\n IdentityFile ${key("b")}\n${alpha}`,
      expect: "beta by b from here",
    },
    {
      name: "Match user",
      config: `${base} User beta\nMatch user beta\n IdentityFile ${key("b")}\n`,
      expect: "beta by b from here",
    },
    {
      name: "Match host looks at the address",
      config: `${base}Match host ${target}\n User alpha\n IdentityFile ${key("a")}\n`,
      expect: A,
    },
    { name: "a negated Host pattern", config: `Host * !target\n User beta\n${alpha}`, expect: A },
    {
      name: "tokens in file names",
      config: `${base} User alpha\n IdentityFile ${ground.directory}/key-%L\n IdentityFile %d/no\n IdentityFile ${ground.directory}/key-%%\n IdentityFile ${key("a")}\n`,
      expect: A,
    },
    {
      name: "Include in a block",
      config: `Host target\n Include ${ground.write("included", `User alpha\nIdentityFile ${key("a")}\n`)}\n HostName ${target}\n`,
      expect: A,
    },
    { name: "another port", config: `${alpha} Port 2222\n`, expect: A },
    {
      name: "another port that is known under the bare name",
      config: `${alpha} Port 2222\n`,
      knownHosts: `${target} ${hostKey("web1", "ssh-ed25519")}\n`,
      expect: A,
    },
    {
      name: "the bare name that is known with another port only",
      config: alpha,
      knownHosts: `[${target}]:2222 ${hostKey("web1", "ssh-ed25519")}\n`,
      expect: "host key",
    },
    { name: "nothing listens there", config: `${alpha} Port 2\n`, expect: "other" },
    { name: "an unknown host", config: alpha, knownHosts: "", expect: "host key" },
    {
      name: "an unknown host, accept-new",
      config: `${alpha} StrictHostKeyChecking accept-new\n`,
      knownHosts: "",
      expect: A,
    },
    { name: "an unknown host, no", config: `${alpha} StrictHostKeyChecking no\n`, knownHosts: "", expect: A },
    { name: "a changed key", config: alpha, knownHosts: foreign, expect: "host key" },
    {
      name: "a changed key, accept-new",
      config: `${alpha} StrictHostKeyChecking accept-new\n`,
      knownHosts: foreign,
      expect: "host key",
    },
    {
      name: "a changed key, no",
      config: `${alpha} StrictHostKeyChecking no\n`,
      knownHosts: foreign,
      expect: A,
    },
    { name: "the right key beside a changed one", config: alpha, knownHosts: foreign + known, expect: A },
    {
      name: "a revoked key",
      config: alpha,
      knownHosts: `${known}@revoked * ${hostKey("web1", "ssh-ed25519")}\n`,
      expect: "host key",
    },
    {
      name: "a key of another type is known",
      config: alpha,
      knownHosts: `${target} ${hostKey("web1", "ecdsa-sha2-nistp256")}\n`,
      expect: A,
    },
    {
      name: "the known type is foreign, the others are not known",
      config: alpha,
      knownHosts: `${target} ${hostKey("time1", "ecdsa-sha2-nistp256")}\n`,
      expect: "host key",
    },
    {
      name: "HostKeyAlgorithms that the known key is not of",
      config: `${alpha} HostKeyAlgorithms ecdsa-sha2-nistp256\n`,
      expect: "host key",
    },
    {
      name: "HostKeyAlgorithms that put another key first",
      config: `${alpha} HostKeyAlgorithms ^ecdsa-sha2-nistp256\n`,
      expect: "host key",
    },
    {
      name: "a host that signs by SHA-1 only",
      config: alpha.replace(target, old),
      knownHosts: `${old} ${ground.oldHostKey}\n`,
      expect: "host key",
    },
    {
      name: "a host that signs by SHA-1 only, which the user allows",
      config: `${alpha.replace(target, old)} HostKeyAlgorithms +ssh-rsa\n`,
      knownHosts: `${old} ${ground.oldHostKey}\n`,
      expect: A,
    },
    {
      name: "HostKeyAlias",
      config: `${alpha} HostKeyAlias Fleet-One\n`,
      knownHosts: `fleet-one ${hostKey("web1", "ssh-ed25519")}\n`,
      expect: A,
    },
    {
      name: "HostKeyAlias has no port",
      config: `${alpha} HostKeyAlias one\n Port 2222\n`,
      knownHosts: `one ${hostKey("web1", "ssh-ed25519")}\n`,
      expect: A,
    },
    { name: "HostKeyAlias hides the address", config: `${alpha} HostKeyAlias one\n`, expect: "host key" },
    {
      name: "patterns in known_hosts",
      config: alpha,
      knownHosts: `172.31.* ${hostKey("web1", "ssh-ed25519")}\n`,
      expect: A,
    },
    {
      name: "a negated pattern in known_hosts",
      config: alpha,
      knownHosts: `172.31.*,!${target} ${hostKey("web1", "ssh-ed25519")}\n`,
      expect: "host key",
    },
    {
      name: "the global known_hosts",
      config: `${alpha} GlobalKnownHostsFile ${ground.write("global", known)}\n`,
      knownHosts: "",
      expect: A,
    },
    {
      name: "the second of two known_hosts files",
      config: `${alpha} UserKnownHostsFile /nonexistent ${ground.write("second", known)}\n`,
      knownHosts: "",
      expect: A,
    },
    {
      name: "a jump host with its own user, key and known key",
      config: viaJump,
      expect: "alpha by a from the jump host",
    },
    {
      name: "a jump host that is not known",
      config: viaJump,
      knownHosts: known.replace(/^.*\n/, "").replace(jump, "10.9.9.9"),
      expect: "host key",
    },
    {
      name: "a jump host that does not let in",
      config: viaJump.replace(key("j"), key("w1")),
      expect: "denied",
    },
    {
      name: "a target that is not known behind a jump host",
      config: viaJump,
      knownHosts: known.replace(/^.*\n/, ""),
      expect: "host key",
    },
    {
      name: "the jump host's key is not offered to the target",
      config: viaJump.replace(key("a"), key("w1")),
      expect: "denied",
    },
    {
      name: "nested jump hosts, each with its own block",
      config: `${viaJump} ProxyJump second\nHost second\n HostName ${second}\n User jumper\n IdentityFile ${key("j")}\n`,
      expect: "alpha by a from the jump host",
    },
    {
      name: "a list of jump hosts",
      config: `${alpha} ProxyJump jumper@${second},jumper@${jump}\nHost 172.*\n IdentityFile ${key("j")}\n`,
      expect: "alpha by a from the jump host",
    },
    {
      name: "a jump host that leads to itself",
      config: `${alpha}Host *\n ProxyJump alpha@${target}\n`,
      expect: "configuration",
    },
    { name: "ProxyJump none for one host", config: `Host target\n ProxyJump none\n${viaJump}`, expect: A },
    {
      name: "ProxyCommand",
      config: `${alpha} ProxyCommand ssh -F ${ground.write("jump-only", `Host *\n BatchMode yes\n User jumper\n IdentityFile ${key("j")}\n UserKnownHostsFile ${ground.write("jump-known", known)}\n`)} -W [%h]:%p ${jump}\n`,
      expect: "alpha by a from the jump host",
    },
    {
      name: "ProxyCommand that fails",
      config: `${alpha} ProxyCommand echo no way >&2; exit 1\n`,
      expect: "other",
    },
    {
      name: "ProxyCommand none for one host",
      config: `Host target\n ProxyCommand none\n${alpha} ProxyJump jump\n`,
      expect: A,
    },
    {
      name: "the command line's user before the configuration's",
      config: alpha,
      agent: "b",
      arguments: ["-l", "beta"],
      settings: { user: "beta" },
      expect: "beta by b from here",
    },
    {
      name: "the command line's port before the configuration's",
      config: `${alpha} Port 2\n`,
      arguments: ["-p", "2222"],
      settings: { port: 2222 },
      expect: A,
    },
    {
      name: "the command line's jump host before the configuration's",
      config: viaJump.replace("ProxyJump jump", "ProxyJump nowhere"),
      arguments: ["-J", "jump"],
      settings: { proxyJump: ["jump"] },
      expect: "alpha by a from the jump host",
    },
    {
      name: "the command line's -J none",
      config: viaJump,
      arguments: ["-o", "ProxyJump=none"],
      settings: { proxyJump: [] },
      expect: A,
    },
    {
      name: "the command line's known_hosts",
      config: alpha,
      knownHosts: "",
      arguments: ["-o", `UserKnownHostsFile=${ground.write("given", known)}`],
      settings: { knownHostsFiles: [`${ground.directory}/files/given`] },
      expect: A,
    },
    {
      name: "the command line's StrictHostKeyChecking",
      config: alpha,
      knownHosts: "",
      arguments: ["-o", "StrictHostKeyChecking=accept-new"],
      settings: { sshOptions: [{ option: "StrictHostKeyChecking=accept-new", from: "test" }] },
      expect: A,
    },
    {
      name: "the command line's key alone",
      config: `${base} User gamma\n`,
      agent: "a",
      arguments: ["-i", key("b"), "-o", "IdentitiesOnly=yes"],
      settings: { privateKeyFile: key("b") },
      expect: "gamma by b from here",
    },
    {
      name: "an address in place of a name",
      config: `Host 172.31.*\n User alpha\n IdentityFile ${key("a")}\n`,
      host: target,
      expect: A,
    },
    {
      name: "a configuration that ssh refuses",
      config: `${alpha}Host other\n Port banana\n`,
      expect: "configuration",
    },
  ];
}

/** Combinations of everything with everything: as many as asked for, always the same. */
export function drawnCombinations(ground: Ground, count: number): Combination[] {
  const { target, jump, key, hostKey } = ground;
  const dimensions = {
    user: ["alpha", "beta", "gamma"],
    files: ["", "a", "b", "c", "a b", "b a", "locked", "w1 a", "missing"],
    only: ["", " IdentitiesOnly yes\n"],
    agent: [
      "none",
      "empty",
      "a",
      "b",
      "a and b",
      "b and a",
      "six others and a",
      "five others",
    ] as AgentName[],
    strict: ["", "", " StrictHostKeyChecking accept-new\n", " StrictHostKeyChecking no\n"],
    port: ["22", "22", "2222"],
    known: ["all", "all", "all", "patterns", "none", "foreign", "other type", "bare", "revoked"],
    way: ["", "", "jump"],
  };
  const lines: Record<string, string> = {
    all: allKnown(ground),
    patterns: `*.*.*.* ${hostKey("web1", "ssh-ed25519")}\n${jump} ${hostKey("time1", "ssh-ed25519")}\n`,
    none: `${jump} ${hostKey("time1", "ssh-ed25519")}\n`,
    foreign: `${target} ${hostKey("time1", "ssh-ed25519")}\n${jump} ${hostKey("time1", "ssh-ed25519")}\n`,
    "other type": `${target} ${hostKey("web1", "ecdsa-sha2-nistp256")}\n${jump} ${hostKey("time1", "ecdsa-sha2-nistp256")}\n`,
    bare: `${target} ${hostKey("web1", "ssh-ed25519")}\n${jump} ${hostKey("time1", "ssh-ed25519")}\n`,
    revoked: `${allKnown(ground)}@revoked ${target},[${target}]:2222 ${hostKey("web1", "ssh-ed25519")}\n`,
  };
  const random = lehmer(20260);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const drawn = Object.fromEntries(
      Object.entries(dimensions).map(([name, values]) => [name, pick<string>(values)]),
    ) as Record<keyof typeof dimensions, string>;
    // A revoked key with StrictHostKeyChecking no is one of the differences.
    if (drawn.known === "revoked") drawn.strict = "";
    const files = drawn.files.split(" ").filter((one) => one !== "");
    const identities = files
      .map((one) => ` IdentityFile ${one === "missing" ? "/nonexistent" : key(one as never)}\n`)
      .join("");
    const way =
      drawn.way === ""
        ? ""
        : ` ProxyJump jumper@${jump}\nHost ${jump}\n IdentityFile ${key("j")}\n IdentityAgent none\n`;
    return {
      name: `${index + 1}: ${Object.entries(drawn)
        .filter(([, value]) => value !== "")
        .map(([name, value]) => `${name} ${value.trim()}`)
        .join(", ")}`,
      config: `Host target\n HostName ${target}\n User ${drawn.user}\n Port ${drawn.port}\n${identities}${drawn.only}${drawn.strict}${way}`,
      knownHosts: lines[drawn.known] ?? "",
      agent: drawn.agent as AgentName,
    };
  });
}

/** Numbers from 0 to 1, the same in each run (Park and Miller's generator). */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

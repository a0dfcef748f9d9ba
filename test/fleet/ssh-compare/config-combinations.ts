import { allKnown, type Combination } from "./combination.ts";
import type { Ground } from "./ground.ts";

/** Blocks, values and options of the command line. */
export function configCombinations(ground: Ground): Combination[] {
  const { target, jump, key, hostKey } = ground;
  const known = allKnown(ground);
  const base = `Host target\n HostName ${target}\n`;
  const alpha = `Host target\n HostName ${target}\n User alpha\n IdentityFile ${key("a")}\n`;
  const viaJump = `${alpha} ProxyJump jump\nHost jump\n HostName ${jump}\n User jumper\n IdentityFile ${key("j")}\n`;
  const A = "alpha by a from here";
  return [
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

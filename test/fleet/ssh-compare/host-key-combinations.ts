import { allKnown, type Combination } from "./combination.ts";
import type { Ground } from "./ground.ts";

/** What known_hosts says of the host. */
export function hostKeyCombinations(ground: Ground): Combination[] {
  const { target, old, key, hostKey } = ground;
  const known = allKnown(ground);
  const alpha = `Host target\n HostName ${target}\n User alpha\n IdentityFile ${key("a")}\n`;
  const foreign = `${target} ${hostKey("time1", "ssh-ed25519")}\n`;
  const A = "alpha by a from here";
  return [
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
  ];
}

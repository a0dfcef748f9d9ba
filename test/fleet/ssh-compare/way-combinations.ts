import { allKnown, type Combination } from "./combination.ts";
import type { Ground } from "./ground.ts";

/** Jump hosts and commands on the way. */
export function wayCombinations(ground: Ground): Combination[] {
  const { target, jump, second, key } = ground;
  const known = allKnown(ground);
  const alpha = `Host target\n HostName ${target}\n User alpha\n IdentityFile ${key("a")}\n`;
  const viaJump = `${alpha} ProxyJump jump\nHost jump\n HostName ${jump}\n User jumper\n IdentityFile ${key("j")}\n`;
  const A = "alpha by a from here";
  return [
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
  ];
}

import type { Outcome } from "./both.ts";
import { allKnown, type Combination } from "./combination.ts";
import type { Ground } from "./ground.ts";

/** Where lfce does on purpose not what ssh does. docs/ssh.md says why; each is told to the user. */
export interface Difference extends Combination {
  ssh: Outcome;
  lfce: Outcome;
}

export function differences(ground: Ground): Difference[] {
  const { target, jump, key, hostKey } = ground;
  const alpha = `Host target\n HostName ${target}\n User alpha\n IdentityFile ${key("a")}\n`;
  const base = { ssh: "alpha by a from here" as Outcome };
  return [
    {
      ...base,
      name: "a revoked host key is refused, StrictHostKeyChecking no or not",
      config: `${alpha} StrictHostKeyChecking no\n`,
      knownHosts: `${allKnown(ground)}@revoked * ${hostKey("web1", "ssh-ed25519")}\n`,
      lfce: "host key",
    },
    {
      ...base,
      name: "a host certificate is no known key",
      config: alpha,
      knownHosts: `@cert-authority ${target} ${ground.publicKey("authority")}\n`,
      lfce: "host key",
    },
    {
      ...base,
      name: "a user certificate lets nobody in",
      config: alpha.replace("User alpha", "User certified").replace(key("a"), key("d")),
      ssh: "certified by the certificate of d from here",
      lfce: "denied",
    },
    {
      ...base,
      name: "Match exec is not run: its block is passed over, with a warning",
      config: `Match exec true\n User alpha\n${alpha.replace("User alpha", "User nobody")}`,
      lfce: "denied",
    },
    {
      ...base,
      name: "KnownHostsCommand is not run: its keys are not known",
      config: `${alpha} KnownHostsCommand /bin/echo ${target} ${hostKey("web1", "ssh-ed25519")}\n`,
      knownHosts: "",
      lfce: "host key",
    },
    {
      ...base,
      name: "RevokedHostKeys is not read: the host is refused",
      config: `${alpha} RevokedHostKeys ${ground.write("revoked", `${hostKey("time1", "ssh-ed25519")}\n`)}\n`,
      lfce: "configuration",
    },
    {
      ...base,
      name: "a keyword that ssh does not know is passed over, with a warning: a newer ssh may",
      config: `${alpha} KeywordOfTomorrow yes\n`,
      ssh: "configuration",
      lfce: "alpha by a from here",
    },
    {
      ...base,
      name: "the key that the inventory names is offered to jump hosts, too",
      config: `Host target\n HostName ${target}\n`,
      arguments: ["-l", "gamma", "-i", key("a"), "-J", `gamma@${jump}`],
      settings: { user: "gamma", privateKeyFile: key("a"), proxyJump: [`gamma@${jump}`] },
      ssh: "denied",
      lfce: "gamma by a from the jump host",
    },
    {
      ...base,
      name: "the key that the inventory names is the only one that is offered to the host",
      config: alpha,
      arguments: ["-i", key("b")],
      settings: { privateKeyFile: key("b") },
      lfce: "denied",
    },
  ];
}

import type { Combination } from "./combination.ts";
import type { Ground } from "./ground.ts";

/** Which key lets in: files, agents and what ssh_config says of them. */
export function keyCombinations(ground: Ground): Combination[] {
  const { target, key } = ground;
  const base = `Host target\n HostName ${target}\n`;
  const alpha = `Host target\n HostName ${target}\n User alpha\n IdentityFile ${key("a")}\n`;
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
  ];
}

import { readFileSync } from "node:fs";
import { allKnown } from "./combination.ts";
import type { Ground } from "./ground.ts";
import type { Home } from "./home.ts";

/** What depends on where files lie and who may write them, each with what ssh makes of it. */
export function homeCombinations(ground: Ground): (Home & { name: string; expect: string })[] {
  const { target, key } = ground;
  const secret = (name: Parameters<Ground["key"]>[0]) => readFileSync(key(name), "utf8");
  const known = { ".ssh/known_hosts": allKnown(ground) };
  const config = `Host target\n HostName ${target}\n User alpha\n`;
  const stock = { ...known, ".ssh/config": config, ".ssh/id_ed25519": secret("a") };
  const A = "alpha by a from here";
  return [
    { name: "the files that ssh looks for by itself", files: stock, expect: A },
    {
      // Debian's ssh takes 664 where the group has no other member; ssh elsewhere and lfce do not.
      name: "a configuration that others can write",
      files: { ...stock, ".ssh/config": { text: config, mode: 0o666 } },
      expect: "configuration",
    },
    {
      name: "an included file that others can write",
      files: {
        ...stock,
        ".ssh/config": `Include more\n${config}`,
        ".ssh/more": { text: "Port 22\n", mode: 0o666 },
      },
      expect: "configuration",
    },
    {
      name: "a configuration that others can read",
      files: { ...stock, ".ssh/config": { text: config, mode: 0o644 } },
      expect: A,
    },
    {
      name: "included files are looked for in ~/.ssh",
      files: {
        ...stock,
        ".ssh/config": "Include conf.d/*.conf ~/.ssh/extra\n",
        ".ssh/conf.d/1.conf": `Host target\n User alpha\n`,
        ".ssh/conf.d/2.conf": "Host target\n User beta\n",
        ".ssh/conf.d/.3.conf": "User beta\n",
        ".ssh/extra": `HostName ${target}\n`,
      },
      expect: A,
    },
    {
      name: "the system's configuration after the user's",
      files: { ...stock, ".ssh/config": "User alpha\n" },
      system: `User beta\nHost target\n HostName ${target}\n`,
      expect: A,
    },
    {
      name: "ssh's own key files in its order",
      files: { ...stock, ".ssh/config": config.replace("alpha", "gamma"), ".ssh/id_rsa": secret("c") },
      expect: "gamma by c from here",
    },
    {
      name: "a key file that others can read",
      files: { ...stock, ".ssh/id_ed25519": { text: secret("a"), mode: 0o644 } },
      expect: "denied",
    },
    {
      name: "known_hosts2",
      files: { ...stock, ".ssh/known_hosts": "", ".ssh/known_hosts2": allKnown(ground) },
      expect: A,
    },
    { name: "no configuration at all", files: known, expect: "other" },
  ];
}

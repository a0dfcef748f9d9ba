import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { Hop } from "../../../src/remote/ssh/hop.ts";
import { hashName } from "../../../src/remote/ssh/host-keys/hashed-names.ts";
import { askHostKey } from "../../../src/remote/ssh/host-keys/host-key-ask.ts";
import {
  createHostKeyCheck,
  type HostKeyCheckRequest,
} from "../../../src/remote/ssh/host-keys/host-key-check.ts";
import { keyTypeOf } from "../../../src/remote/ssh/host-keys/known-hosts.ts";
import { readKnownHosts } from "../../../src/remote/ssh/host-keys/known-hosts-read.ts";
import { which } from "../../ssh/shells.ts";
import { newKey, type SshServer, startSshServer } from "../../ssh/ssh-server.ts";
import { publicPart } from "./ssh-fixture.ts";

const shown = { ed: newKey("ed25519"), ec: newKey("ecdsa"), rsa: newKey("rsa") };
const other = { ed: newKey("ed25519"), ec: newKey("ecdsa"), rsa: newKey("rsa") };
const offers = {
  all: [shown.ed, shown.ec, shown.rsa],
  ed: [shown.ed],
  "ec and rsa": [shown.ec, shown.rsa],
  rsa: [shown.rsa],
};

interface Situation {
  text: string;
  server?: keyof typeof offers;
  host?: string;
  port?: number;
  strict?: "yes" | "accept-new" | "no";
  alias?: string;
  algorithms?: string;
  hash?: boolean;
}

/** What a client made of the key: its verdict, the type that it was shown, and what the file holds afterwards. */
interface Judgement {
  verdict: string;
  type: string | undefined;
  file: string;
}

const on = (names: string, key: { public: string }, marker = ""): string =>
  `${marker}${names} ${publicPart(key)}\n`;
const hashed = (name: string): string => hashName(name, randomBytes(20));

describe("known_hosts, judged by ssh itself", { skip: missingTools() }, () => {
  const servers = new Map<string, SshServer>();
  let directory: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "lfce-"));
    for (const [name, hostKeys] of Object.entries(offers)) {
      servers.set(name, await startSshServer({ hostKeys, authorized: [] }));
    }
  });
  after(async () => {
    for (const server of servers.values()) await server.close();
    rmSync(directory, { recursive: true });
  });
  let files = 0;
  const newFile = (text: string): string => {
    files += 1;
    const path = join(directory, `known_hosts_${files}`);
    writeFileSync(path, text);
    return path;
  };
  const portOf = (situation: Situation): number => servers.get(situation.server ?? "ed")?.port ?? 0;

  /** By `ssh`, which reaches the server under a name and port of its own by a ProxyCommand. */
  function bySsh(situation: Situation): Promise<Judgement> {
    const { text, host = "web1", port = 22, strict = "yes", alias, algorithms, hash = false } = situation;
    const file = newFile(text);
    const proxy = `bash -c "exec 3<>/dev/tcp/127.0.0.1/${portOf(situation)}; cat <&3 2>/dev/null & exec cat >&3 2>/dev/null"`;
    const options = {
      BatchMode: "yes",
      StrictHostKeyChecking: strict,
      UserKnownHostsFile: file,
      GlobalKnownHostsFile: "/dev/null",
      HashKnownHosts: hash ? "yes" : "no",
      IdentityFile: "none",
      IdentityAgent: "none",
      ProxyCommand: proxy,
      ...(alias === undefined ? {} : { HostKeyAlias: alias }),
      ...(algorithms === undefined ? {} : { HostKeyAlgorithms: algorithms }),
    };
    const args = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    return new Promise((resolve) => {
      execFile(
        "ssh",
        ["-F", "/dev/null", "-v", ...args, "-p", String(port), `root@${host}`, "true"],
        (_error, _out, said) => {
          const type = /Server host key: (\S+)/.exec(said)?.[1];
          resolve({ verdict: verdictOf(said), type, file: readFileSync(file, "utf8") });
        },
      );
    });
  }

  /** By lfce: the algorithms that it offers, the key that it is then shown, and what it makes of that. */
  async function byLfce(situation: Situation): Promise<Judgement> {
    const { text, host = "web1", port = 22, strict = "yes", alias, algorithms, hash = false } = situation;
    const file = newFile(text);
    const hop = { host, address: "127.0.0.1", port, timeoutMs: 10_000, origins: {} };
    const environment = { readFile: async (path: string) => readFileSync(path) };
    const changed: string[] = [];
    const check = createHostKeyCheck({
      ...hop,
      hostKeyName: alias ?? host,
      hostKeyPort: alias === undefined ? port : 22,
      knownHostsFiles: [file],
      newHostKeysFile: file,
      strictHostKeyChecking: strict,
      hashKnownHosts: hash,
      ...(algorithms === undefined ? {} : { hostKeyAlgorithms: algorithms }),
      knownHosts: await readKnownHosts([file], environment),
      warn: ({ code }) => void changed.push(code),
    } as HostKeyCheckRequest);
    const stream = connect(portOf(situation), "127.0.0.1");
    const key = await askHostKey(stream, hop as Hop, check.algorithms, new AbortController().signal);
    assert.ok(key);
    const verdict = check.verify(key) ? "let in" : (check.refusal()?.code ?? "").replace("host-key-", "");
    await check.record();
    const doubted = changed.includes("host-key-changed") ? "changed, " : "";
    return { verdict: `${doubted}${verdict}`, type: keyTypeOf(key), file: readFileSync(file, "utf8") };
  }

  const same: Record<string, Situation> = {
    "nothing known": { text: "" },
    "the key, and the host has others": { text: on("web1", shown.rsa), server: "all" },
    "another key of the type": { text: on("web1", other.ed) },
    "another key, and the right one": { text: on("web1", other.ed) + on("web1", shown.ed) },
    "a key of a type that the host no longer has": { text: on("web1", shown.rsa) },
    "the right key, and a wrong one of another type": {
      text: on("web1", shown.ed) + on("web1", other.rsa),
      server: "rsa",
    },
    "a key on another curve's place": { text: on("web1", other.ec), server: "ec and rsa" },
    "the bare name at another port": { text: on("web1", shown.ed), port: 2222 },
    "the bare name at another port, with another key": { text: on("web1", other.ed), port: 2222 },
    "the bare name right, the port's key wrong": {
      text: on("web1", shown.ed) + on("[web1]:2222", other.ed),
      port: 2222,
    },
    "the bare name right, the port's key of another type": {
      text: on("web1", shown.ed) + on("[web1]:2222", other.rsa),
      port: 2222,
    },
    "the port's name at port 22": { text: on("[web1]:2222", shown.ed) },
    "wildcards over the port": { text: on("[web*]:*", shown.ed), port: 2222 },
    "a star for everything": { text: on("*", shown.ed), port: 2222 },
    "a negated name": { text: on("!web1,web*", shown.ed) },
    "letter case": { text: on("WEB1", shown.ed), host: "Web1" },
    "a hashed name": { text: on(hashed("web1"), shown.ed) },
    "a hashed name with a port": { text: on(hashed("[web1]:2222"), shown.ed), port: 2222 },
    "a hashed name in a list": { text: on(`${hashed("web1")},web1`, shown.ed) },
    "IPv6 with a port": { text: on("[::1]:2222", shown.ed), host: "::1", port: 2222 },
    IPv6: { text: on("::1", shown.ed), host: "::1" },
    "an alias stands without a port": { text: on("alias", shown.ed), alias: "alias", port: 2222 },
    "an alias with the port is another name": {
      text: on("[alias]:2222", shown.ed),
      alias: "alias",
      port: 2222,
    },
    "a revoked key": { text: on("web1", shown.ed) + on("web1", shown.ed, "@revoked ") },
    "a revoked key on record, and a good one of another type": {
      text: on("web1", shown.ed) + on("web1", shown.ed, "@revoked ") + on("web1", shown.rsa),
      server: "all",
    },
    "another key is revoked": { text: on("web1", shown.ed) + on("*", other.ed, "@revoked ") },
    "an authority alone": { text: on("*", other.ed, "@cert-authority ") },
    "an authority and a plain key": {
      text: on("*", other.ed, "@cert-authority ") + on("web1", shown.rsa),
      server: "all",
    },
    "an authority whose key the host shows": { text: on("*", shown.ed, "@cert-authority ") },
    "an unknown marker": { text: on("web1", shown.ed, "@foo ") },
    CRLF: { text: on("web1", shown.ed).replace("\n", "\r\n") },
    "blanks and tabs": { text: `\t web1\t${publicPart(shown.ed).replace(" ", " \t")}  note\n` },
    "no names": { text: ` ${publicPart(shown.ed)}\n` },
    "a type that its key denies": { text: `web1 ssh-rsa ${publicPart(shown.ed).split(" ")[1]}\n` },
    "a key that is not base64": { text: on("web1", shown.ed).replace("\n", "!!!\n") },
    "a very long line": { text: on(`${"x,".repeat(8000)}web1`, shown.ed) },
    "algorithms of one's own, and the key of another type": {
      text: on("web1", shown.ed),
      server: "all",
      algorithms: "rsa-sha2-512",
    },
    "an algorithm put first": { text: on("web1", shown.ed), server: "all", algorithms: "^rsa-sha2-512" },
    "an algorithm added": { text: on("web1", shown.rsa), server: "all", algorithms: "+ssh-rsa" },
    "an algorithm taken away": { text: on("web1", shown.ec), server: "all", algorithms: "-ssh-ed25519" },
    "accept-new: nothing known": { text: "", strict: "accept-new" },
    "accept-new: after other lines": { text: "# mine\n", strict: "accept-new" },
    "accept-new: a port": { text: "", strict: "accept-new", port: 2222 },
    "accept-new: a changed key": { text: on("web1", other.ed), strict: "accept-new" },
    "accept-new: a key of another type": { text: on("web1", other.rsa), strict: "accept-new" },
    "accept-new: an authority alone": { text: on("*", other.ed, "@cert-authority "), strict: "accept-new" },
    "no: nothing known": { text: "", strict: "no" },
    "no: a changed key": { text: on("web1", other.ed), strict: "no" },
  };
  for (const [title, situation] of Object.entries(same)) {
    it(`agrees: ${title}`, async () => {
      assert.deepEqual(await byLfce(situation), await bySsh(situation));
    });
  }

  const differs: Record<string, Situation & { ssh: string; lfce: string }> = {
    "asks for a type on record, where ssh begins with ed25519 because that is on record, too": {
      text: on("web1", shown.ed) + on("web1", shown.rsa),
      server: "ec and rsa",
      ssh: "changed",
      lfce: "let in",
    },
    "asks for the bare name's types at another port": {
      text: on("web1", shown.rsa),
      server: "all",
      port: 2222,
      ssh: "unknown",
      lfce: "let in",
    },
    "refuses the bare name's revoked key at another port": {
      text: on("web1", shown.ed, "@revoked ") + on("[web1]:2222", shown.ed),
      port: 2222,
      ssh: "let in",
      lfce: "revoked",
    },
    "refuses a revoked key with StrictHostKeyChecking=no": {
      text: on("web1", shown.ed, "@revoked "),
      strict: "no",
      ssh: "let in",
      lfce: "revoked",
    },
  };
  for (const [title, { ssh, lfce, ...situation }] of Object.entries(differs)) {
    it(`differs on purpose: lfce ${title}`, async () => {
      assert.equal((await byLfce(situation)).verdict, lfce);
      assert.match((await bySsh(situation)).verdict, new RegExp(`${ssh}$`));
    });
  }

  it("agrees about files of any lines", async () => {
    const names = [
      "web1",
      "WEB1",
      "web*",
      "[web1]:2222",
      "[web*]:*",
      "*",
      "!web1,*",
      "web2",
      "10.0.0.9,web1",
    ];
    const line = fc.record({
      marker: fc.constantFrom("", "", "", "", "@revoked ", "@cert-authority "),
      names: fc.constantFrom(...names, hashed("web1"), hashed("[web1]:2222")),
      key: fc.constantFrom(shown.ed, shown.ec, shown.rsa, other.ed, other.ec, other.rsa),
    });
    const situations = fc.record({
      lines: fc.array(line, { minLength: 1, maxLength: 4 }),
      server: fc.constantFrom(...(Object.keys(offers) as (keyof typeof offers)[])),
      port: fc.constantFrom(22, 2222),
    });
    for (const { lines, server, port } of fc.sample(situations, 40)) {
      const text = lines.map((one) => on(one.names, one.key, one.marker)).join("");
      const [lfce, ssh] = await Promise.all([byLfce({ text, server, port }), bySsh({ text, server, port })]);
      // The first three of the differences above.
      if (lfce.type !== ssh.type) {
        assert.ok(lfce.verdict === "let in" || ssh.verdict !== "let in", `${server} at ${port}\n${text}`);
        continue;
      }
      if (lfce.verdict === "revoked" && port === 2222) continue;
      assert.deepEqual(lfce, ssh, `${server} at ${port}\n${text}`);
    }
  });
});

function verdictOf(said: string): string {
  const changed = /IDENTIFICATION HAS CHANGED/.test(said);
  const gone = /Host key verification failed/.test(said);
  if (/REVOKED HOST KEY/.test(said) && gone) return "revoked";
  if (changed) return gone ? "changed" : "changed, let in";
  if (/host key is known for/.test(said)) return "unknown";
  return /Authentications that can continue|Permission denied/.test(said) ? "let in" : said;
}

function missingTools(): string | false {
  const missing = ["ssh", "bash"].filter((tool) => which(tool) === undefined);
  if (missing.length === 0 && existsSync("/dev/null")) return false;
  return `${missing.join(", ")} not installed: known_hosts was not compared with ssh`;
}

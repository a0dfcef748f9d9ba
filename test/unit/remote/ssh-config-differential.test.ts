import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { LfceError } from "../../../src/core/errors.ts";
import { processEnvironment } from "../../../src/remote/ssh/environment.ts";
import type { Hop } from "../../../src/remote/ssh/hop.ts";
import { jumpHostText } from "../../../src/remote/ssh/jump-host.ts";
import { hopOf } from "../../../src/remote/ssh/resolve-hop.ts";
import { evaluateConfig } from "../../../src/remote/ssh/ssh-config/evaluate.ts";
import { readSshConfig } from "../../../src/remote/ssh/ssh-config/files.ts";
import { machineSshConfig } from "../../../src/remote/ssh/ssh-config/source.ts";
import { which } from "../../ssh/shells.ts";
import { sshConfigTable } from "./ssh-config-table.ts";

/** The judge: what the installed ssh makes of a configuration (`ssh -G`). */
const ssh = which("ssh");
const skip =
  ssh === undefined && "ssh is not installed: lfce's reading of ssh_config was not compared with ssh's";
const directory = mkdtempSync(join(tmpdir(), "lfce-"));
after(() => rmSync(directory, { recursive: true }));
const file = join(directory, "config");
const included = join(directory, "included");

type Summary = Record<string, string>;

function sshSays(host: string): Summary | "refused" {
  const { status, stdout } = spawnSync("ssh", ["-G", "-F", file, host], { encoding: "utf8", input: "" });
  if (status !== 0) return "refused";
  const lines = stdout.split("\n").map((line) => /^(\S+) (.*)$/s.exec(line) ?? []);
  const all = (keyword: string) =>
    lines.flatMap(([, name, value]) => (name === keyword ? [value ?? ""] : []));
  const one = (keyword: string, fallback = "") => all(keyword)[0] ?? fallback;
  const alias = one("hostkeyalias");
  return {
    address: one("hostname"),
    user: one("user"),
    port: one("port"),
    name: alias || one("hostname"),
    knownHosts: [one("userknownhostsfile"), one("globalknownhostsfile")]
      .join(" ")
      .replace(/\bnone\b ?/g, "")
      .trim(),
    strict:
      { true: "yes", ask: "yes", false: "no" }[one("stricthostkeychecking")] ?? one("stricthostkeychecking"),
    hash: one("hashknownhosts"),
    identities: all("identityfile")
      .filter((path) => path !== "none" && !/_sk$|_xmss$|_dsa$/.test(path))
      .join(" "),
    certificates: all("certificatefile").join(" "),
    only: one("identitiesonly"),
    agent: one("identityagent"),
    jump: one("proxyjump").replaceAll("ssh://", ""),
    command: one("proxycommand"),
    timeout: one("connecttimeout").replace(/^(none|0)$/, "10"),
    // Debian's ssh asks every 300 s in batch mode where nobody says how often.
    alive: one("serveraliveinterval").replace(/^(0|300)$/, "15"),
    aliveCount: one("serveralivecountmax").replace(/^0$/, "1"),
    family: one("addressfamily"),
    bind: one("bindaddress"),
    batch: one("batchmode"),
    password: one("passwordauthentication"),
    keyboard: one("kbdinteractiveauthentication"),
    publicKey: one("pubkeyauthentication")
      .replace("true", "yes")
      .replace("false", "no")
      .replace(/unbound|host-bound/, "yes"),
    methods: one("preferredauthentications"),
  };
}

async function lfceSays(host: string): Promise<Summary | "refused"> {
  const sshConfig = machineSshConfig(process.env, file, () => {});
  const environment = { ...processEnvironment({ HOME: userInfo().homedir }), sshConfig };
  try {
    const files = await readSshConfig(sshConfig, environment.home);
    const query = { host, localUser: environment.localUser, warn: () => {} };
    const evaluation = evaluateConfig([], files, query);
    const { values } = evaluation;
    const hop: Hop = hopOf({ host, name: host }, evaluation, environment);
    const yes = (value: boolean) => (value ? "yes" : "no");
    return {
      address: hop.address,
      user: hop.user,
      port: String(hop.port),
      name: hop.hostKeyName,
      knownHosts: hop.knownHostsFiles.join(" "),
      strict: hop.strictHostKeyChecking,
      hash: yes(hop.hashKnownHosts),
      identities: (evaluation.identityFiles.length === 0
        ? ["~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519"]
        : evaluation.identityFiles
      )
        .filter((path) => path !== "none")
        .join(" "),
      certificates: evaluation.certificateFiles.join(" "),
      only: yes(hop.identitiesOnly),
      agent:
        values.identityagent === undefined
          ? ""
          : values.identityagent.startsWith("$") ||
              values.identityagent === "none" ||
              values.identityagent === "SSH_AUTH_SOCK"
            ? values.identityagent
            : (hop.agentSocket ?? ""),
      jump: (values.proxyjump ?? []).map((jump) => jumpHostText(jump)).join(","),
      command: values.proxycommand ?? "",
      timeout: String(hop.timeoutMs / 1000),
      alive: String(hop.serverAliveIntervalMs / 1000),
      aliveCount: String(hop.serverAliveCountMax),
      family: hop.addressFamily,
      bind: hop.bindAddress ?? "",
      batch: yes(hop.batchMode),
      password: yes(hop.passwordAuthentication),
      keyboard: yes(hop.keyboardInteractiveAuthentication),
      publicKey: yes(hop.publicKeyAuthentication),
      methods: values.preferredauthentications ?? "",
    };
  } catch (error) {
    if (error instanceof LfceError && error.code === "ssh-config-invalid") return "refused";
    throw error;
  }
}

async function compare(config: string, host: string, second = ""): Promise<void> {
  writeFileSync(file, config);
  writeFileSync(included, second);
  assert.deepEqual(await lfceSays(host), sshSays(host), `${host} with\n${config}\nincluded:\n${second}`);
}

describe("ssh_config as the installed ssh reads it", { skip }, () => {
  for (const [name, config, hosts, second] of sshConfigTable(included)) {
    it(name, async () => {
      for (const host of hosts) await compare(config, host, second);
    });
  }

  it("any mixture of blocks, values, spellings and includes", async () => {
    await fc.assert(
      fc.asyncProperty(configText(true), configText(false), fc.constantFrom(...HOSTS), compare3),
      { numRuns: Number(process.env.LFCE_SSH_CONFIG_RUNS ?? 250) },
    );
  });
});

const compare3 = (config: string, second: string, host: string) => compare(config, host, second);

const HOSTS = ["web1", "web2.example.org", "DB1", "10.0.0.1", "bastion", "a-b_c"];
const PATTERNS = [
  "web1",
  "web*",
  "*.example.org",
  "!web1",
  "!db*",
  "*",
  "DB?",
  "db1",
  "10.0.0.*",
  "bastion",
  '"web1"',
];
const USERS = ["root", "admin", "deploy", '"two words"'];

function configText(withInclude: boolean): fc.Arbitrary<string> {
  const value = fc.oneof(
    setting("HostName", "%h.lan", "10.0.0.1", "LAN.example.org", "%%h", "web%x", "fe80::1"),
    setting("User", ...USERS),
    setting("Port", "22", "2222", "0", "70000", "ssh-no"),
    setting("IdentityFile", "~/.ssh/a", "/k/b", '"/k/c d"', "none", "/k/%h", "/k/id#1"),
    setting("CertificateFile", "/k/a-cert.pub", "~/b-cert.pub"),
    setting("IdentitiesOnly", "yes", "no", "TRUE", "maybe"),
    setting("IdentityAgent", "none", "SSH_AUTH_SOCK", "/run/agent.%u", "$AGENT", "$1"),
    setting("ProxyJump", "jump1", "admin@jump1:2222,inner", "[::1]:22", "ssh://x@y:1"),
    setting("ProxyCommand", "nc %h %p", "none", "NONE", 'sh -c "x y" # no comment', "= x"),
    setting("ConnectTimeout", "5", "1m30s", "none", "0", "5x", "2H"),
    setting("ServerAliveInterval", "7", "0"),
    setting("ServerAliveCountMax", "0", "5", "-1"),
    setting("HostKeyAlias", "Alias", "other"),
    setting(
      "UserKnownHostsFile",
      "/a /b",
      "~/x",
      "none",
      '"/with blank"',
      "/kh/%h-%n-%p-%r-%u-%k-%L-%i",
      "none /a",
    ),
    setting("GlobalKnownHostsFile", "/etc/a", "none", "/g/a /g/b"),
    setting("StrictHostKeyChecking", "yes", "no", "ask", "accept-new", "off", "perhaps"),
    setting("HashKnownHosts", "yes", "no"),
    setting("PasswordAuthentication", "yes", "no"),
    setting("PubkeyAuthentication", "yes", "no", "unbound"),
    setting("ChallengeResponseAuthentication", "no"),
    setting("PreferredAuthentications", "publickey", "publickey,password"),
    setting("BatchMode", "yes", "no"),
    setting("AddressFamily", "inet", "inet6", "any", "unix"),
    setting("BindAddress", "127.0.0.1"),
    setting("Compression", "yes"),
    setting("SendEnv", "LANG LC_*"),
    setting("ForwardAgent", "no"),
  );
  const patterns = fc
    .array(fc.constantFrom(...PATTERNS), { minLength: 1, maxLength: 3 })
    .map((words) => words.join(" "));
  const criteria = fc
    .array(
      fc.oneof(
        fc.tuple(
          fc.constantFrom("host", "originalhost", "!host"),
          fc.constantFrom("web*", "*.lan", "web1,db1", "DB*,!db1", "10.*"),
        ),
        fc.tuple(
          fc.constantFrom("user", "localuser", "!user"),
          fc.constantFrom("root", "admin,deploy", "*", "!root,*"),
        ),
        fc.tuple(fc.constantFrom("final", "canonical"), fc.constant("")),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((pairs) => pairs.map((pair) => pair.join(" ").trim()).join(" "));
  const block = fc.oneof(
    { weight: 5, arbitrary: spelling("Host", patterns) },
    { weight: 3, arbitrary: spelling("Match", criteria) },
    { weight: 1, arbitrary: fc.constant("Match all") },
    {
      weight: 1,
      arbitrary: fc.constantFrom("Host", "Match all host web1", "Match", "Match host"),
    },
  );
  const odd = fc.constantFrom(
    "",
    "# a comment",
    "\t",
    "  # Host *",
    `Include ${included}`,
    `Include ${included}*`,
  );
  const line = fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 3, arbitrary: block },
    { weight: 1, arbitrary: withInclude ? odd : fc.constant("") },
  );
  return fc.array(line, { maxLength: 12 }).map((lines) => `${lines.join("\n")}\n`);
}

function setting(keyword: string, ...values: string[]): fc.Arbitrary<string> {
  return spelling(keyword, fc.constantFrom(...values));
}

/** A keyword and its value in all the ways that ssh takes. */
function spelling(keyword: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const cased = fc.constantFrom(keyword, keyword.toLowerCase(), keyword.toUpperCase());
  const separator = fc.constantFrom(" ", " ", "=", " = ", "\t", "  ");
  const before = fc.constantFrom("", "  ", "\t");
  const behind = fc.constantFrom("", "", " ", " \t");
  return fc.tuple(before, cased, separator, value, behind).map((parts) => parts.join(""));
}

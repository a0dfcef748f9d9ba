import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConnectionSettings } from "../../../src/core/connection.ts";
import { jumpHostText } from "../../../src/remote/ssh/jump-host.ts";
import { resolveRoute } from "../../../src/remote/ssh/route.ts";
import { controller } from "./ssh-config-controller.ts";

const web1: ConnectionSettings = { host: "web1", address: "web1", become: false };

async function routeOf(config: string, settings: Partial<ConnectionSettings> = {}) {
  const { environment } = controller({ "/home/me/.ssh/config": config });
  return resolveRoute({ ...web1, ...settings }, environment);
}

async function way(config: string, settings: Partial<ConnectionSettings> = {}): Promise<string[]> {
  const route = await routeOf(config, settings);
  return route.map(({ address, port, user }) => jumpHostText({ user, host: address, port }));
}

describe("the way to a host", () => {
  it("without any configuration: the host by its name, the local user, port 22, ssh's own files", async () => {
    const [hop, ...more] = await routeOf("");
    assert.deepEqual(more, []);
    assert.deepEqual(hop, {
      host: "web1",
      user: "me",
      hostKeyName: "web1",
      hostKeyPort: 22,
      knownHostsFiles: [
        "/home/me/.ssh/known_hosts",
        "/home/me/.ssh/known_hosts2",
        "/etc/ssh/ssh_known_hosts",
        "/etc/ssh/ssh_known_hosts2",
      ],
      newHostKeysFile: "/home/me/.ssh/known_hosts",
      strictHostKeyChecking: "yes",
      hashKnownHosts: false,
      identityFiles: ["/home/me/.ssh/id_rsa", "/home/me/.ssh/id_ecdsa", "/home/me/.ssh/id_ed25519"],
      identityRequired: false,
      identitiesNamed: false,
      identitiesOnly: false,
      certificateFiles: [],
      agentSocket: "/run/agent",
      publicKeyAuthentication: true,
      passwordAuthentication: true,
      keyboardInteractiveAuthentication: true,
      batchMode: false,
      address: "web1",
      port: 22,
      addressFamily: "any",
      timeoutMs: 10_000,
      serverAliveIntervalMs: 15_000,
      serverAliveCountMax: 3,
      origins: {},
    });
  });

  it("says for every value who set it", async () => {
    const [hop] = await routeOf("Host web1\n User a\n IdentityFile /k\n Port 7\n", { port: 8 });
    assert.deepEqual(hop?.origins, {
      user: "/home/me/.ssh/config:2",
      identityFiles: "/home/me/.ssh/config:3",
      identitiesNamed: "/home/me/.ssh/config:3",
      port: "ansible_port",
    });
  });

  it("the inventory's variables and options win, those that it has for themselves first", async () => {
    const config = "User a\nPort 7\nHostName lan\nConnectTimeout 5\nStrictHostKeyChecking accept-new\n";
    const sshOptions = ["Port 9", "StrictHostKeyChecking=yes", "ServerAliveInterval 3"].map((option) => ({
      option,
      from: "ansible_ssh_common_args",
    }));
    const [hop] = await routeOf(config, { user: "b", port: 8, connectTimeoutMs: 2500, sshOptions });
    assert.deepEqual(
      [hop?.user, hop?.port, hop?.address, hop?.timeoutMs, hop?.serverAliveIntervalMs],
      ["b", 8, "lan", 2500, 3000],
    );
    assert.equal(hop?.strictHostKeyChecking, "yes");
  });

  it("looks the host up by ansible_host, as Ansible's ssh does", async () => {
    assert.deepEqual(await way("Host web1\n User a\nHost 10.0.0.1\n User b\n", { address: "10.0.0.1" }), [
      "b@10.0.0.1:22",
    ]);
  });

  it("each jump host has its own name, user, port and keys, and its own jump hosts", async () => {
    const config = `
Host web1
 ProxyJump inner
 User a
 IdentityFile /k/web1
Host inner
 HostName 10.0.0.2
 HostKeyAlias Inner
 User b
 Port 2222
 IdentityFile /k/inner
 ProxyJump outer
Host outer
 HostName 192.0.2.1
 IdentityAgent none
`;
    assert.deepEqual(await way(config), ["me@192.0.2.1:22", "b@10.0.0.2:2222", "a@web1:22"]);
    const [outer, inner, target] = await routeOf(config);
    assert.deepEqual([outer?.host, inner?.host, target?.host], ["outer", "inner", "web1"]);
    assert.deepEqual(
      [inner?.hostKeyName, inner?.hostKeyPort, inner?.identityFiles],
      ["inner", 22, ["/k/inner"]],
    );
    assert.deepEqual([outer?.agentSocket, inner?.agentSocket], [undefined, "/run/agent"]);
    assert.deepEqual(target?.identityFiles, ["/k/web1"]);
  });

  it("a list of jump hosts is the whole way, whatever the last of them has for itself", async () => {
    const config = "Host b\n ProxyJump other\nHost a\n ProxyJump first\n";
    assert.deepEqual(await way(config, { proxyJump: ["x@a", "b:7"] }), [
      "me@first:22",
      "x@a:22",
      "me@b:7",
      "me@web1:22",
    ]);
  });

  it("-J none goes straight, past the configuration's ProxyJump and ProxyCommand", async () => {
    assert.deepEqual(await way("ProxyJump a\n", { proxyJump: [] }), ["me@web1:22"]);
    const [hop] = await routeOf("ProxyCommand nc\n", { proxyJump: [] });
    assert.equal(hop?.proxyCommand, undefined);
    // As ssh up to 10.2 and its manual have it: the first of the two prevents the other.
    assert.equal((await routeOf("ProxyJump none\nProxyCommand nc\n"))[0]?.proxyCommand, undefined);
  });

  const loops: [config: string, path: string][] = [
    ["Host *\n ProxyJump bastion\n", "web1 via bastion via bastion"],
    ["Host web1\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a\n", "web1 via a via b via a"],
    ["Host web1\n ProxyJump web1\n", "web1 via web1"],
  ];
  for (const [config, path] of loops) {
    it(`refuses a way that leads back to itself: ${config.replaceAll("\n", ";")}`, async () => {
      const message = new RegExp(
        `^the way to web1 leads back to itself: ${path} \\(/home/me/.ssh/config:\\d\\)$`,
      );
      await assert.rejects(way(config), { code: "proxy-jump-loop", message });
    });
  }

  it("a jump host gets the inventory's known_hosts and key besides its own, and not its password", async () => {
    const settings = {
      proxyJump: ["j"],
      privateKeyFile: "/inv/key",
      knownHostsFiles: ["/inv/known"],
      password: { reveal: () => "x" } as never,
    };
    const [jump, target] = await routeOf(
      "Host j\n IdentityFile /k/j\n UserKnownHostsFile /k/known\n",
      settings,
    );
    assert.deepEqual(jump?.identityFiles, ["/k/j", "/inv/key"]);
    assert.equal(jump?.identityRequired, false);
    assert.deepEqual(jump?.knownHostsFiles.slice(0, 2), ["/inv/known", "/k/known"]);
    assert.equal(jump?.password, undefined);
    assert.deepEqual(target?.identityFiles, ["/inv/key"]);
    assert.equal(target?.identityRequired, true);
    assert.deepEqual(target?.knownHostsFiles.slice(0, 2), ["/inv/known", "/etc/ssh/ssh_known_hosts"]);
    assert.ok(target?.password);
  });

  it("IdentityAgent by path, by variable and by none", async () => {
    const agent = async (value: string) => (await routeOf(`IdentityAgent ${value}\n`))[0]?.agentSocket;
    assert.equal(await agent("~/agent-%r"), "/home/me/agent-me");
    assert.equal(await agent("$AGENT"), "/run/other");
    assert.equal(await agent("$NOT_THERE"), undefined);
    assert.equal(await agent("SSH_AUTH_SOCK"), "/run/agent");
    assert.equal(await agent("none"), undefined);
  });

  it("tokens and environment variables in file names", async () => {
    const config = `IdentityFile $\{KEYS}/%h-%n-%p-%r-%u-%L-%l-%i-%k-%d%%\nHostName %h.lan\nPort 7\nUser a\n`;
    const [hop] = await routeOf(config);
    assert.deepEqual(hop?.identityFiles, [
      "/keys/web1.lan-web1-7-a-me-desk-desk.example.org-1000-web1-/home/me%",
    ]);
  });
});

describe("a ProxyCommand", () => {
  it("has its tokens replaced", async () => {
    const [hop] = await routeOf("HostName lan\nUser a\nPort 7\nProxyCommand nc -X 5 %h %p '%r' %n 100%%\n");
    assert.equal(hop?.proxyCommand, "nc -X 5 lan 7 'a' web1 100%");
  });

  it("never puts what an inventory says into a shell unless it is plain", async () => {
    const config = "ProxyCommand nc %h %p # %r\n";
    for (const bad of ["x;id", "$(id)", "a b", "-oProxyCommand=x", "`id`", "a\nb", "ü", ""]) {
      await assert.rejects(way(config, { address: bad || "'" }), { code: "proxy-command-unsafe" });
      await assert.rejects(way(config, { user: bad || "'" }), { code: "proxy-command-unsafe" });
    }
    assert.equal((await routeOf("ProxyCommand nc host\n", { user: "x;id" }))[0]?.proxyCommand, "nc host");
  });
});

describe("a jump host's text", () => {
  for (const text of [
    "",
    "-oProxyCommand=x",
    "a b",
    "a;b",
    "$(id)@b",
    "[::1",
    "a:0",
    "a:70000",
    "a:b",
    "@a",
    "ssh://a/b",
  ]) {
    it(`is refused: ${JSON.stringify(text)}`, async () => {
      await assert.rejects(way("", { proxyJump: ["x", text, "y"] }), { code: "proxy-jump-invalid" });
    });
  }
});

describe("what lfce does not do as ssh does", () => {
  const refused: [config: string, code: string][] = [
    ["RevokedHostKeys /krl\n", "ssh-config-unsupported"],
    ["ProxyCommand x\nProxyUseFdpass yes\n", "ssh-config-unsupported"],
    ["RefuseConnection gone for good\n", "connection-refused-here"],
  ];
  for (const [config, code] of refused) {
    it(`stops the host: ${config.trim()}`, async () => {
      await assert.rejects(way(config), { code });
      await way(`Host other\n ${config}`);
    });
  }

  const told: [config: string, message: RegExp][] = [
    ["Match exec true\n User a\n", /Match exec is not evaluated/],
    ["Match host web1 !exec false\n User a\n", /Match exec is not evaluated/],
    ["Match localnetwork 10.0.0.0/8\n User a\n", /Match localnetwork is not evaluated/],
    ["CanonicalizeHostname yes\n", /CanonicalizeHostname has no effect/],
    ["KnownHostsCommand /bin/x\n", /KnownHostsCommand is not run/],
    ["BindInterface eth0\n", /BindInterface has no effect/],
    ["UseKeychain yes\n", /does not know usekeychain/],
  ];
  for (const [config, message] of told) {
    it(`tells and goes on: ${config.split("\n")[0]}`, async () => {
      const { environment, warnings } = controller({ "/home/me/.ssh/config": config });
      const [hop] = await resolveRoute(web1, environment);
      assert.equal(hop?.user, "me");
      assert.match(warnings.map((warning) => warning.message).join("\n"), message);
    });
  }

  it("says nothing of a Match that would not fit anyway", async () => {
    const { environment, warnings } = controller({
      "/home/me/.ssh/config": "Match host db1 exec true\n User a\n",
    });
    await resolveRoute(web1, environment);
    assert.deepEqual(warnings, []);
  });
});

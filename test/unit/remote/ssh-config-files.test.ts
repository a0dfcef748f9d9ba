import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConnectionSettings } from "../../../src/core/connection.ts";
import { resolveRoute } from "../../../src/remote/ssh/route.ts";
import { controller } from "./ssh-config-controller.ts";

const web1: ConnectionSettings = { host: "web1", address: "web1", become: false };

describe("the files of the configuration", () => {
  it("-F takes the place of both; -F none reads nothing", async () => {
    const files = {
      "/home/me/.ssh/config": "User a\n",
      "/etc/ssh/ssh_config": "Port 7\n",
      "/my": "User b\n",
    };
    const of = async (option?: string) => {
      const [hop] = await resolveRoute(web1, controller(files, option).environment);
      return `${hop?.user} ${hop?.port}`;
    };
    assert.deepEqual([await of(), await of("/my"), await of("none")], ["a 7", "b 22", "me 22"]);
    await assert.rejects(of("/nowhere"), { code: "ssh-config-missing" });
    const inventory = { ...web1, sshConfigFile: "/my" };
    assert.equal((await resolveRoute(inventory, controller(files).environment))[0]?.user, "b");
    assert.equal((await resolveRoute(inventory, controller(files, "none").environment))[0]?.user, "me");
  });

  const runsNothing = "Host *\nInclude /repo/more\nUser b\n";
  for (const [name, path, given, refused] of [
    ["in the inventory", "/repo/cfg", undefined, true],
    ["in the inventory, of ~/.ssh", "/home/me/.ssh/cfg", undefined, false],
    ["in the inventory, out of ~/.ssh", "/home/me/.ssh/../../../repo/cfg", undefined, true],
    ["on the command line", "/repo/cfg", "/repo/cfg", false],
  ] as const) {
    it(`-F ${name}: a ProxyCommand is ${refused ? "refused" : "taken"}`, async () => {
      const { environment } = controller(
        { [path]: runsNothing, "/repo/more": "ProxyCommand nc %h %p\n" },
        given,
      );
      const route = resolveRoute({ ...web1, sshConfigFile: path }, environment);
      if (refused) await assert.rejects(route, { code: "ssh-config-unsupported", message: /ProxyCommand/ });
      else assert.equal((await route)[0]?.proxyCommand, "nc web1 22");
    });
  }

  it("-F in the inventory cannot switch host key checking off", async () => {
    const text = "UserKnownHostsFile /dev/null\nStrictHostKeyChecking no\nUser b\nProxyCommand none\n";
    const { environment, warnings } = controller({ "/repo/cfg": text });
    const [hop] = await resolveRoute({ ...web1, sshConfigFile: "/repo/cfg" }, environment);
    assert.deepEqual([hop?.strictHostKeyChecking, hop?.user], ["yes", "b"]);
    assert.equal(hop?.newHostKeysFile, "/home/me/.ssh/known_hosts");
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["ssh-config-unheeded", "ssh-config-unheeded"],
    );
  });

  const permissions: [name: string, file: { ownerId?: number; mode?: number }, refused: boolean][] = [
    ["the group can write it", { mode: 0o100620 }, true],
    ["everybody can write it", { mode: 0o100602 }, true],
    ["it belongs to somebody else", { ownerId: 1001 }, true],
    ["it belongs to root", { ownerId: 0 }, false],
    ["everybody can read it", { mode: 0o100644 }, false],
  ];
  for (const [name, attributes, refused] of permissions) {
    it(`${refused ? "is refused" : "is taken"} when ${name}, included or not`, async () => {
      const file = { text: "User a\n", ...attributes };
      const own = controller({ "/home/me/.ssh/config": file });
      const included = controller({ "/home/me/.ssh/config": "Include x\n", "/home/me/.ssh/x": file });
      for (const { environment } of [own, included]) {
        const user = resolveRoute(web1, environment).then(([hop]) => hop?.user);
        if (refused) await assert.rejects(user, { code: "ssh-config-permissions" });
        else assert.equal(await user, "a");
      }
      // Whoever names a file answers for it, as with ssh.
      assert.equal((await resolveRoute(web1, controller({ "/f": file }, "/f").environment))[0]?.user, "a");
    });
  }

  it("one of ssh's own that cannot be read is passed over and told; a named and an included one is an error", async () => {
    const unreadable = { unreadable: "EACCES" };
    const own = controller({ "/home/me/.ssh/config": unreadable });
    assert.equal((await resolveRoute(web1, own.environment))[0]?.user, "me");
    assert.match(own.warnings[0]?.message ?? "", /config cannot be read: EACCES; it is passed over/);
    const named = controller({ "/f": unreadable }, "/f");
    await assert.rejects(resolveRoute(web1, named.environment), { code: "ssh-config-unreadable" });
    const included = controller({ "/home/me/.ssh/config": "Include x\n", "/home/me/.ssh/x": unreadable });
    await assert.rejects(resolveRoute(web1, included.environment), { code: "ssh-config-invalid" });
  });

  it("Include: names with wildcards, sorted, without hidden ones; the system's start at /etc/ssh", async () => {
    const files = {
      "/home/me/.ssh/config": "Include c.d/[a-b]?.conf c.d/z\nHost *\n Include /opt/*/x\n",
      "/home/me/.ssh/c.d/b1.conf": "User b\n",
      "/home/me/.ssh/c.d/a1.conf": "Host web1\n User a\n",
      "/home/me/.ssh/c.d/c1.conf": "Port 1\n",
      "/home/me/.ssh/c.d/.a1.conf": "Port 2\n",
      "/opt/one/x": "HostName lan\n",
      "/opt/.two/x": "Port 3\n",
      "/etc/ssh/ssh_config": "Include d/*\n",
      "/etc/ssh/d/1": "Port 7\n",
    };
    const { environment } = controller(files);
    const [hop] = await resolveRoute(web1, environment);
    assert.deepEqual([hop?.user, hop?.address, hop?.port], ["a", "lan", 7]);
    const [other] = await resolveRoute({ ...web1, address: "x" }, environment);
    assert.equal(other?.user, "b");
  });

  it("the system's configuration cannot include a home directory's", async () => {
    const { environment } = controller({ "/etc/ssh/ssh_config": "Include ~/x\n" });
    await assert.rejects(resolveRoute(web1, environment), { code: "ssh-config-invalid" });
  });

  it("a bad line is told with its place and what to do", async () => {
    const { environment } = controller({ "/home/me/.ssh/config": "Host *\n\n  Port banana\n" });
    await assert.rejects(resolveRoute(web1, environment), {
      code: "ssh-config-invalid",
      at: { file: "/home/me/.ssh/config", line: 3, column: 1 },
      message: /port must be a whole number, not "banana"/,
    });
    await assert.rejects(
      resolveRoute(
        { ...web1, sshOptions: [{ option: "Port banana", from: "ansible_ssh_common_args" }] },
        controller({}).environment,
      ),
      { code: "ssh-config-invalid", message: /\(ansible_ssh_common_args\)$/ },
    );
  });

  it("is read once for all hosts of a run", async () => {
    let reads = 0;
    const { environment } = controller({ "/home/me/.ssh/config": "User a\n" });
    const { sshConfig } = environment;
    assert.ok(sshConfig);
    const read = (path: string) => {
      reads += 1;
      return sshConfig.read(path);
    };
    const counting = { ...sshConfig, read };
    const counted = { ...environment, sshConfig: counting };
    for (const address of ["a", "b", "c"]) await resolveRoute({ ...web1, address }, counted);
    assert.equal(reads, 2);
  });
});

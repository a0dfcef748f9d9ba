import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { SyslogEvidenceRequest } from "../../../src/core/evidence.ts";
import { syslogEvidence } from "../../../src/remote/evidence.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";
import { type EvidenceHost, evidenceHost } from "./evidence-host.ts";

const request: SyslogEvidenceRequest = {
  unit: "rsyslog",
  targets: [],
  names: [],
  spoolDirectory: "/nonexistent",
  searchDirectories: [],
  nonces: [],
  files: [],
  configurations: [],
};

for (const shell of scriptShells) {
  describe(`syslog-evidence.sh under ${shell.name}`, () => {
    const host = (t: TestContext): EvidenceHost | undefined => {
      if (!usesShell(t, shell.program)) return undefined;
      const made = evidenceHost(shell);
      t.after(made.remove);
      return made;
    };

    it("tells an open port from a refused one by one short connection", async (t) => {
      const made = host(t);
      if (!made) return;
      const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const ask = async (): Promise<string | undefined> => {
        const targets = [{ address: "127.0.0.1", protocol: "tcp" as const, port }];
        return (await syslogEvidence(made.channel, { ...request, targets })).reachable[0]?.outcome;
      };
      assert.equal(await ask(), "open");
      server.close();
      await once(server, "close");
      assert.equal(await ask(), "refused");
    });

    it("brings the ends of files, and what the daemon said lately, only when asked", async (t) => {
      const made = host(t);
      if (!made) return;
      const plain = await syslogEvidence(made.channel, request);
      assert.deepEqual([plain.recent, plain.tails], [undefined, []]);
      const path = join(made.directory, "stats");
      writeFileSync(path, `${"x".repeat(70_000)}\nlast line\n`);
      made.answer(
        "journalctl --quiet --no-pager --output=cat --lines=500 --unit=rsyslog --since=-60s",
        "one\ntwo\n",
      );
      const tails = [path, "/nonexistent/stats"];
      const asked = await syslogEvidence(made.channel, { ...request, recentSeconds: 60, tails });
      assert.deepEqual(asked.recent, ["one", "two"]);
      assert.deepEqual(
        asked.tails?.map((tail) => [tail.path, tail.text.length, tail.text.slice(-9)]),
        [[path, 65_535, "last line"]],
      );
    });

    it("does not connect for UDP, and tells a name that does not resolve", async (t) => {
      const made = host(t);
      if (!made) return;
      const targets = [
        { address: "127.0.0.1", protocol: "udp" as const, port: 514 },
        { address: "nosuch.invalid", protocol: "tcp" as const, port: 514 },
      ];
      const { reachable } = await syslogEvidence(made.channel, { ...request, targets });
      assert.deepEqual(reachable, [{ address: "nosuch.invalid", port: 514, outcome: "unresolved" }]);
    });

    it("reads the connections to a target's port", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer(
        "ss -tan dport = :1",
        "State Recv-Q Send-Q Local Address:Port Peer Address:Port\nESTAB 0 4096 10.0.0.2:44000 10.0.0.1:1\nSYN-SENT 0 1 [fd00::2]:44001 [fd00::1]:1\n",
      );
      const targets = [{ address: "127.0.0.1", protocol: "tcp" as const, port: 1 }];
      const { connections } = await syslogEvidence(made.channel, { ...request, targets });
      assert.deepEqual(connections, [
        { protocol: "tcp", state: "ESTAB", address: "10.0.0.1", port: 1, sendQueue: 4096 },
        { protocol: "tcp", state: "SYN-SENT", address: "fd00::1", port: 1, sendQueue: 1 },
      ]);
    });

    it("finds a nonce in a recent file and the configuration line that names the file", async (t) => {
      const made = host(t);
      if (!made) return;
      const logs = join(made.directory, "log dir", "deeper");
      mkdirSync(join(logs, "journal"), { recursive: true });
      const [file, old, journal] = ["a b.log", "old.log", "journal/system.journal"].map((name) =>
        join(logs, name),
      );
      for (const path of [file, old, journal]) writeFileSync(path as string, "first\nweb lfce: N-1\n");
      utimesSync(old as string, 1, 1);
      const configuration = join(made.directory, "rules.conf");
      writeFileSync(configuration, `# ${file}\nmodule(load="imtcp")\nlocal6.* ${file}\n`);
      const evidence = await syslogEvidence(made.channel, {
        ...request,
        nonces: ["N-1", "N-2"],
        searchDirectories: [made.directory],
        configurations: [join(made.directory, "*.conf")],
      });
      assert.deepEqual(evidence.found, [{ nonce: "N-1", path: file }]);
      assert.deepEqual(evidence.mentions, [
        { path: file, file: configuration, line: 3, text: `local6.* ${file}` },
      ]);
    });

    it("tells of files and queues what a diagnosis needs, under the host's own date", async (t) => {
      const made = host(t);
      if (!made) return;
      const now = new Date();
      const file = join(made.directory, `x-${now.getFullYear()}.log`);
      writeFileSync(file, "12345", { mode: 0o600 });
      const missing = join(made.directory, "no such.log");
      const evidence = await syslogEvidence(made.channel, {
        ...request,
        files: [join(made.directory, "x-%Y.log"), missing],
        spoolDirectory: made.directory,
      });
      assert.deepEqual(evidence.queueFiles, [{ path: file, size: 5 }]);
      const [seen, absent] = evidence.files;
      assert.deepEqual([seen?.path, seen?.exists, seen?.size, seen?.mode], [file, true, 5, "0600"]);
      assert.ok(Math.abs((seen?.mtime ?? 0) - now.getTime() / 1000) < 60);
      assert.deepEqual(absent, { path: missing, exists: false, size: 0, mtime: 0, owner: "", mode: "" });
    });

    it("reads firewalld's zone of the default interface, ufw and iptables", async (t) => {
      const made = host(t);
      if (!made) return;
      made.answer("systemctl is-active --quiet firewalld", "");
      made.answer("firewall-cmd --get-default-zone", "public\n");
      made.answer(
        "firewall-cmd --list-all-zones",
        "internal (active)\n  target: default\n  interfaces: nosuch0\n  services: ntp\n  ports: \n\npublic (default)\n  target: default\n  interfaces: \n  services: ssh dhcpv6-client\n  ports: 514/tcp 600-700/udp\n  rich rules: \n",
      );
      made.answer("nft -t list ruleset", "table ip filter {\n}\n");
      made.answer("iptables-save -t filter", "*filter\nCOMMIT\n");
      const { firewalls } = await syslogEvidence(made.channel, request);
      assert.deepEqual(
        firewalls.map(({ kind, allowed }) => [kind, allowed]),
        [
          ["firewalld", ["ssh", "dhcpv6-client", "514/tcp", "600-700/udp"]],
          ["nftables", undefined],
          ["iptables", undefined],
        ],
      );
      assert.doesNotMatch(firewalls[0]?.rules ?? "", /internal/);
    });
  });
}

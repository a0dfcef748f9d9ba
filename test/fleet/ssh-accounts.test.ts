import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ConnectionSettings } from "../../src/core/connection.ts";
import type { ObserveRequest } from "../../src/core/host-session.ts";
import type { ObservedHost } from "../../src/core/observed.ts";
import { createConnect } from "../../src/remote/session.ts";
import { processEnvironment } from "../../src/remote/ssh/environment.ts";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { differences, snapshot, startTimes } from "./host-state.ts";
import { messageAfterLook } from "./message-after-look.ts";
import { onHost } from "./proof-hosts.ts";

const request: ObserveRequest = {
  follow: [
    { service: "chrony", path: "/etc/chrony/chrony.conf" },
    { service: "chrony", path: "/etc/chrony.conf" },
    { service: "rsyslog", path: "/etc/rsyslog.conf" },
  ],
  files: [],
  stat: ["/var/spool/rsyslog"],
  units: ["chrony", "chronyd", "rsyslog", "ntpd"],
  programs: ["chronyd"],
  names: ["localhost"],
  socketPrograms: true,
};

/** Accounts as administrators have them: what sudo and the login shell do there. */
const accounts = [
  {
    user: "loud",
    shell: "/bin/bash",
    sudoers: "loud ALL=(ALL) NOPASSWD: ALL",
    more: "echo 'echo hello' >/home/loud/.bashrc",
  },
  {
    user: "logged",
    shell: "/bin/bash",
    sudoers: "Defaults:logged use_pty, log_output\nlogged ALL=(ALL) NOPASSWD: ALL",
  },
  {
    user: "lectured",
    shell: "/bin/sh",
    sudoers: "Defaults:lectured lecture=always\nlectured ALL=(ALL) NOPASSWD: ALL",
  },
  { user: "nosudo", shell: "/bin/sh", refused: "sudo-needs-password" },
  { user: "asked", shell: "/bin/bash", sudoers: "asked ALL=(ALL) ALL", refused: "sudo-needs-password" },
  {
    user: "noterminal",
    shell: "/bin/sh",
    sudoers: "Defaults:noterminal requiretty\nnoterminal ALL=(ALL) NOPASSWD: ALL",
    refused: "sudo-needs-tty",
  },
  { user: "noshell", shell: "/usr/sbin/nologin", refused: "no-shell" },
] as const;

for (const machine of ["time1", "log1", "old1", "db1"]) {
  describe(`logging in and looking at ${machine}`, () => {
    let lab: Lab;
    before(async () => {
      lab = await fleetLab();
      await lab.reset(machine);
      for (const account of accounts) {
        const home = `/home/${account.user}`;
        await onHost(
          lab,
          machine,
          `useradd -m -s ${account.shell} ${account.user} && mkdir ${home}/.ssh &&
          cp /root/.ssh/authorized_keys ${home}/.ssh/ && chown -R ${account.user} ${home}/.ssh`,
        );
        if ("sudoers" in account)
          await onHost(lab, machine, `printf '%s\\n' '${account.sudoers}' >/etc/sudoers.d/${account.user}`);
        if ("more" in account) await onHost(lab, machine, account.more);
      }
    });
    after(() => lab.reset(machine));

    function settings(more: Partial<ConnectionSettings>): ConnectionSettings {
      return {
        host: machine,
        address: lab.machine(machine).address,
        port: 22,
        user: "root",
        privateKeyFile: lab.privateKeyPath,
        knownHostsFiles: [lab.knownHostsPath],
        become: true,
        connectTimeoutMs: 10_000,
        ...more,
      };
    }

    async function observeAs(more: Partial<ConnectionSettings>): Promise<ObservedHost> {
      const connect = createConnect(processEnvironment(process.env));
      const session = await connect(settings(more), new AbortController().signal);
      try {
        return await session.observe(request);
      } finally {
        await session.close();
      }
    }

    for (const user of ["root", "admin", "csh-admin", "loud", "logged", "lectured"]) {
      it(`${user} sees the host as root`, async () => {
        const seen = await observeAs({ user });
        assert.equal(seen.uid, 0);
        assert.match(seen.versions.chrony ?? "", /^4\./);
        assert.match(seen.versions.rsyslog ?? "", /^8\./);
        assert.equal(seen.units.rsyslog?.active, "active");
        assert.ok(seen.files["/etc/rsyslog.conf"]?.content);
        assert.ok((seen.units.rsyslog?.startedAt ?? 0) % 1 > 0, "the start has a fraction of a second");
        assert.ok(seen.addresses.includes(lab.machine(machine).address));
        assert.ok(seen.listeners.some(({ port, process }) => port === 22 && process === "sshd"));
        assert.notEqual(seen.chronyc.sources, undefined);
      });
    }

    for (const user of ["root", "admin", "csh-admin", "loud", "logged", "lectured"]) {
      it(`${user} sends a message by the shell of the look`, async () => {
        assert.deepEqual(await messageAfterLook(lab, settings({ user })), { commands: 1, logged: 1 });
      });
    }

    it("without become the host is seen as far as the user may", async () => {
      const seen = await observeAs({ user: "nosudo", become: false });
      assert.notEqual(seen.uid, 0);
      assert.ok(seen.files["/etc/rsyslog.conf"]?.content);
    });

    for (const account of accounts) {
      if (!("refused" in account)) continue;
      it(`${account.user} is told ${account.refused}`, async () => {
        await assert.rejects(observeAs({ user: account.user }), { code: account.refused });
      });
    }

    it("a user that the host does not know, and another host's key, are refused", async () => {
      await assert.rejects(observeAs({ user: "nobody-here" }), { code: "authentication-failed" });
      await assert.rejects(observeAs({ knownHostsFiles: ["/dev/null"] }), { code: "host-key-unknown" });
    });

    it("looking changes nothing", async () => {
      const units = ["chrony", "chronyd", "rsyslog"];
      const [files, starts] = [await snapshot(lab, machine), await startTimes(lab, machine, units)];
      await observeAs({});
      assert.deepEqual(differences(files, await snapshot(lab, machine)), []);
      assert.equal(await startTimes(lab, machine, units), starts);
    });

    it("through a jump host", async () => {
      const jump = lab.machines.find(({ name }) => name !== machine);
      const seen = await observeAs({ proxyJump: [`root@${jump?.address}`] });
      assert.equal(seen.hostname, machine);
    });
  });
}

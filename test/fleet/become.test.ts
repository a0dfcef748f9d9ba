import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { ConnectionSettings } from "../../src/core/connection.ts";
import type { LfceError } from "../../src/core/errors.ts";
import { secret } from "../../src/core/secrets.ts";
import { becomeOf } from "../../src/remote/become.ts";
import { createPasswordGate } from "../../src/remote/password-gate.ts";
import type { ScriptResult } from "../../src/remote/run-script.ts";
import { createScriptChannel } from "../../src/remote/script-channel.ts";
import { processEnvironment } from "../../src/remote/ssh/environment.ts";
import type { Lab } from "../lab/lab.ts";
import { connectSsh } from "../ssh/connect-once.ts";
import { which } from "../ssh/shells.ts";
import { fleetLab } from "./fleet-lab.ts";
import { messageAfterLook } from "./message-after-look.ts";
import { onHost } from "./proof-hosts.ts";

/** With everything that a shell or a prompt could stumble over. */
const PASSWORD = "hörse'\" $(id) \\n `x` %u !";

/** Accounts as administrators have them, each with PASSWORD. */
const accounts = {
  asked: { sudoers: "asked ALL=(ALL) ALL" },
  free: { sudoers: "free ALL=(ALL) NOPASSWD: ALL" },
  lectured: { sudoers: "Defaults:lectured lecture=always\nlectured ALL=(ALL) ALL" },
  logged: { sudoers: "Defaults:logged use_pty, log_input, log_output\nlogged ALL=(ALL) ALL" },
  cached: { sudoers: "Defaults:cached timestamp_type=global\ncached ALL=(ALL) ALL" },
  slow: { sudoers: "slow ALL=(ALL) ALL" },
  onetry: { sudoers: "Defaults:onetry passwd_tries=1\nonetry ALL=(ALL) ALL" },
  csh: { shell: "/bin/tcsh", sudoers: "csh ALL=(ALL) ALL" },
  stranger: {},
  limited: { sudoers: "limited ALL=(ALL) /bin/ls" },
  terminal: { sudoers: "Defaults:terminal requiretty\nterminal ALL=(ALL) ALL" },
  expired: { sudoers: "expired ALL=(ALL) ALL", more: "chage -d 0 expired" },
} satisfies Record<string, { shell?: string; sudoers?: string; more?: string }>;
type Account = keyof typeof accounts;

const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");

async function makeAccounts(lab: Lab, machine: string): Promise<void> {
  for (const [user, account] of Object.entries(accounts) as [Account, Record<string, string>][]) {
    const home = `/home/${user}`;
    await onHost(
      lab,
      machine,
      `useradd -m -s ${account.shell ?? "/bin/sh"} ${user} && mkdir ${home}/.ssh &&
      cp /root/.ssh/authorized_keys ${home}/.ssh/ && chown -R ${user} ${home}/.ssh &&
      echo ${base64(`${user}:${PASSWORD}\n`)} | base64 -d | chpasswd &&
      echo ${base64(`${account.sudoers ?? "# nothing"}\n`)} | base64 -d >/etc/sudoers.d/${user}; ${account.more ?? ":"}`,
    );
  }
  // A directory server that is slow to answer, for one user.
  const slow = "auth [success=1 default=ignore] pam_succeed_if.so quiet user != slow";
  await onHost(
    lab,
    machine,
    `{ echo '${slow}'; echo 'auth required pam_exec.so quiet /bin/sleep 2'; cat /etc/pam.d/sudo; } >/tmp/pam &&
    cat /tmp/pam >/etc/pam.d/sudo`,
  );
}

for (const machine of ["time1", "log1", "old1", "db1"]) {
  describe(`becoming root on ${machine}`, () => {
    let lab: Lab;
    before(async () => {
      lab = await fleetLab();
      await lab.reset(machine);
      await makeAccounts(lab, machine);
    });
    after(() => lab.reset(machine));

    function settingsFor(user: string, more: Partial<ConnectionSettings>): ConnectionSettings {
      return {
        host: machine,
        address: lab.machine(machine).address,
        user,
        privateKeyFile: lab.privateKeyPath,
        knownHostsFiles: [lab.knownHostsPath],
        become: true,
        ...more,
      };
    }

    /** Runs scripts as root over one connection; each prints who it is and then its stdin. */
    async function asRoot(
      user: string,
      more: Partial<ConnectionSettings> = { becomePassword: secret(PASSWORD) },
      times = 1,
    ): Promise<ScriptResult[]> {
      const settings = settingsFor(user, more);
      const transport = await connectSsh(settings, processEnvironment({}), new AbortController().signal);
      try {
        const become = becomeOf({ ...settings, user }, () => createPasswordGate());
        const channel = createScriptChannel(transport, machine, become);
        const script = { name: "who", source: "id -un; cat; echo said >&2\n" };
        const results: ScriptResult[] = [];
        for (let run = 0; run < times; run += 1) {
          const stdin = Buffer.from(`data ${run}\n`);
          results.push(await channel.run(script, { stdin, timeoutMs: 30_000, maxOutputBytes: 10_000 }));
        }
        return results;
      } finally {
        await transport.close();
      }
    }

    async function refusal(user: string, more?: Partial<ConnectionSettings>): Promise<LfceError> {
      const caught = await asRoot(user, more).then(
        (results) => assert.fail(`it ran: ${results[0]?.stdout}`),
        (error: LfceError) => error,
      );
      assert.ok(caught.hint, caught.message);
      assert.ok(!`${caught.message}${caught.hint}${caught.stack}`.includes(PASSWORD));
      return caught;
    }

    /** Failed authentications that sudo wrote down for a user. */
    async function failures(user: string): Promise<number> {
      const log = await onHost(lab, machine, "journalctl --no-pager -o cat -t sudo || true");
      return log
        .split("\n")
        .filter((line) => line.includes("authentication failure") && line.includes(`user=${user}`)).length;
    }

    for (const user of ["asked", "lectured", "logged", "slow", "csh"] satisfies Account[]) {
      it(`${user} gives the password, and the script gets its own stdin`, async () => {
        const [result] = await asRoot(user);
        assert.equal(result?.stdout.toString(), "root\ndata 0\n");
        assert.equal(result?.stderr, "said\n");
      });
    }

    for (const user of ["asked", "logged", "csh"] satisfies Account[]) {
      it(`${user} sends a message by the shell of the look`, async () => {
        const settings = settingsFor(user, { becomePassword: secret(PASSWORD) });
        assert.deepEqual(await messageAfterLook(lab, settings), { commands: 1, logged: 1 });
      });
    }

    it("where sudo does not ask, the password reaches no stdin", async () => {
      const [result] = await asRoot("free");
      assert.equal(result?.stdout.toString(), "root\ndata 0\n");
    });

    it("where sudo asks only the first time, the password reaches no stdin the second time", async () => {
      const outputs = (await asRoot("cached", undefined, 3)).map(({ stdout }) => stdout.toString());
      assert.deepEqual(outputs, ["root\ndata 0\n", "root\ndata 1\n", "root\ndata 2\n"]);
    });

    it("sudo's own log of the input does not hold the password", async () => {
      const logs = await onHost(lab, machine, "find /var/log/sudo-io -type f -exec zcat -f {} +");
      assert.match(logs, /data 0/);
      assert.ok(!logs.includes(PASSWORD));
    });

    it("a wrong password is said at once: one attempt, although sudo would ask three times", async () => {
      assert.equal(await failures("asked"), 0);
      const error = await refusal("asked", { becomePassword: secret("wrong") });
      assert.equal(error.code, "sudo-password-wrong");
      assert.equal(await failures("asked"), 1);
    });

    it("a wrong password where sudo asks only once", async () => {
      const error = await refusal("onetry", { becomePassword: secret("wrong") });
      assert.equal(error.code, "sudo-password-wrong");
    });

    it("a password that is needed and was not given", async () => {
      const error = await refusal("asked", {});
      assert.equal(error.code, "sudo-needs-password");
      assert.match(error.hint ?? "", /--ask-become-pass.*ansible_become_password/);
    });

    for (const [user, code, words] of [
      ["stranger", "sudo-denied", /stranger is not in the sudoers file/],
      ["limited", "sudo-denied", /not allowed to execute/],
      ["terminal", "sudo-needs-tty", /requiretty/],
      ["expired", "password-expired", /has expired/],
    ] as const) {
      it(`${user} is told ${code}`, async () => {
        const error = await refusal(user);
        assert.equal(error.code, code, error.message);
        assert.match(error.message, words);
        assert.doesNotMatch(error.message, /lecture/i);
      });
    }

    // The program is this machine's own, which must be of the same release.
    if (machine !== "time1") return;
    it("doas serves where it asks nothing, and says what it wants where it does", async (t) => {
      const doas = which("doas");
      const codename = /^VERSION_CODENAME=.*$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[0] ?? "none";
      const there = await onHost(lab, machine, "cat /etc/os-release");
      if (!doas || !there.includes(codename)) {
        return t.skip(`no doas that runs on ${machine}: becoming root by doas was not tried`);
      }
      assert.equal((await refusal("asked", { becomeMethod: "doas" })).code, "doas-missing");
      const conf = "permit nopass free as root\npermit asked as root\n";
      for (const [path, bytes, mode] of [
        ["/usr/bin/doas", readFileSync(doas), "4755"],
        ["/etc/pam.d/doas", readFileSync("/etc/pam.d/doas"), "644"],
        ["/etc/doas.conf", conf, "600"],
      ] as const) {
        await onHost(lab, machine, `echo ${base64(bytes)} | base64 -d >${path} && chmod ${mode} ${path}`);
      }
      const [result] = await asRoot("free", { becomeMethod: "doas" });
      assert.equal(result?.stdout.toString(), "root\ndata 0\n");
      const given = { becomeMethod: "doas", becomePassword: secret(PASSWORD) } as const;
      assert.equal((await refusal("asked", given)).code, "doas-needs-password");
      assert.equal((await refusal("stranger", given)).code, "doas-denied");
    });
  });
}

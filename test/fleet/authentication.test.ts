import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ConnectionSettings } from "../../src/core/connection.ts";
import type { LfceError } from "../../src/core/errors.ts";
import { secret } from "../../src/core/secrets.ts";
import { processEnvironment, type SshEnvironment } from "../../src/remote/ssh/environment.ts";
import type { Lab } from "../lab/lab.ts";
import { connectSsh } from "../ssh/connect-once.ts";
import { fleetLab } from "./fleet-lab.ts";
import { onHost } from "./proof-hosts.ts";

const PASSWORD = "correct hörse";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** What sshd demands of each user (AuthenticationMethods); everybody has PASSWORD and the user's key. */
const users = {
  bypassword: "password",
  byquestion: "keyboard-interactive:pam",
  byboth: "publickey,password",
  bykey: "publickey",
} as const;

for (const machine of ["web1", "log1", "old1"]) {
  describe(`being let in on ${machine}`, () => {
    let lab: Lab;
    let place = "";
    let agentSocket = "";
    let stopAgent = (): void => {};

    before(async () => {
      lab = await fleetLab();
      await lab.reset(machine);
      place = mkdtempSync(join(tmpdir(), "lfce-login-"));
      for (const name of ["right", "a", "b", "c", "d", "e", "f", "g"]) {
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(place, name)]);
      }
      const publicKey = readFileSync(join(place, "right.pub"), "utf8").trim();
      const rules: string[] = [];
      for (const [user, methods] of Object.entries(users)) {
        rules.push(`Match User ${user}`, `AuthenticationMethods ${methods}`);
        await onHost(
          lab,
          machine,
          `useradd -m -s /bin/sh ${user} && mkdir -m 700 /home/${user}/.ssh &&
          echo '${publicKey}' >/home/${user}/.ssh/authorized_keys && chown -R ${user} /home/${user}/.ssh &&
          echo ${base64(`${user}:${PASSWORD}\n`)} | base64 -d | chpasswd`,
        );
      }
      await onHost(
        lab,
        machine,
        `sed -i '/^KbdInteractiveAuthentication\\|^ChallengeResponseAuthentication/d' /etc/ssh/sshd_config &&
        echo ${base64(`ChallengeResponseAuthentication yes\n${rules.join("\n")}\n`)} | base64 -d >>/etc/ssh/sshd_config &&
        systemctl restart ssh`,
      );
      // The private half of this name is in the agent alone.
      copyFileSync(join(place, "right.pub"), join(place, "held.pub"));
      agentSocket = join(place, "agent");
      const agent = spawn("ssh-agent", ["-D", "-a", agentSocket], { stdio: ["ignore", "pipe", "inherit"] });
      stopAgent = () => agent.kill();
      await once(agent.stdout, "data");
      for (const name of ["a", "b", "c", "d", "e", "f", "g", "right"]) {
        execFileSync("ssh-add", ["-q", join(place, name)], {
          env: { ...process.env, SSH_AUTH_SOCK: agentSocket },
        });
      }
    });
    after(async () => {
      stopAgent();
      rmSync(place, { recursive: true, force: true });
      await lab.reset(machine);
    });

    /** Logs in and says who that was. */
    async function login(
      user: keyof typeof users,
      more: Partial<ConnectionSettings> = {},
      agent = false,
    ): Promise<string> {
      const settings: ConnectionSettings = {
        host: machine,
        address: lab.machine(machine).address,
        user,
        knownHostsFiles: [lab.knownHostsPath],
        become: false,
        ...more,
      };
      const variables = { HOME: place, ...(agent ? { SSH_AUTH_SOCK: agentSocket } : {}) };
      const environment: SshEnvironment = processEnvironment(variables);
      const transport = await connectSsh(settings, environment, new AbortController().signal);
      try {
        const { stdout, exited } = await transport.exec("id -un");
        let text = "";
        stdout.on("data", (chunk) => {
          text += chunk;
        });
        await exited;
        return text.trim();
      } finally {
        await transport.close();
      }
    }

    async function refusal(...given: Parameters<typeof login>): Promise<LfceError> {
      const caught = await login(...given).then(
        (who) => assert.fail(`${who} was let in`),
        (error: LfceError) => error,
      );
      assert.ok(!`${caught.message}${caught.hint}`.includes(PASSWORD));
      return caught;
    }

    const password = secret(PASSWORD);
    /** Failed attempts that PAM wrote down for a user. */
    async function failures(user: string): Promise<number> {
      const log = await onHost(lab, machine, "journalctl --no-pager -o cat");
      const isOne = /^pam_unix\(sshd:auth\): authentication failure;.* user=(\S+)/;
      return log.split("\n").filter((line) => isOne.exec(line)?.[1] === user).length;
    }

    it("by a password", async () => {
      assert.equal(await login("bypassword", { password }), "bypassword");
    });

    it("by answering PAM's question for the password", async () => {
      assert.equal(await login("byquestion", { password }), "byquestion");
    });

    it("by a key and a password, the key from a file or from the agent", async () => {
      assert.equal(await login("byboth", { password, privateKeyFile: join(place, "right") }), "byboth");
      assert.equal(await login("byboth", { password, privateKeyFile: join(place, "held") }, true), "byboth");
    });

    it("a wrong password costs one attempt, by whichever method", async () => {
      for (const user of ["bypassword", "byquestion"] as const) {
        const error = await refusal(user, { password: secret("wrong") });
        assert.equal(error.code, "password-refused", error.message);
        assert.equal(await failures(user), 1, user);
      }
    });

    it("eight keys in the agent are too many for sshd, and the error says which they were and what to do", async () => {
      const error = await refusal("bykey", {}, true);
      assert.equal(error.code, "too-many-keys", error.message);
      assert.match(error.message, /a \(ssh-ed25519 SHA256:\S+\) from ssh-agent, b \(/);
      assert.match(error.hint ?? "", /IdentitiesOnly/);
    });

    it("the key that is named comes first of eight, though only the agent has it", async () => {
      assert.equal(await login("bykey", { privateKeyFile: join(place, "held") }, true), "bykey");
      const option = `IdentityFile=${join(place, "held")}`;
      assert.equal(await login("bykey", { sshOptions: [{ option, from: "test" }] }, true), "bykey");
    });

    it("keys of each type and format let in, RSA keys by SHA-2", async () => {
      for (const [name, ...options] of [
        ["rsa-pem", "-t", "rsa", "-m", "PEM"],
        ["rsa-pkcs8", "-t", "rsa", "-m", "PKCS8"],
        ["ecdsa", "-t", "ecdsa", "-b", "521"],
        ["ecdsa-pkcs8", "-t", "ecdsa", "-m", "PKCS8"],
      ] as [string, ...string[]][]) {
        const path = join(place, name);
        execFileSync("ssh-keygen", ["-q", "-N", "", "-f", path, ...options]);
        const line = base64(readFileSync(`${path}.pub`, "utf8"));
        await onHost(lab, machine, `echo ${line} | base64 -d >>/home/bykey/.ssh/authorized_keys`);
        assert.equal(await login("bykey", { privateKeyFile: path }), "bykey", name);
      }
    });

    it("a key file that others can read is refused by ssh and by lfce", async () => {
      const path = join(place, "open");
      writeFileSync(path, readFileSync(join(place, "a")), { mode: 0o644 });
      assert.equal((await refusal("bykey", { privateKeyFile: path })).code, "key-file-open-to-others");
    });
  });
}

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { inventoryOf, lfceProgram, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";
import { watchProcesses } from "./process-watch.ts";
import { onHost } from "./proof-hosts.ts";

const fresh = (name: string): string => `${name}-${randomBytes(9).toString("base64url")}`;
const sshPassword = fresh("login");
const sudoPassword = fresh("sudo");
const passphrase = fresh("phrase");
/** Looked for like the secrets, and put where it must be found: that the search works. */
const canary = fresh("canary");
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** What is on the controller's side of a run: its own home and temporary directory. */
interface Controller {
  place: Workplace;
  environment: NodeJS.ProcessEnv;
  keyFile: string;
  /** The lines of the private key that nobody may see. */
  keyLines: string[];
}

function controller(lab: Lab): Controller {
  const place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1", "db1"] }));
  const at = (name: string): string => join(place.directory, name);
  for (const name of ["home", "tmp", "keys", "host_vars"]) mkdirSync(at(name));
  const keyFile = at("keys/locked");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
  const lines = readFileSync(keyFile, "utf8").trim().split("\n").slice(2, -1);
  execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", passphrase, "-a", "1", "-f", keyFile]);
  const locked = readFileSync(keyFile, "utf8");
  const keyLines = lines.filter((line) => !locked.includes(line) && line.length > 10);
  const environment = { ...process.env, HOME: at("home"), TMPDIR: at("tmp"), TERM: "dumb" };
  return { place, environment, keyFile, keyLines };
}

/** Two accounts: one is let in by the encrypted key, one by the SSH password; sudo asks both for the same password. */
async function makeAccounts(lab: Lab, { keyFile }: Controller): Promise<void> {
  const publicKey = readFileSync(`${keyFile}.pub`, "utf8");
  for (const [machine, user, password] of [
    ["web1", "keyed", sudoPassword],
    ["db1", "typed", sshPassword],
  ] as const) {
    await lab.reset(machine);
    await onHost(
      lab,
      machine,
      `useradd -m -s /bin/bash ${user} && mkdir -m 700 /home/${user}/.ssh &&
      ${user === "keyed" ? `echo '${publicKey.trim()}' >/home/${user}/.ssh/authorized_keys &&` : ""}
      chown -R ${user} /home/${user}/.ssh && echo ${base64(`${user}:${password}\n`)} | base64 -d | chpasswd &&
      printf '${user} ALL=(ALL) ALL\\nDefaults:${user} rootpw\\n' >/etc/sudoers.d/${user} &&
      echo ${base64(`root:${sudoPassword}\n`)} | base64 -d | chpasswd`,
    );
  }
}

/** Runs lfce on a terminal of its own, and types an answer for each question. */
async function onTerminal(
  { place, environment }: Controller,
  words: readonly string[],
  answers: readonly (readonly [question: RegExp, answer: string])[],
): Promise<{ shown: string; code: number | null }> {
  const command = [process.execPath, lfceProgram, ...words].map((word) => `'${word}'`).join(" ");
  const terminal = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: place.directory,
    env: environment,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let [shown, answered, from] = ["", 0, 0];
  terminal.stdout.on("data", (chunk: Buffer) => {
    shown += chunk;
    const next = answers[answered];
    const asked = next?.[0].exec(shown.slice(from));
    if (!next || !asked) return;
    from = shown.length;
    answered += 1;
    terminal.stdin.write(`${next[1]}\r`);
  });
  const [code] = (await once(terminal, "close")) as [number | null];
  assert.equal(answered, answers.length, `not all was asked for:\n${shown}`);
  return { shown, code };
}

/** Every file below the controller's directories, by path. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Where on a machine one of the texts stands: in any file (shell histories too), or in the journal. */
async function placesOnHost(lab: Lab, machine: string, texts: readonly string[]): Promise<string[]> {
  const wanted = `echo ${base64(`${texts.join("\n")}\n`)} | base64 -d`;
  const found = await onHost(
    lab,
    machine,
    `${wanted} | grep -rlaF -f - / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev 2>/dev/null
    ${wanted} >/dev/shm/wanted
    journalctl --no-pager -o json --all | grep -oF -f /dev/shm/wanted | sed 's/^.*$/the journal/' | sort -u
    rm -f /dev/shm/wanted; :`,
  );
  return found.split("\n").filter((line) => line !== "");
}

const variables = (user: string, key: string): string =>
  `ansible_user: ${user}\nansible_become: true\nansible_ssh_private_key_file: ${key}\n`;
/** Without a key: not even the one of the lab. */
const db1 = variables("typed", '""');

describe("the secrets of a run", () => {
  let lab: Lab;
  let own: Controller;
  let secrets: string[];
  before(async () => {
    lab = await fleetLab();
    await lab.reset("time1");
    own = controller(lab);
    secrets = [sshPassword, sudoPassword, passphrase, ...own.keyLines];
    assert.ok(own.keyLines.length > 0, "the key has lines of its own");
    await makeAccounts(lab, own);
    own.place.write("playbook.yml", timeAndLogs());
    own.place.write("host_vars/web1.yml", variables("keyed", own.keyFile));
    own.place.write("host_vars/db1.yml", db1);
  });
  after(async () => {
    for (const machine of ["web1", "db1"]) await lab.reset(machine);
    own.place.remove();
  });

  const questions = [
    [/SSH password:/, sshPassword],
    [/sudo password.*:/, sudoPassword],
    [/passphrase of the key .*locked.*:/, passphrase],
  ] as const;

  const cases: {
    title: string;
    words: readonly string[];
    typed: readonly (readonly [question: RegExp, answer: string])[];
    /** Passwords that the user keeps in files. */
    files?: Record<string, string>;
    code: number;
  }[] = [
    {
      title: "typed, plain output with --debug",
      words: ["apply", "-k", "-K", "-o", "plain", "--debug", "-v"],
      typed: questions,
      code: 0,
    },
    { title: "typed, the live display", words: ["plan", "-k", "-K", "-o", "tty"], typed: questions, code: 0 },
    {
      title: "in the inventory and in a file, JSON with --debug",
      words: ["verify", "--become-password-file", "sudo-password", "-o", "json", "--debug"],
      typed: questions.slice(2),
      files: {
        "host_vars/db1.yml": `${db1}ansible_password: ${sshPassword}\n`,
        "sudo-password": sudoPassword,
      },
      code: 0,
    },
    {
      title: "wrong, plain output with --debug",
      words: ["plan", "-k", "-K", "-o", "plain", "--debug"],
      typed: [[/SSH password:/, fresh("wrong")], [/sudo password.*:/, fresh("wrong")], ...questions.slice(2)],
      code: 3,
    },
  ];
  for (const { title, words, typed, files = {}, code } of cases) {
    it(`${title}: they stand nowhere that anybody could look`, async () => {
      const at = (name: string): string => join(own.place.directory, name);
      for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text, { mode: 0o600 });
      const watched = [...new Set([...secrets, ...typed.map(([, answer]) => answer)])];
      const watch = await watchProcesses(watched, ["sudo -S -p lfce-", lfceProgram]);
      const [command = "", ...options] = words;
      const run = await onTerminal(own, [command, "playbook.yml", "-i", "inventory.yml", ...options], typed);
      const sightings = await watch.stop();
      assert.equal(run.code, code, run.shown);

      for (const one of watched) assert.ok(!run.shown.includes(one), `shown: ${run.shown}`);
      assert.deepEqual(sightings.secrets, []);
      assert.equal(
        sightings.marks.length,
        2,
        `the watch saw only ${sightings.marks} in ${sightings.rounds} rounds`,
      );

      const kept = filesBelow(own.place.directory).filter((file) => {
        const text = readFileSync(file, "latin1");
        return watched.some((one) => text.includes(one));
      });
      assert.deepEqual(kept.sort(), Object.keys(files).map(at).sort());
      for (const name of Object.keys(files)) writeFileSync(at(name), name.startsWith("host_vars") ? db1 : "");

      for (const machine of ["web1", "db1"]) {
        assert.deepEqual(await placesOnHost(lab, machine, watched), [], machine);
        await onHost(lab, machine, `echo ${canary} >/root/canary; logger ${canary}; journalctl --sync`);
        const places = await placesOnHost(lab, machine, [canary]);
        assert.ok(
          places.includes("/root/canary") && places.includes("the journal"),
          "the search finds nothing",
        );
      }
    });
  }
});

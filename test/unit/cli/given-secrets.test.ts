import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { inspect } from "node:util";
import {
  type Ask,
  BECOME_PASSWORD_VARIABLE,
  gatherSecrets,
  type PasswordOptions,
  withGivenSecrets,
} from "../../../src/cli/given-secrets.ts";
import type { ConnectionSettings } from "../../../src/core/connection.ts";
import { LfceError } from "../../../src/core/errors.ts";
import { secret } from "../../../src/core/secrets.ts";
import type { SshEnvironment } from "../../../src/remote/ssh/environment.ts";
import { newKey } from "../../ssh/ssh-server.ts";

const place = mkdtempSync(join(tmpdir(), "lfce-secrets-"));
after(() => rmSync(place, { recursive: true }));

const locked = newKey("ed25519", "open sesame").private;
const settings: ConnectionSettings = { host: "web1", address: "192.0.2.1", become: true };

function environment(files: Record<string, string> = {}): SshEnvironment {
  return {
    home: "/home/me",
    localUser: "me",
    readFile: async (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
  };
}

/** Answers the questions in turn, and notes them. */
function answering(...answers: string[]): { ask: Ask; questions: string[] } {
  const questions: string[] = [];
  const ask: Ask = async (question) => {
    questions.push(question);
    const answer = answers[questions.length - 1];
    if (answer === undefined) throw new Error(`nobody answers: ${question}`);
    return secret(answer);
  };
  return { ask, questions };
}

function gather(
  options: PasswordOptions,
  ask: Ask,
  variables: Record<string, string | undefined> = {},
  files: Record<string, string> = {},
) {
  return gatherSecrets(options, [settings], environment(files), variables, ask, true);
}

function passwordFile(name: string, text: string, mode = 0o600): string {
  const path = join(place, name);
  writeFileSync(path, text, { mode });
  return path;
}

test("nothing is asked for where nothing is needed", async () => {
  const { ask, questions } = answering();
  const given = await gather({}, ask);
  assert.deepEqual(questions, []);
  assert.deepEqual([given.password, given.becomePassword, given.passphrases.size], [undefined, undefined, 0]);
});

test("--ask-pass and --ask-become-pass ask once each; Enter for sudo means the SSH password", async () => {
  const { ask, questions } = answering("hunter2", "");
  const given = await gather({ askPass: true, askBecomePass: true }, ask);
  assert.deepEqual(questions, ["SSH password", "sudo password [the SSH password]"]);
  assert.deepEqual([given.password?.reveal(), given.becomePassword?.reveal()], ["hunter2", "hunter2"]);
  assert.doesNotMatch(inspect(given, { depth: 9 }) + JSON.stringify(given), /hunter2/);
});

test("the sudo password may stand in a file, in its first line", async () => {
  const becomePasswordFile = passwordFile("good", "hunter2 \nmore\n");
  const given = await gather({ becomePasswordFile }, answering().ask);
  assert.equal(given.becomePassword?.reveal(), "hunter2 ");
});

test("the sudo password may come from a pipe, as password managers give it", () => {
  const module = new URL("../../../src/cli/given-secrets.ts", import.meta.url).pathname;
  const program = `import { gatherSecrets } from ${JSON.stringify(module)};
    const given = await gatherSecrets({ becomePasswordFile: process.argv[1] }, [], {}, {}, undefined, false);
    console.log(given.becomePassword.reveal().length);`;
  const node = `"${process.execPath}" --import "${import.meta.resolve("tsx")}" --input-type=module -e "$1"`;
  const out = execFileSync("bash", ["-c", `${node} <(echo hunter2)`, "bash", program], { encoding: "utf8" });
  assert.equal(out, "7\n");
});

test("the sudo password may stand in a variable, which nothing that lfce starts inherits", async () => {
  const variables = { [BECOME_PASSWORD_VARIABLE]: "hunter2", PATH: "/bin" };
  const given = await gather({}, answering().ask, variables);
  assert.equal(given.becomePassword?.reveal(), "hunter2");
  assert.deepEqual(variables, { PATH: "/bin" });
});

for (const { title, file, code } of [
  {
    title: "can be read by others",
    file: () => passwordFile("open", "x\n", 0o644),
    code: "password-file-open-to-others",
  },
  { title: "is empty", file: () => passwordFile("empty", "\n"), code: "password-file-unreadable" },
  { title: "is not there", file: () => join(place, "none"), code: "password-file-unreadable" },
]) {
  test(`a password file that ${title}: ${code}`, async () => {
    await assert.rejects(gather({ becomePasswordFile: file() }, answering().ask), (error: LfceError) => {
      assert.equal(error.code, code);
      assert.ok(error.hint);
      return true;
    });
  });
}

test("the passphrase of a key is asked for, again when it was wrong, and then opens it", async () => {
  const files = { "/home/me/.ssh/id_ed25519": locked };
  const { ask, questions } = answering("wrong", "open sesame");
  const given = await gather({}, ask, {}, files);
  assert.equal(questions.length, 2);
  assert.match(questions[0] ?? "", /passphrase of the key \/home\/me\/\.ssh\/id_ed25519 /);
  assert.match(questions[1] ?? "", /once more/);
  assert.equal(given.passphrases.get("/home/me/.ssh/id_ed25519")?.reveal(), "open sesame");
});

test("Enter goes on without a key, and after three wrong passphrases nobody is asked again", async () => {
  const files = { "/home/me/.ssh/id_ed25519": locked };
  for (const answers of [[""], ["a", "b", "c"]]) {
    const { ask, questions } = answering(...answers);
    const given = await gather({}, ask, {}, files);
    assert.deepEqual([questions.length, given.passphrases.size], [answers.length, 0]);
  }
});

test("without a terminal an encrypted key is no question", async () => {
  const { ask, questions } = answering();
  const machine = environment({ "/home/me/.ssh/id_ed25519": locked });
  const given = await gatherSecrets({}, [settings], machine, {}, ask, false);
  assert.deepEqual([questions.length, given.passphrases.size], [0, 0]);
});

test("what the inventory says of a host wins over what was given for the run", () => {
  const given = { password: secret("a"), becomePassword: secret("b"), passphrases: new Map() };
  const plain = withGivenSecrets(settings, given);
  assert.deepEqual([plain.password?.reveal(), plain.becomePassword?.reveal()], ["a", "b"]);
  const own = withGivenSecrets({ ...settings, password: secret("c"), becomePassword: secret("d") }, given);
  assert.deepEqual([own.password?.reveal(), own.becomePassword?.reveal()], ["c", "d"]);
});

test("the first question that cannot be asked ends the command", async () => {
  const ask: Ask = async (_question, hint) => {
    throw new LfceError({ code: "not-a-terminal", message: "no terminal", hint });
  };
  await assert.rejects(gather({ askBecomePass: true }, ask), (error: LfceError) => {
    assert.match(error.hint ?? "", /--become-password-file, LFCE_BECOME_PASSWORD or ansible_become_password/);
    return true;
  });
});

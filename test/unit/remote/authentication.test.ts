import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { AuthContext } from "ssh2";
import type { LfceError } from "../../../src/core/errors.ts";
import { secret } from "../../../src/core/secrets.ts";
import { createConnector } from "../../../src/remote/ssh/connect.ts";
import type { SshEnvironment } from "../../../src/remote/ssh/environment.ts";
import { newKey, type SshServer } from "../../ssh/ssh-server.ts";
import {
  closeServers,
  environment,
  filesFor,
  known,
  otherHostKey,
  rsaUserKey,
  serve,
  settings,
  strangerKey,
  userKey,
} from "./ssh-fixture.ts";

const never = new AbortController().signal;
after(closeServers);

const hunter2 = secret("hunter2");

/** A server that takes `hunter2` by the given methods, and says so. */
function takesPassword(
  methods: ("password" | "keyboard-interactive")[],
  right = "hunter2",
): { onAuthentication: (context: AuthContext) => boolean; passwords: string[] } {
  const passwords: string[] = [];
  const judge = (context: AuthContext, password: string | undefined): void => {
    passwords.push(password ?? "");
    if (password === right) context.accept();
    else context.reject(methods);
  };
  return {
    passwords,
    onAuthentication: (context) => {
      if (context.method === "password" && methods.includes("password")) judge(context, context.password);
      else if (context.method === "keyboard-interactive" && methods.includes("keyboard-interactive")) {
        context.prompt([{ prompt: "Password: ", echo: false }], (answers) => judge(context, answers[0]));
      } else context.reject(methods);
      return true;
    },
  };
}

async function connected(
  server: SshServer,
  files: SshEnvironment,
  more: Parameters<typeof settings>[1] = {},
) {
  const connector = createConnector(files);
  const transport = await connector.connect(settings(server, more), never);
  await transport.close();
  connector.close();
}

async function refused(
  server: SshServer,
  files: SshEnvironment,
  more: Parameters<typeof settings>[1] = {},
): Promise<LfceError> {
  let caught: LfceError | undefined;
  await assert.rejects(connected(server, files, more), (error: LfceError) => {
    caught = error;
    return true;
  });
  assert.doesNotMatch(`${caught?.message} ${caught?.hint} ${caught?.stack}`, /hunter2/);
  return caught as LfceError;
}

const keyless = (server: SshServer): SshEnvironment =>
  environment({ "/home/me/.ssh/known_hosts": known(server) });

for (const method of ["password", "keyboard-interactive"] as const) {
  test(`a password is given by the method ${method}`, async () => {
    const policy = takesPassword([method]);
    const server = await serve(policy);
    await connected(server, keyless(server), { password: hunter2 });
    assert.deepEqual(policy.passwords, ["hunter2"]);
    assert.deepEqual(server.attempts, ["none", method]);
  });
}

test("a wrong password is tried once, by one method only, and said to be wrong", async () => {
  const policy = takesPassword(["keyboard-interactive", "password"], "another");
  const server = await serve(policy);
  const error = await refused(server, keyless(server), { password: hunter2 });
  assert.equal(error.code, "password-refused");
  assert.match(error.hint ?? "", /--ask-pass.*ansible_password/);
  assert.deepEqual(policy.passwords, ["hunter2"]);
});

test("where the server takes passwords and none was given, the hint says how to give one", async () => {
  const server = await serve(takesPassword(["password"]));
  const error = await refused(server, keyless(server));
  assert.equal(error.code, "authentication-failed");
  assert.match(error.message, /offered: nothing.*takes: password/);
  assert.match(error.hint ?? "", /--ask-pass/);
});

test("a key that is taken leaves the password where it is", async () => {
  const server = await serve();
  await connected(server, environment(filesFor(server)), { password: hunter2 });
  assert.deepEqual([...new Set(server.attempts)], ["root ssh-ed25519"]);
});

test("keys that are not taken are followed by the password", async () => {
  const policy = takesPassword(["password"]);
  const server = await serve({
    onAuthentication: (context) => {
      if (context.method === "publickey") context.reject(["publickey", "password"]);
      else policy.onAuthentication(context);
      return true;
    },
  });
  const files = filesFor(server, { "/home/me/.ssh/id_ed25519": strangerKey.private });
  await connected(server, environment(files), { password: hunter2 });
  assert.deepEqual(server.attempts, ["root ssh-ed25519", "password"]);
});

test("of many keys only four are tried where a password follows: sshd hangs up after six failures", async () => {
  const policy = takesPassword(["password"]);
  const server = await serve({
    onAuthentication: (context) => {
      if (context.method === "publickey") context.reject(["publickey", "password"]);
      else policy.onAuthentication(context);
      return true;
    },
  });
  const names = [1, 2, 3, 4, 5, 6].map((number) => `/keys/${number}`);
  const files = filesFor(server, Object.fromEntries(names.map((name) => [name, newKey().private])));
  await connected(server, environment(files), {
    password: hunter2,
    sshOptions: names.map((name) => ({ option: `IdentityFile=${name}`, from: "test" })),
  });
  assert.equal(server.attempts.filter((attempt) => attempt.startsWith("root")).length, 4);
});

test("a server that wants a key and a password gets both", async () => {
  const policy = takesPassword(["password"]);
  const server = await serve({
    onAuthentication: (context) => {
      if (context.method === "publickey") {
        if (context.signature) context.reject(["password"], true);
        else context.accept();
      } else policy.onAuthentication(context);
      return true;
    },
  });
  await connected(server, environment(filesFor(server)), { password: hunter2 });
  assert.deepEqual(policy.passwords, ["hunter2"]);
});

test("a question that is not for the password is not answered", async () => {
  for (const question of [
    [{ prompt: "Verification code: ", echo: false }],
    [{ prompt: "Your name: ", echo: true }],
    [
      { prompt: "Password: ", echo: false },
      { prompt: "Token: ", echo: false },
    ],
  ]) {
    const answers: string[] = [];
    const server = await serve({
      onAuthentication: (context) => {
        if (context.method === "keyboard-interactive")
          context.prompt(question, (given) => answers.push(...given));
        else context.reject(["keyboard-interactive"]);
        return true;
      },
    });
    const error = await refused(server, keyless(server), { password: hunter2 });
    assert.equal(error.code, "question-unknown");
    assert.deepEqual(answers, []);
  }
});

test("an expired password is told as such, by either method", async () => {
  const byQuestions = await serve({
    onAuthentication: (context) => {
      if (context.method !== "keyboard-interactive") context.reject(["keyboard-interactive"]);
      else {
        context.prompt([{ prompt: "Password: ", echo: false }], () =>
          context.prompt([{ prompt: "New password: ", echo: false }], () => context.reject()),
        );
      }
      return true;
    },
  });
  assert.equal(
    (await refused(byQuestions, keyless(byQuestions), { password: hunter2 })).code,
    "password-expired",
  );
  const byPassword = await serve({
    onAuthentication: (context) => {
      if (context.method === "password") context.requestChange("Enter a new password", () => {});
      else context.reject(["password"]);
      return true;
    },
  });
  assert.equal(
    (await refused(byPassword, keyless(byPassword), { password: hunter2 })).code,
    "password-expired",
  );
});

test("of many hosts three at most hear a password that none has taken", async () => {
  const policies = Array.from({ length: 8 }, () => takesPassword(["password"], "another"));
  const servers = await Promise.all(policies.map(serve));
  const files = environment({ "/home/me/.ssh/known_hosts": servers.map((one) => known(one)).join("") });
  const codes = await Promise.all(
    servers.map(async (server) => (await refused(server, files, { password: hunter2 })).code),
  );
  assert.equal(policies.flatMap(({ passwords }) => passwords).length, 3);
  assert.deepEqual(codes.sort(), [
    ...Array.from({ length: 3 }, () => "password-refused"),
    ...Array.from({ length: 5 }, () => "password-withheld"),
  ]);
});

test("once a host has taken the password the others get it, whatever some of them say", async () => {
  const wrong = Array.from({ length: 4 }, () => takesPassword(["password"], "another"));
  const policies = [takesPassword(["password"]), ...wrong];
  const servers = await Promise.all(policies.map(serve));
  const files = environment({ "/home/me/.ssh/known_hosts": servers.map((one) => known(one)).join("") });
  const [first, ...others] = servers as [SshServer, ...SshServer[]];
  await connected(first, files, { password: hunter2 });
  for (const server of others) {
    assert.equal((await refused(server, files, { password: hunter2 })).code, "password-refused");
  }
});

test("a host whose key contradicts the record gets no password", async () => {
  const policy = takesPassword(["password"]);
  const server = await serve(policy);
  const files = environment({ "/home/me/.ssh/known_hosts": known(server, otherHostKey) });
  const error = await refused(server, files, {
    password: hunter2,
    sshOptions: [{ option: "StrictHostKeyChecking=no", from: "test" }],
  });
  assert.deepEqual(policy.passwords, []);
  assert.match(error.message, /was not sent/);
});

test("a jump host does not get the password of the host behind it", async () => {
  const policy = takesPassword(["password"]);
  const [target, jump] = [await serve(), await serve(policy)];
  const files = environment({ "/home/me/.ssh/known_hosts": known(target) + known(jump) });
  const error = await refused(target, files, { password: hunter2, proxyJump: [`127.0.0.1:${jump.port}`] });
  assert.match(error.message, /takes: password/);
  assert.deepEqual([policy.passwords, target.attempts], [[], []]);
});

test("what ssh's options leave out is not offered: methods, their order, types of keys", async () => {
  const policy = takesPassword(["password", "keyboard-interactive"]);
  const offeredWith = async (...options: string[]): Promise<string[]> => {
    const server = await serve(policy);
    const files = filesFor(server, { "/home/me/.ssh/id_rsa": rsaUserKey.private });
    const sshOptions = options.map((option) => ({ option, from: "test" }));
    await connected(server, environment(files), { password: hunter2, sshOptions });
    return server.attempts.filter((attempt) => attempt !== "none");
  };
  assert.deepEqual(await offeredWith("PubkeyAuthentication=no"), ["password"]);
  assert.deepEqual(await offeredWith("PreferredAuthentications=keyboard-interactive,password"), [
    "keyboard-interactive",
  ]);
  assert.deepEqual(await offeredWith("PasswordAuthentication=no", "PubkeyAuthentication=no"), [
    "keyboard-interactive",
  ]);
  assert.deepEqual(await offeredWith("PubkeyAcceptedAlgorithms=-ssh-ed25519"), ["root ssh-rsa", "password"]);
});

test("an encrypted key file is opened by the passphrase that was given for it", async () => {
  const server = await serve({ authorized: [] });
  const key = newKey("ed25519", "open sesame");
  const own = await serve({ authorized: [key.public] });
  const files = { "/home/me/.ssh/known_hosts": known(server) + known(own), "/keys/k": key.private };
  const machine = environment(files);
  const more = { privateKeyFile: "/keys/k" };
  assert.equal((await refused(own, machine, more)).code, "key-file-encrypted");
  const wrong = { ...machine, passphrase: () => secret("hunter2") };
  assert.equal((await refused(own, wrong, more)).code, "key-file-wrong-passphrase");
  await connected(own, { ...machine, passphrase: () => secret("open sesame") }, more);
});

test("a key file is read once for all hosts of a run: opening an encrypted one takes long", async () => {
  const key = newKey("ed25519", "open sesame");
  const servers = [await serve({ authorized: [key.public] }), await serve({ authorized: [key.public] })];
  const machine = environment({
    "/home/me/.ssh/known_hosts": servers.map((server) => known(server)).join(""),
    "/keys/k": key.private,
  });
  const read: string[] = [];
  const counting: SshEnvironment = {
    ...machine,
    passphrase: () => secret("open sesame"),
    readFile: (path) => {
      read.push(path);
      return machine.readFile(path);
    },
  };
  for (const server of servers) await connected(server, counting, { privateKeyFile: "/keys/k" });
  assert.equal(read.filter((path) => path === "/keys/k").length, 1);
});

test("a key file that others can read is left alone, as ssh does", async () => {
  const server = await serve();
  const files = environment(filesFor(server, { "/keys/k": userKey.private }));
  const open = { ...files, isOpenToOthers: async (path: string) => path === "/keys/k" };
  const error = await refused(server, open, { privateKeyFile: "/keys/k" });
  assert.equal(error.code, "key-file-open-to-others");
  assert.match(error.hint ?? "", /chmod 600 \/keys\/k/);
});

test("a user certificate beside a key is named when the login fails", async () => {
  const server = await serve();
  const files = filesFor(server, {
    "/home/me/.ssh/id_ed25519": strangerKey.private,
    "/home/me/.ssh/id_ed25519-cert.pub": "ssh-ed25519-cert-v01@openssh.com AAAA",
  });
  const error = await refused(server, environment(files));
  assert.equal(error.code, "authentication-failed");
  assert.match(error.message, /certificate \/home\/me\/\.ssh\/id_ed25519-cert\.pub was not offered/);
});

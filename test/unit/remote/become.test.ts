import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { LfceError } from "../../../src/core/errors.ts";
import { secret } from "../../../src/core/secrets.ts";
import { type Become, becomeOf, occurrences } from "../../../src/remote/become.ts";
import { createPasswordGate, type PasswordGate } from "../../../src/remote/password-gate.ts";
import { createScriptChannel } from "../../../src/remote/script-channel.ts";
import { localTransport } from "../../ssh/local-transport.ts";

const limits = { timeoutMs: 20_000, maxOutputBytes: 1 << 20 };
const script = { name: "example", source: "cat; echo said >&2\n" };
const stdin = Buffer.from("data\n");

const scratch = mkdtempSync(join(tmpdir(), "lfce-"));
after(() => rmSync(scratch, { recursive: true }));

/** A sudo of these lines; `$prompt` is what it was told to ask by, `"$@"` the command. */
function withSudo(body: string): NodeJS.ProcessEnv {
  const bin = mkdtempSync(join(scratch, "sudo-"));
  const start = 'test "$1 $2 $4" = "-S -p --" || exit 99; prompt=$3; shift 4';
  writeFileSync(join(bin, "sudo"), `#!/bin/sh\n${start}\n${body}\n`);
  chmodSync(join(bin, "sudo"), 0o755);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
}

function becoming(password = "hunter2", gate: PasswordGate = createPasswordGate()): Become {
  return { method: "sudo", password: { value: secret(password), gate, refused: false } };
}

function channelTo(sudo: string, become = becoming()) {
  return createScriptChannel(localTransport(["sh"], withSudo(sudo)), "web1", become);
}

async function refusal(running: Promise<unknown>): Promise<LfceError> {
  const caught = await running.then(
    () => assert.fail("it ran"),
    (error: LfceError) => error,
  );
  assert.doesNotMatch(`${caught.message}${caught.hint}${caught.stack}`, /hunter2/);
  return caught;
}

const ASKS = `printf %s "$prompt" >&2; IFS= read -r password
  test "$password" = hunter2 || {
    trap '' HUP; echo 'Sorry, try again.' >&2; printf %s "$prompt" >&2
    read -r again; echo "second answer: $again" >${scratch}/part; mv ${scratch}/part ${scratch}/again; exit 1; }`;

for (const [title, body] of [
  ["that asks", `${ASKS}\nexec "$@"`],
  ["that asks after a lecture", `echo 'We trust you' >&2; ${ASKS}\nexec "$@"`],
  [
    "whose prompt comes in pieces",
    `rest=\${prompt#?????}; printf %s "\${prompt%"$rest"}" >&2; prompt=$rest; ${ASKS}\nexec "$@"`,
  ],
  [
    "that puts its own words around the prompt, as sudo-rs does",
    `printf '[sudo: %s] Password: ' "$prompt" >&2; IFS= read -r password; echo >&2; exec "$@"`,
  ],
  ["that does not ask", 'exec "$@"'],
  ["that talks but does not ask", "echo 'sudo: unable to resolve host web1' >&2; exec \"$@\""],
] as const) {
  test(`a sudo ${title}: the script gets its own stdin, and nothing else`, async () => {
    const result = await channelTo(body).run(script, { ...limits, stdin });
    assert.equal(result.stdout.toString(), "data\n");
    assert.match(result.stderr, /^said\n$|resolve host web1\nsaid\n$/);
  });
}

test("an open script waits for sudo with what is written to it", async () => {
  const running = await channelTo(`${ASKS}\nexec "$@"`).open(script, { maxOutputBytes: 1000 });
  await running.write("one\n");
  await running.write("two\n");
  running.end();
  const lines: string[] = [];
  for await (const line of running.lines) lines.push(line);
  assert.deepEqual(lines, ["one", "two"]);
});

test("a second question is a wrong password: no other try, and the script is not taken for one", async () => {
  const become = becoming("wrong");
  const channel = channelTo(`${ASKS}\nexec "$@"`, become);
  assert.equal((await refusal(channel.run(script, { ...limits, stdin }))).code, "sudo-password-wrong");
  assert.equal(become.password?.refused, true);
  while (!existsSync(join(scratch, "again"))) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(readFileSync(join(scratch, "again"), "utf8"), "second answer: \n");
});

test("a password that the host has refused is not sent there again", async () => {
  const become = becoming();
  if (become.password) become.password.refused = true;
  const log = join(scratch, "log");
  const sudo = `printf %s "$prompt" >&2; cat >${log}; exit 1`;
  const error = await refusal(channelTo(sudo, become).run(script, { ...limits, stdin }));
  assert.equal(error.code, "sudo-password-wrong");
});

for (const [title, body, code] of [
  [
    "gives up after one try",
    `printf %s "$prompt" >&2; read -r password; echo 'sudo: 1 incorrect password attempt' >&2; exit 1`,
    "sudo-password-wrong",
  ],
  [
    "does not know the user",
    `printf %s "$prompt" >&2; read -r password; echo 'anna is not in the sudoers file.' >&2; exit 1`,
    "sudo-denied",
  ],
  [
    "does not allow the command",
    `echo "Sorry, user anna is not allowed to execute 'sh' as root on web1." >&2; exit 1`,
    "sudo-denied",
  ],
  [
    "has an account that expired",
    `printf %s "$prompt" >&2; read -r password; echo 'sudo: account validation failure, is your account locked?' >&2; exit 1`,
    "sudo-account-expired",
  ],
  ["wants a terminal", "echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1", "sudo-needs-tty"],
  ["cannot ask", "echo 'sudo: a password is required' >&2; exit 1", "sudo-needs-password"],
] as const) {
  test(`a sudo that ${title}: ${code}`, async () => {
    const error = await refusal(channelTo(body).run(script, { ...limits, stdin }));
    assert.equal(error.code, code);
    assert.ok(error.hint);
  });
}

test("of many hosts three at most hear a password that none has taken", async () => {
  const gate = createPasswordGate();
  const hosts = Array.from({ length: 5 }, () => channelTo(ASKS, becoming("wrong", gate)));
  const codes = await Promise.all(
    hosts.map(async (host) => (await refusal(host.run(script, { ...limits, stdin }))).code),
  );
  assert.deepEqual(codes.sort(), [
    ...Array.from({ length: 3 }, () => "sudo-password-withheld").slice(1),
    ...Array.from({ length: 3 }, () => "sudo-password-wrong"),
  ]);
});

test("a host that hangs with the password in its hands keeps it from nobody for ever", async () => {
  const gate = createPasswordGate();
  for (let host = 0; host < 3; host += 1) {
    const hanging = channelTo(`printf %s "$prompt" >&2; exec cat >/dev/null`, becoming("hunter2", gate));
    const error = await refusal(hanging.run(script, { ...limits, timeoutMs: 300, stdin }));
    assert.equal(error.code, "script-timeout");
  }
  const result = await channelTo(`${ASKS}\nexec "$@"`, becoming("hunter2", gate)).run(script, {
    ...limits,
    stdin,
  });
  assert.equal(result.code, 0);
});

test("the time in which other hosts have the password first does not count", async () => {
  const gate = createPasswordGate();
  for (let host = 0; host < 3; host += 1) await gate.enter();
  const waiting = channelTo(`${ASKS}\nexec "$@"`, becoming("hunter2", gate)).run(script, {
    ...limits,
    timeoutMs: 2_000,
    stdin,
  });
  const hanging = channelTo("exec cat >/dev/null").run(script, { ...limits, timeoutMs: 2_500 });
  assert.equal((await refusal(hanging)).code, "script-timeout");
  gate.leave("accepted");
  assert.equal((await waiting).code, 0);
});

test("without a password sudo is told never to ask, and doas likewise", async () => {
  for (const [method, words] of [
    ["sudo", "-n --"],
    ["doas", "-n --"],
  ] as const) {
    const bin = mkdtempSync(join(scratch, "bin-"));
    writeFileSync(join(bin, method), `#!/bin/sh\ntest "$1 $2" = "${words}" && shift 2 && exec "$@"\n`);
    chmodSync(join(bin, method), 0o755);
    const environment = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const channel = createScriptChannel(localTransport(["sh"], environment), "web1", { method });
    assert.equal((await channel.run(script, { ...limits, stdin })).stdout.toString(), "data\n");
  }
});

for (const [words, code] of [
  ["doas: Authentication required", "doas-needs-password"],
  ["doas: a tty is required", "doas-needs-password"],
  ["doas: Operation not permitted", "doas-denied"],
  ["env: 'doas': No such file or directory", "doas-missing"],
] as const) {
  test(`"${words}": ${code}`, async () => {
    const bin = mkdtempSync(join(scratch, "bin-"));
    writeFileSync(join(bin, "doas"), `#!/bin/sh\necho "${words}" >&2\nexit 1\n`);
    chmodSync(join(bin, "doas"), 0o755);
    const environment = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const channel = createScriptChannel(localTransport(["sh"], environment), "web1", { method: "doas" });
    assert.equal((await refusal(channel.run(script, { ...limits, stdin }))).code, code);
  });
}

test("who becomes root how", () => {
  const gateFor = (): PasswordGate => createPasswordGate();
  const becomePassword = secret("hunter2");
  const of = (more: Parameters<typeof becomeOf>[0], trusted?: boolean) => becomeOf(more, gateFor, trusted);
  assert.equal(of({ user: "root", become: true, becomePassword }), undefined);
  assert.equal(of({ user: "anna", become: false, becomePassword }), undefined);
  assert.deepEqual(of({ user: "anna", become: true }), { method: "sudo" });
  assert.equal(of({ user: "anna", become: true, becomePassword })?.password?.value, becomePassword);
  assert.deepEqual(of({ user: "anna", become: true, becomeMethod: "doas", becomePassword }), {
    method: "doas",
  });
  // With StrictHostKeyChecking=no and a changed key nobody knows who would get it.
  assert.deepEqual(of({ user: "anna", become: true, becomePassword }, false), {
    method: "sudo",
    passwordWithheld: true,
  });
});

test("a text is counted however it is cut, and what looks like its beginning is not", () => {
  const count = occurrences("abcab:");
  const chunks = ["ab", "cab", "cab:", "x", "abcab", ":", "abcab"].map((text) => count(Buffer.from(text)));
  assert.deepEqual(chunks, [0, 0, 1, 1, 1, 2, 2]);
});

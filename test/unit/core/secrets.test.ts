import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import { isSecretName, secret } from "../../../src/core/secrets.ts";

test("a secret shows itself to nobody who does not ask for it", () => {
  const one = secret("hunter2");
  const holder = { password: one, list: [one] };
  const shown = [
    String(one),
    `${one}`,
    JSON.stringify(holder),
    inspect(holder, { depth: 9, showHidden: true, getters: true }),
    format("%s %o %O %j", one, one, holder, holder),
    Object.values(one).join(),
    new Error(`no: ${one}`).stack,
  ].join("\n");
  assert.doesNotMatch(shown, /hunter2/);
  assert.match(shown, /\[redacted\]/);
  assert.equal(one.reveal(), "hunter2");
});

test("names that hold secrets are known, also those of Ansible", () => {
  for (const name of [
    ...["ansible_password", "ansible_ssh_pass", "ansible_become_pass", "ansible_become_password"],
    ...["ansible_ssh_passphrase", "db_pwd", "root_pw", "api_key", "github_token", "client_secret"],
  ]) {
    assert.ok(isSecretName(name), name);
  }
  for (const name of [
    "ansible_user",
    "pass_through",
    "passive",
    "keyboard",
    "ansible_ssh_private_key_file",
  ]) {
    assert.ok(!isSecretName(name), name);
  }
});

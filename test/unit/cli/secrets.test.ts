import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lfceProgram } from "./lfce-program.ts";

/** Everything that lfce prints, run with an inventory of this text. */
function printed(t: { after(done: () => void): void }, inventory: string, ...words: string[]): string {
  const place = mkdtempSync(join(tmpdir(), "lfce-secrets-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  writeFileSync(join(place, "hosts.yml"), inventory);
  writeFileSync(
    join(place, "site.yml"),
    "- hosts: all\n  roles: [{ role: ntp_client, servers: [192.0.2.1] }]\n",
  );
  const run = spawnSync(process.execPath, [...lfceProgram, ...words], {
    cwd: place,
    encoding: "utf8",
  });
  return `${run.stdout}${run.stderr}`;
}

const host = (variable: string) => `all:\n  hosts:\n    web1:\n      ${variable}\n`;

test("the value of a password stands in no error, be it text or JSON", (t) => {
  for (const [variable, value] of [
    ["ansible_become_password", '"hunter2 {{ a | b }}"'],
    ["ansible_password", '"hunter2-{{ x"'],
    ["ansible_password", "[hunter2]"],
    ["ansible_become_password", '"{{ hunter2 }}{% if %}"'],
    ["ansible_password", '"hunter2\\n"'],
  ] as const) {
    const text = printed(
      t,
      host(`${variable}: ${value}`),
      ...["validate", "site.yml", "-i", "hosts.yml", "--debug", "-o", "json"],
    );
    assert.match(text, new RegExp(variable), value);
    assert.doesNotMatch(text, /hunter2/, value);
  }
});

test("a command that contacts hosts prints no password of the inventory, however it fails", (t) => {
  const inventory = host(
    "ansible_host: 127.0.0.1\n      ansible_port: 1\n      ansible_become: true\n      ansible_become_password: hunter2\n      ansible_password: hunter2",
  );
  for (const format of ["plain", "json"]) {
    const words = ["plan", "site.yml", "-i", "hosts.yml", "--debug", "-v", "-o", format, "--timeout", "1s"];
    const text = printed(t, inventory, ...words);
    assert.match(text, /refuses the connection/);
    assert.doesNotMatch(text, /hunter2/);
  }
});

test("`lfce inventory` hides the variables that a password is made of, and those that they are made of", (t) => {
  const inventory = host(
    'ansible_password: "{{ store }}-x"\n      store: "{{ inner }}"\n      inner: hunter2\n      ansible_become_password: 2\n      port: 23',
  );
  const text = printed(t, inventory, "inventory", "-i", "hosts.yml", "-o", "json");
  const [shown] = JSON.parse(text).hosts;
  assert.deepEqual(shown.variables, {
    ansible_password: "[redacted]",
    store: "[redacted]",
    inner: "[redacted]",
    ansible_become_password: "[redacted]",
    port: 23,
  });
});

test("`lfce inventory` hides what stands under the name of a secret, however deep", (t) => {
  const inventory = host("db: { user: anna, settings: [{ password: hunter2, api_key: hunter2 }] }");
  for (const format of ["plain", "json"]) {
    const text = printed(t, inventory, "inventory", "-i", "hosts.yml", "-o", format);
    assert.match(text, /anna/);
    assert.doesNotMatch(text, /hunter2/);
  }
});

test("variables of -e that cannot be read are not shown", (t) => {
  for (const given of [
    '{"db_password": "hunter2"',
    '{"a": 1, "db": {"password": "hunter2"}',
    "db_password=[hunter2",
  ]) {
    const text = printed(
      t,
      host("port: 23"),
      "drift",
      "site.yml",
      "-i",
      "hosts.yml",
      "-e",
      given,
      "-o",
      "json",
    );
    assert.match(text, /bad-extra-variables/);
    assert.doesNotMatch(text, /hunter2/, given);
  }
});

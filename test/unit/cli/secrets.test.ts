import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

/** Everything that lfce prints, run with an inventory of this text. */
function printed(t: { after(done: () => void): void }, inventory: string, ...words: string[]): string {
  const place = mkdtempSync(join(tmpdir(), "lfce-secrets-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  writeFileSync(join(place, "hosts.yml"), inventory);
  writeFileSync(
    join(place, "site.yml"),
    "- hosts: all\n  roles: [{ role: ntp_client, servers: [192.0.2.1] }]\n",
  );
  const run = spawnSync(process.execPath, ["--import", import.meta.resolve("tsx"), main, ...words], {
    cwd: place,
    encoding: "utf8",
  });
  return `${run.stdout}${run.stderr}`;
}

const host = (variable: string) => `all:\n  hosts:\n    web1:\n      ${variable}\n`;

test("the value of a password stands in no error, be it text or JSON", (t) => {
  for (const value of ['"hunter2 {{ a | b }}"', '"hunter2-{{ x"', "[hunter2]", '"{{ hunter2 }}{% if %}"']) {
    for (const format of ["plain", "json"]) {
      const text = printed(
        t,
        host(`ansible_become_password: ${value}`),
        ...["validate", "site.yml", "-i", "hosts.yml", "--debug", "-o", format],
      );
      assert.match(text, /ansible_become_password/, value);
      assert.doesNotMatch(text, /hunter2/, value);
    }
  }
});

test("`lfce inventory` hides what stands under the name of a secret, however deep", (t) => {
  const inventory = host("db: { user: anna, settings: [{ password: hunter2, api_key: hunter2 }] }");
  for (const format of ["plain", "json"]) {
    const text = printed(t, inventory, "inventory", "-i", "hosts.yml", "-o", format);
    assert.match(text, /anna/);
    assert.doesNotMatch(text, /hunter2/);
  }
});

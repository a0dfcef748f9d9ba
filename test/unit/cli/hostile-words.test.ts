import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { jsonLine } from "../../../src/report/json.ts";
import { lfceProgram } from "./lfce-program.ts";

const place = mkdtempSync(join(tmpdir(), "lfce-words-"));
after(() => rmSync(place, { recursive: true, force: true }));

const EVIL = "\x1b[2J\x9b31m\u202ex\u200b\u2028\x7f";
/** As YAML takes it: no control character stands in a file as it is. */
const quoted = jsonLine(EVIL).trim();
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u202e]/;

function lfce(...args: string[]): { stdout: string; stderr: string } {
  const { stdout, stderr } = spawnSync(process.execPath, [...lfceProgram, ...args], {
    cwd: place,
    encoding: "utf8",
  });
  return { stdout, stderr };
}

test("whatever files say, the terminal gets text, with --debug too", () => {
  writeFileSync(
    join(place, "hosts.yml"),
    `all:\n  hosts:\n    web1: {note: ${quoted}, ansible_host: ${quoted}}\n`,
  );
  writeFileSync(
    join(place, "site.yml"),
    `- hosts: all\n  name: ${quoted}\n  roles:\n    - role: ${quoted}\n`,
  );
  for (const args of [
    ["inventory", "-i", "hosts.yml"],
    ["validate", "site.yml", "-i", "hosts.yml", "--debug"],
    ["plan", `no${EVIL}.yml`, "-i", "hosts.yml", "--debug"],
    ["plan", "site.yml", `--unknown${EVIL}`],
  ]) {
    const { stdout, stderr } = lfce(...args);
    assert.doesNotMatch(stderr, /ERR_MODULE_NOT_FOUND/);
    assert.ok(stdout.length + stderr.length > 10, args.join(" "));
    assert.doesNotMatch(stderr, FORBIDDEN, args.join(" "));
    assert.doesNotMatch(stdout, FORBIDDEN, args.join(" "));
  }
});

test("JSON stays JSON, and gives the words back as they were", () => {
  writeFileSync(join(place, "two.yml"), `all:\n  hosts:\n    web1: {note: ${quoted}}\n`);
  const { stdout, stderr } = lfce("inventory", "-i", "two.yml", "-o", "json");
  assert.equal(stderr, "");
  assert.doesNotMatch(stdout, FORBIDDEN);
  assert.ok(JSON.stringify(JSON.parse(stdout)).includes(JSON.stringify(EVIL).slice(1, -1)));
});

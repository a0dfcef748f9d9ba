import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Summary } from "../../../src/core/events.ts";
import type { Notification } from "../../../src/notify/notification.ts";
import { lfceProgram } from "./lfce-program.ts";

/** A fleet of one host that refuses connections: reachable enough for a whole run of `lfce drift`, exit code 3. */
const HOSTS = "all:\n  hosts:\n    web1:\n      ansible_host: 127.0.0.1\n      ansible_port: 1\n";
const PLAYBOOK = "- hosts: all\n  roles: [{ role: ntp_client, servers: [192.0.2.1] }]\n";

describe("what a run of drift leaves besides its own words", () => {
  let place = "";
  const file = (name: string) => join(place, name);
  const read = (name: string) => readFileSync(file(name), "utf8");
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "lfce-outputs-"));
    writeFileSync(file("hosts.yml"), HOSTS);
    writeFileSync(file("site.yml"), PLAYBOOK);
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  /** Runs `lfce drift` on the fleet. */
  function drift(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const all = [
      "drift",
      "site.yml",
      "-i",
      "hosts.yml",
      "--state-dir",
      file("state"),
      "--timeout",
      "1s",
      ...words,
    ];
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [...lfceProgram, ...all], {
        cwd: place,
      });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk) => {
        stdout += chunk;
      });
      child.stderr.on("data", (chunk) => {
        stderr += chunk;
      });
      child.on("close", (code) => resolve({ code, stdout, stderr }));
    });
  }

  function script(name: string, text: string): string {
    writeFileSync(file(name), `#!/bin/sh\n${text}\n`);
    chmodSync(file(name), 0o755);
    return `command:${file(name)}`;
  }

  /** A command that keeps what it is told, each time in a line of its own. */
  const recorder = () => script("record", 'cat >>"$0.told"');
  const told = (): Notification[] =>
    existsSync(file("record.told"))
      ? read("record.told")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [];

  it("are reports in files, whatever is printed", async () => {
    const reports = ["--junit", "a.xml", "--markdown", "a.md", "--prometheus", "a.prom"];
    const { code, stdout } = await drift("-o", "json", ...reports);
    assert.equal(code, 3);
    assert.equal(JSON.parse(stdout.trim().split("\n").at(-1) ?? "").event, "summary");
    assert.match(read("a.xml"), /<testsuite name="web1".* errors="1"[\s\S]*<\/testsuites>\n$/);
    assert.match(read("a.md"), /^\*\*lfce drift `site.yml`\*\*: 1 unreachable/);
    assert.match(read("a.prom"), /^lfce_drift_hosts\{playbook="site.yml",status="unreachable"\} 1$/m);
  });

  it("a report that cannot be written is told, and neither the exit code nor what is printed changes", async () => {
    const { code, stdout, stderr } = await drift("-o", "junit", "--markdown", "none/a.md");
    assert.equal(code, 3);
    assert.match(stdout, /^<\?xml[\s\S]*<\/testsuites>\n$/);
    assert.match(stderr, /could not write none\/a\.md \(ENOENT\)/);
  });

  it("somebody is told of a change, and not again while nothing changes unless that is asked for", async () => {
    const notify = ["--notify", recorder()];
    assert.equal((await drift(...notify)).code, 3);
    assert.equal(told().length, 1);
    const [first] = told();
    assert.deepEqual(
      [first?.event, first?.exitCode, first?.changed, first?.unknown.map(({ host }) => host)],
      ["drift", 3, true, ["web1"]],
    );
    await drift(...notify);
    assert.equal(told().length, 1);
    const { stdout } = await drift(...notify, "--notify-on", "drift", "-o", "markdown");
    assert.match(stdout, /^\*\*lfce drift/);
    assert.equal(told().length, 2);
    assert.equal(told()[1]?.changed, false);
  });

  it("a notifier that fails hides nothing: exit code, summary and stderr say what there is", async () => {
    const { code, stdout, stderr } = await drift(
      "-o",
      "json",
      "--notify",
      script("broken", "echo no pager >&2; exit 7"),
    );
    assert.equal(code, 3);
    const summary = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Summary;
    assert.equal(summary.exitCode, 3);
    assert.deepEqual(
      summary.warnings?.map(({ code }) => code),
      ["notify-failed"],
    );
    assert.match(stderr, /could not notify command:.*broken: it ended with exit code 7: no pager/);
  });

  it("who could not be told of a change hears of it the next time, and only who could not", async () => {
    const broken = script("broken", 'cat >>"$0.told"; exit "$(cat "$0.code")"');
    const notify = ["--notify", recorder(), "--notify", broken];
    writeFileSync(file("broken.code"), "7\n");
    await drift(...notify);
    writeFileSync(file("broken.code"), "0\n");
    await drift(...notify);
    await drift(...notify);
    assert.equal(told().length, 1);
    assert.equal(read("broken.told").trim().split("\n").length, 2);
  });

  it("who could not be told is not forgotten by a run that tells somebody else", async () => {
    const broken = script("broken", 'cat >>"$0.told"; exit "$(cat "$0.code")"');
    writeFileSync(file("broken.code"), "7\n");
    await drift("--notify", broken);
    await drift("--notify", recorder());
    writeFileSync(file("broken.code"), "0\n");
    await drift("--notify", broken);
    await drift("--notify", broken);
    assert.equal(read("broken.told").trim().split("\n").length, 2);
  });

  it("a run that could not do its work is told, though nothing was looked at", async () => {
    writeFileSync(file("site.yml"), "- hosts: all\n  roles: [{ role: nonsense }]\n");
    const { code } = await drift("--notify", recorder());
    assert.equal(code, 64);
    assert.deepEqual([told()[0]?.exitCode, typeof told()[0]?.error?.message], [64, "string"]);
  });

  it("a target that is written wrong is refused before any host is contacted, and not shown", async () => {
    const { code, stderr } = await drift("--notify", "slak:https://example.org/s3cr3t");
    assert.equal(code, 64);
    assert.doesNotMatch(stderr, /s3cr3t/);
    assert.match(stderr, /write one of command:PROGRAM ARGS/);
  });
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { driftHistory } from "../../../src/cli/drift-history.ts";
import type { HostFinished } from "../../../src/core/events.ts";
import { finding, hostFinished, night, wholeRun } from "../history/runs.ts";
import { lfceProgram } from "./lfce-program.ts";

describe("lfce history", () => {
  let state: string;
  before(() => {
    state = mkdtempSync(join(tmpdir(), "lfce-history-"));
    record("site.yml", night(1), [hostFinished("web1", [finding("stale")]), hostFinished("web2", [])]);
    record("site.yml", night(2), [hostFinished("web1", []), hostFinished("web2", "unreachable")]);
    record("site.yml", night(3), [hostFinished("web1", [finding("gone")]), hostFinished("db1", [])]);
  });
  after(() => rmSync(state, { recursive: true, force: true }));

  function record(playbookFile: string, started: string, hosts: HostFinished[]): void {
    const options = { stateDirectory: state, retention: {}, record: true, tell: () => {} };
    const history = driftHistory({ ...options, playbookFile });
    for (const event of wholeRun(started, hosts).events) history.take(event);
  }

  const lfce = (...words: string[]) => lfceIn("UTC", ...words);

  function lfceIn(timeZone: string, ...words: string[]) {
    const program = [...lfceProgram, "history", "--state-dir", state];
    return spawnSync(process.execPath, [...program, ...words], {
      encoding: "utf8",
      env: { ...process.env, TZ: timeZone },
    });
  }

  it("shows who drifted, and sums up the others", () => {
    const { stdout, status } = lfce();
    assert.equal(status, 0);
    assert.match(stdout, /^web1 +\+1 +✔ +\+1$/m);
    assert.match(stdout, /^web2 +· +\?$/m);
    assert.match(stdout, /^1 host as declared in every run$/m);
  });

  it("shows what the options leave", () => {
    const { stdout } = lfce("--code", "stale", "--since", "2026-11-03T00:00:00Z");
    assert.match(stdout, /^web2 +\?$/m);
    assert.match(stdout, /^web1 +✔ +·$/m);
    assert.match(lfce("web*", "--runs", "1").stdout, /^web1 +\+1$/m);
    assert.doesNotMatch(lfce("web*").stdout, /db1/);
  });

  it("is there in any time zone, also where TZ says nothing that is one", () => {
    for (const timeZone of ["", ":/etc/localtime", "Nowhere/Land"]) {
      const { stdout, stderr, status } = lfceIn(timeZone);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^web1 +\+1 +✔ +\+1$/m);
    }
  });

  it("is one object for programs", () => {
    const { playbook, runs, hosts } = JSON.parse(lfce("-o", "json", "web1").stdout);
    assert.equal(playbook, join(process.cwd(), "site.yml"));
    assert.equal(runs.length, 3);
    assert.equal(hosts.length, 1);
    assert.deepEqual(
      hosts[0].items.map(({ code, standing, found, of }: Record<string, unknown>) => [
        code,
        standing,
        found,
        of,
      ]),
      [
        ["gone", true, 1, 3],
        ["stale", false, 1, 3],
      ],
    );
  });

  it("takes days for --since that it can be sure of, and no bare number, which could be any year", () => {
    for (const since of ["7", "1 web", "2026", "2026-13-01", "2026-11-01T25:00:00Z", "-7d"]) {
      const { status, stderr } = lfce(`--since=${since}`);
      assert.equal(status, 64, since);
      assert.match(stderr, /Write a day such as/);
    }
    for (const since of ["9999d", "2026-11-01", "2026-11-01T00:00Z", "2026-11-01T00:00:00.000+02:00"]) {
      assert.equal(lfce(`--since=${since}`).status, 0, since);
    }
  });

  it("says which directory cannot be read, and what to do", () => {
    const file = join(state, "file");
    writeFileSync(file, "");
    const { status, stderr } = lfce("--state-dir", file);
    assert.equal(status, 64);
    assert.match(stderr, /the history in .*file cannot be read \(ENOTDIR\)\n.*--state-dir/);
  });

  it("says what is not there, and which there are", () => {
    for (const [words, message] of [
      [["nobody"], /no recorded run of .*site\.yml met a host nobody/],
      [["--playbook", "other.yml"], /no run of other\.yml is recorded\n.*recorded are runs of .*site\.yml/],
      [["--since", "soon"], /2026-11-20, or 7d/],
      [["--since", "2099-01-01"], /no run is recorded since then/],
    ] as const) {
      const { stderr, status } = lfce(...words);
      assert.equal(status, 64, stderr);
      assert.match(stderr, message);
    }
    record("other.yml", night(1), [hostFinished("web1", [])]);
    const { stderr, status } = lfce();
    assert.equal(status, 64);
    assert.match(stderr, /several playbooks are recorded: .*other\.yml, .*site\.yml\n.*--playbook PATH/);
    assert.equal(lfce("--playbook", "other.yml").status, 0);
  });
});

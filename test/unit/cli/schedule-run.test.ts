import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { nightlyRun, type ScheduleOptions } from "../../../src/cli/schedule-run.ts";

describe("the nightly run that options ask for", () => {
  let place = "";
  before(() => {
    place = mkdtempSync(join(tmpdir(), "lfce-schedule-"));
    writeFileSync(join(place, "hosts.yml"), "all: { hosts: { web1: } }\n");
    writeFileSync(join(place, "site.yml"), "- hosts: all\n  roles: [ntp_client]\n");
    mkdirSync(join(place, "reports"));
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  const run = (more: Partial<ScheduleOptions> = {}) =>
    nightlyRun(
      join(place, "site.yml"),
      { at: "02:30", jitter: 0, forks: 64, inventory: [join(place, "hosts.yml")], ...more },
      false,
    );

  it("hands each option on once", () => {
    const { words } = run({ probe: true, fix: true, junit: join(place, "reports/a.xml"), keepDays: 3 });
    assert.deepEqual(words, [...new Set(words)]);
    for (const word of ["--probe", "--fix", `--junit=${join(place, "reports/a.xml")}`, "--keep-days=3"]) {
      assert.ok(words.includes(word), word);
    }
  });

  it("holds no variable of a secret's name, however it is written", () => {
    for (const given of [
      "db_password=hunter2",
      "db={password: hunter2}",
      '{"db_password": "hunter2"}',
      '{"db": [{"api_key": "hunter2"}]}',
    ]) {
      assert.throws(
        () => run({ extraVars: ["a=1", given] }),
        ({ code, message }: { code: string; message: string }) =>
          code === "schedule-refused" && /password|api_key/.test(message) && !message.includes("hunter2"),
        given,
      );
    }
    for (const given of ["port=10", '{"db": {"port": 10}}', "@vault.yml"]) {
      assert.ok(run({ extraVars: [given] }).words.includes(`--extra-vars=${given}`), given);
    }
  });

  it("names no directory that is not there, with which systemd would start nothing", () => {
    for (const option of ["junit", "markdown", "prometheus"] as const) {
      assert.throws(
        () => run({ [option]: join(place, "nowhere/report") }),
        (error: { code: string; message: string }) =>
          error.code === "schedule-refused" && error.message.includes(`--${option}`),
      );
    }
  });

  it("is of the system or a user's own, not both", () => {
    assert.throws(() => run({ system: true, user: true }), { code: "schedule-refused" });
    assert.equal(run({ system: true }).scope.kind, "system");
    assert.equal(run({ user: true }).scope.kind, "user");
  });

  it("takes no state directory of another user that is not there: made now, it would be the installer's", () => {
    const other = { system: true, runAs: "nobody" };
    assert.throws(() => run({ ...other, stateDir: join(place, "state") }), { code: "schedule-refused" });
    assert.equal(run({ ...other, stateDir: place }).stateDirectory, place);
    assert.equal(run({ system: true, stateDir: join(place, "state") }).stateDirectory, join(place, "state"));
  });

  it("takes no option of which it would make nothing", () => {
    assert.throws(() => run({ output: "json" }), { code: "schedule-refused" });
    assert.ok(run({ verbose: true }).words.includes("--verbose"));
  });
});

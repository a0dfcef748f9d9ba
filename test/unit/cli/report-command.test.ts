import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { reportCommand } from "../../../src/cli/report-command.ts";
import type { LfceEvent } from "../../../src/core/events.ts";
import { PLAYBOOK_FILE, playbookDirectory } from "../../../src/history/places.ts";
import { runFileName } from "../../../src/history/run-files.ts";
import { createPaint } from "../../../src/report/paint.ts";
import { demoRuns } from "../report/html/demo-fleet.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "lfce-report-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const assets = () => ({ style: "p{}", script: "0" });

function record(playbook: string, runs: readonly LfceEvent[][]): void {
  const directory = playbookDirectory(join(place, "state"), playbook);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, PLAYBOOK_FILE), JSON.stringify(playbook));
  for (const events of runs) {
    const last = events[events.length - 1];
    if (!last) continue;
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    writeFileSync(join(directory, runFileName(last.time, last.run)), text);
  }
}

function report(playbook: string | undefined, nights = 30, out = join(place, "page.html")) {
  const told: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = (text: string | Uint8Array) => told.push(String(text)) > 0;
  try {
    const code = reportCommand(
      playbook,
      { out, nights, stateDir: join(place, "state") },
      createPaint(false),
      assets,
    );
    return { code, told: told.join("") };
  } finally {
    process.stderr.write = write;
  }
}

test("the nights of the one playbook that has a history become a page", () => {
  record("/srv/lab.yml", demoRuns({ hosts: 5, nights: 4 }));
  const { code, told } = report(undefined);
  assert.equal(code, 0, told);
  assert.match(told, /^written: .*page\.html \(5 hosts, 4 nights, \d+ kB\)\n$/);
  assert.match(readFileSync(join(place, "page.html"), "utf8"), /2 of 5 hosts have drifted/);
  assert.deepEqual(
    readdirSync(place).filter((name) => name !== "state"),
    ["page.html"],
  );
});

test("--nights counts days with runs, from the newest", () => {
  record("/srv/lab.yml", demoRuns({ hosts: 5, nights: 9 }));
  assert.match(report("/srv/lab.yml", 3).told, /3 nights/);
  assert.match(readFileSync(join(place, "page.html"), "utf8"), /3 nights, 21 Nov to 23 Nov/);
});

test("without a history, or with several and no name, nothing is written and it is said why", () => {
  const none = report(undefined);
  assert.equal(none.code, 64);
  assert.match(none.told, /no run is recorded/);
  record("/srv/a.yml", demoRuns({ hosts: 2, nights: 1 }));
  record("/srv/b.yml", demoRuns({ hosts: 2, nights: 1 }));
  assert.match(report(undefined).told, /several playbooks are recorded: \/srv\/a\.yml, \/srv\/b\.yml/);
  assert.match(report("/srv/c.yml").told, /no run of \/srv\/c\.yml is recorded/);
  assert.equal(report("/srv/b.yml").code, 0);
});

test("what is no file is not replaced, and a directory that is not there is an error", () => {
  record("/srv/lab.yml", demoRuns({ hosts: 2, nights: 1 }));
  assert.match(report(undefined, 30, place).told, /is there and is no file/);
  assert.match(report(undefined, 30, join(place, "none/page.html")).told, /could not write/);
});

test("a link stays a link", () => {
  record("/srv/lab.yml", demoRuns({ hosts: 2, nights: 1 }));
  writeFileSync(join(place, "real.html"), "old");
  symlinkSync("real.html", join(place, "page.html"));
  assert.equal(report(undefined).code, 0);
  assert.match(readFileSync(join(place, "real.html"), "utf8"), /^<!doctype html>/);
});

test("damaged files are left out", () => {
  record("/srv/lab.yml", demoRuns({ hosts: 2, nights: 2 }));
  const directory = playbookDirectory(join(place, "state"), "/srv/lab.yml");
  writeFileSync(join(directory, runFileName("2026-11-24T02:00:00.000Z", "half")), '{"event":"run-st');
  assert.match(report(undefined).told, /2 nights/);
});

test("whatever TZ says, there is a page, and it names its time zone", () => {
  record("/srv/lab.yml", demoRuns({ hosts: 2, nights: 2 }));
  const before = process.env.TZ;
  try {
    for (const [given, shown] of [
      ["", "UTC"],
      [":/etc/localtime", "UTC"],
      ["No/Where", "UTC"],
      ["Asia/Tokyo", "Asia/Tokyo"],
    ] as const) {
      process.env.TZ = given;
      assert.equal(report(undefined).code, 0, given);
      assert.ok(readFileSync(join(place, "page.html"), "utf8").includes(`(${shown})`), given);
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

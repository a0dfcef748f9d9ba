import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { asksForJson } from "../../../src/cli/usage-error.ts";
import { lfceProgram } from "./lfce-program.ts";

function lfce(...words: string[]) {
  return spawnSync(process.execPath, [...lfceProgram, ...words], { encoding: "utf8" });
}

describe("a command line that is wrong", () => {
  it("ends with 64 and, with -o json, with a summary", () => {
    const { status, stdout, stderr } = lfce("plan", "-o", "json");
    assert.equal(status, 64);
    assert.match(stderr, /missing required argument/);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ event, exitCode, error }) => [event, exitCode, error.code]),
      [["summary", 64, "usage"]],
    );
  });

  it("says nothing on stdout otherwise", () => {
    const { status, stdout } = lfce("plan", "--no-such-option");
    assert.equal(status, 64);
    assert.equal(stdout, "");
  });

  it("is asked for JSON in every way that the option can be written", () => {
    assert.ok([["-o", "json"], ["-ojson"], ["--output", "json"], ["--output=json"]].every(asksForJson));
    assert.ok(![["json"], ["-o", "plain"], ["playbooks/json"]].some(asksForJson));
  });
});

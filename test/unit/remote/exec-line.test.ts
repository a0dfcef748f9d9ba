import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { encodeScript, execLine } from "../../../src/remote/exec-line.ts";

const run = (stdin: string | Buffer) => {
  const { status, stdout } = spawnSync("sh", ["-c", execLine(undefined)], { input: stdin });
  return { status, stdout: stdout.toString() };
};

test("a script that arrives whole is run", () => {
  assert.deepEqual(run(encodeScript("echo ran")), { status: 0, stdout: "lfce-script-start\nran\n" });
});

test("a script that was cut off is not run, not even its beginning", () => {
  const whole = encodeScript("echo ran\n# more\n");
  for (let length = 0; length < whole.length - 1; length += 1) {
    const { status, stdout } = run(whole.subarray(0, length));
    assert.equal(stdout, "lfce-script-start\n", `${length} bytes`);
    assert.notEqual(status, 0, `${length} bytes`);
  }
});

test("data that is read in the place of a script is not run", () => {
  assert.deepEqual(run("9\necho data\n"), { status: 70, stdout: "lfce-script-start\n" });
});

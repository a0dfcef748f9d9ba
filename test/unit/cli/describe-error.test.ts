import assert from "node:assert/strict";
import { test } from "node:test";
import { describeError } from "../../../src/cli/describe-error.ts";
import { LfceError } from "../../../src/core/errors.ts";

test("an error of the input, an interrupt at a question and a fault of lfce have their own exit codes", () => {
  const codeOf = (error: unknown) => describeError(error).exitCode;
  assert.equal(codeOf(new LfceError({ code: "no-hosts", message: "none" })), 64);
  assert.equal(codeOf(new LfceError({ code: "interrupted", message: "nothing was entered" })), 130);
  assert.equal(codeOf(new LfceError({ code: "systemctl-failed", message: "no bus" })), 1);
  assert.equal(codeOf(new TypeError("x is not a function")), 1);
});

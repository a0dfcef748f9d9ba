import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { lfceProgram } from "./lfce-program.ts";

const root = join(import.meta.dirname, "../../..");

it("sets no flag that this version of V8 does not know: it would complain on stderr", () => {
  const args = [...lfceProgram, "validate", "playbooks/lab.yml"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.match(stdout, /^valid: /m);
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const environment = fileURLToPath(new URL("../../../src/remote/ssh/environment.ts", import.meta.url));

test("a user id without a name, as in containers, is no error", (t) => {
  if (process.getuid?.() !== 0) return t.skip("only root can become a user without a name: not tested");
  const script = `import { processEnvironment } from ${JSON.stringify(environment)};
    // Only now: this clone may lie where nobody but root can read it.
    process.setgroups([]);
    process.setgid(54_321);
    process.setuid(54_321);
    console.log(processEnvironment({}).localUser, processEnvironment({ USER: "anna" }).localUser);`;
  const run = spawnSync(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", script],
    {
      encoding: "utf8",
      env: { HOME: "/", TMPDIR: "/tmp", PATH: process.env.PATH },
    },
  );
  assert.equal(run.stdout, "54321 anna\n", run.stderr);
});

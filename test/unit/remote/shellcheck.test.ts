import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scriptShells, usesShell, which } from "../../ssh/shells.ts";

const directory = join(import.meta.dirname, "../../../src/remote/scripts");
const scripts = readdirSync(directory).filter((name) => name.endsWith(".sh"));

test("there are scripts to check", () => {
  assert.ok(scripts.includes("observe.sh"), scripts.join());
});

for (const name of scripts) {
  test(`${name} passes shellcheck`, (t) => {
    if (which("shellcheck") === undefined) {
      t.skip("shellcheck is not installed: the remote scripts were not checked");
      return;
    }
    const { stdout, status } = spawnSync(
      "shellcheck",
      ["--shell=sh", "--severity=style", join(directory, name)],
      {
        encoding: "utf8",
      },
    );
    assert.equal(status, 0, stdout);
  });

  test(`${name} is plain ASCII`, () => {
    assert.doesNotMatch(readFileSync(join(directory, name), "latin1"), /[^\t\n\x20-\x7e]/);
  });

  for (const shell of scriptShells) {
    test(`${name} is grammar that ${shell.name} accepts`, (t) => {
      if (!usesShell(t, shell.program)) return;
      const before = shell.program === "busybox" ? ["sh"] : [];
      const { stderr, status } = spawnSync(shell.path(), [...before, "-n", join(directory, name)], {
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
    });
  }
}

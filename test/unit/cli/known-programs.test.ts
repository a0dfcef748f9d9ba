import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { knownPrograms } from "../../../src/cli/known-programs.ts";

const chronyd = { name: "chronyd", size: 390_000, mtime: "1670000000.000000000", version: "4.3" } as const;

it("keeps what a host said of its own daemons, and believes it of no other", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "lfce-programs-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const first = knownPrograms(join(directory, "state"));
  first.of("web1").learn([chronyd]);
  first.save();
  const second = knownPrograms(join(directory, "state"));
  assert.deepEqual(second.of("web1").known(), [chronyd]);
  assert.deepEqual(second.of("web2").known(), []);
  second.of("web1").learn([{ ...chronyd, size: 1, version: "4.6" }]);
  second.save();
  assert.deepEqual(
    knownPrograms(join(directory, "state"))
      .of("web1")
      .known()
      .map(({ version }) => version),
    ["4.6"],
  );
  assert.deepEqual(readdirSync(join(directory, "state")), ["programs.json"]);
});

it("takes a file that it cannot read, or that holds something else, for nothing known", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "lfce-programs-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const odd = { web1: [{ ...chronyd, mtime: "1\nend" }, { ...chronyd, name: "sh" }, null], web2: 7 };
  for (const text of ["{", "[]", "null", JSON.stringify({ hosts: odd })]) {
    writeFileSync(join(directory, "programs.json"), text);
    assert.deepEqual(knownPrograms(directory).of("web1").known(), [], text);
  }
});

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { hostMemories } from "../../../src/cli/host-memory.ts";
import type { RememberedLook } from "../../../src/remote/observe-memory.ts";

const chronyd = { name: "chronyd", size: 390_000, mtime: "1670000000.000000000", version: "4.3" } as const;

it("keeps what a host said of its own daemons, and believes it of no other", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "lfce-programs-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const first = hostMemories(join(directory, "state"));
  first.of("web1").programs.learn([chronyd]);
  first.save();
  const second = hostMemories(join(directory, "state"));
  assert.deepEqual(second.of("web1").programs.known(), [chronyd]);
  assert.deepEqual(second.of("web2").programs.known(), []);
  second.of("web1").programs.learn([{ ...chronyd, size: 1, version: "4.6" }]);
  second.save();
  assert.deepEqual(
    hostMemories(join(directory, "state"))
      .of("web1")
      .programs.known()
      .map(({ version }) => version),
    ["4.6"],
  );
  assert.deepEqual(readdirSync(join(directory, "state")), ["hosts.json"]);
});

it("takes a file that it cannot read, or that holds something else, for nothing known", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "lfce-programs-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const odd = {
    web1: { programs: [{ ...chronyd, mtime: "1\nend" }, { ...chronyd, name: "sh" }, null] },
    web2: 7,
  };
  for (const text of ["{", "[]", "null", JSON.stringify({ hosts: odd })]) {
    writeFileSync(join(directory, "hosts.json"), text);
    assert.deepEqual(hostMemories(directory).of("web1").programs.known(), [], text);
  }
});

const look: RememberedLook = {
  question: "0123456789abcdef",
  includes: ["/etc/chrony/site/*.conf"],
  units: {
    stamp: "a".repeat(64),
    units: [
      {
        unit: "chrony",
        enabled: "enabled",
        started: "Mon 2026-11-23 13:00:00.123456 UTC",
        monotonic: "36816075113",
      },
    ],
  },
};

function inDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "lfce-memory-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

it("keeps what a look at a host showed, by the question and for that host alone", (t) => {
  const directory = inDirectory(t);
  const first = hostMemories(directory);
  first.of("web1").looks.learn(look);
  first.save();
  const again = hostMemories(directory);
  assert.deepEqual(again.of("web1").looks.of(look.question), look);
  assert.equal(again.of("web1").looks.of("0000000000000000"), undefined);
  assert.equal(again.of("web2").looks.of(look.question), undefined);
});

it("forgets what a later look did not show again, and all units before a change", (t) => {
  const directory = inDirectory(t);
  const { looks } = hostMemories(directory).of("web1");
  looks.learn(look);
  looks.forgetUnits();
  assert.deepEqual(looks.of(look.question), { question: look.question, includes: look.includes });
  looks.learn({ question: look.question, includes: [] });
  assert.equal(looks.of(look.question), undefined);
});

it("keeps four questions a host", (t) => {
  const { looks } = hostMemories(inDirectory(t)).of("web1");
  const questions = ["1", "2", "3", "4", "5"].map((digit) => digit.repeat(16));
  for (const question of questions) looks.learn({ ...look, question });
  assert.deepEqual(
    questions.filter((question) => looks.of(question)),
    questions.slice(1),
  );
});

it("writes nothing where nothing was learnt", (t) => {
  const directory = inDirectory(t);
  const first = hostMemories(directory);
  first.of("web1").looks.learn(look);
  first.save();
  const path = join(directory, "hosts.json");
  const { ino } = statSync(path);
  const again = hostMemories(directory);
  again.of("web1").looks.learn(look);
  again.of("web2").looks.learn({ question: look.question, includes: [] });
  again.save();
  assert.equal(statSync(path).ino, ino);
});

/** What somebody, or another version, may have written in place of a look. */
const [unit] = look.units?.units ?? [];
const strange: Record<string, unknown> = {
  nothing: null,
  "a question that is none": { ...look, question: "x" },
  "an include with a line break": { ...look, includes: ["/etc/x\nunit --all"] },
  "an include that is no absolute path": { ...look, includes: ["etc/x"] },
  "an include with a NUL": { ...look, includes: ["/etc/\0"] },
  "an include that is no bytes": { ...look, includes: ["/etc/\u2026"] },
  "an endless include": { ...look, includes: [`/${"x".repeat(5000)}`] },
  "includes without end": { ...look, includes: Array.from({ length: 51 }, (_, index) => `/etc/${index}`) },
  "includes that are no list": { ...look, includes: "/etc/x" },
  "a stamp that is none": { ...look, units: { ...look.units, stamp: "" } },
  "no units": { ...look, units: { ...look.units, units: [] } },
  "units without end": { ...look, units: { ...look.units, units: Array.from({ length: 21 }, () => unit) } },
  "a unit that is none": { ...look, units: { ...look.units, units: [{ ...unit, unit: "a\nb" }] } },
  "another property": {
    ...look,
    units: { ...look.units, units: [{ ...unit, enabled: "enabled\nNRestarts=7" }] },
  },
  "a start that is none": { ...look, units: { ...look.units, units: [{ ...unit, started: "today" }] } },
  "a start without number": { ...look, units: { ...look.units, units: [{ ...unit, monotonic: 7 }] } },
};
for (const [what, value] of Object.entries(strange)) {
  it(`takes ${what} for nothing known`, (t) => {
    const directory = inDirectory(t);
    const hosts = { web1: { programs: [], looks: [value] }, web2: { programs: [], looks: [look] } };
    writeFileSync(join(directory, "hosts.json"), JSON.stringify({ version: 1, hosts }));
    const memories = hostMemories(directory);
    assert.equal(memories.of("web1").looks.of(look.question), undefined);
    assert.deepEqual(memories.of("web2").looks.of(look.question), look);
  });
}

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { hostMemories as memoriesOf } from "../../../src/cli/host-memory.ts";
import { temporaryName } from "../../../src/history/temporary-files.ts";
import type { RememberedLook } from "../../../src/remote/observe-memory.ts";

const TODAY = "2026-11-24";
const hostMemories = (directory: string, today = TODAY) => memoriesOf(directory, today);
/** The text of such a file. */
const fileOf = (hosts: object): string =>
  Object.entries(hosts)
    .map(([host, kept]) => `${JSON.stringify({ host, seen: TODAY, ...kept })}\n`)
    .join("");
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
  assert.deepEqual(readdirSync(join(directory, "state")), ["hosts.ndjson"]);
});

it("takes a file that it cannot read, or that holds something else, for nothing known", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "lfce-programs-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const odd = {
    web1: {
      programs: [
        { ...chronyd, mtime: "1\nend" },
        { ...chronyd, mtime: "1".repeat(21) },
        { ...chronyd, version: `4.${"3".repeat(64)}` },
        { ...chronyd, name: "sh" },
        null,
      ],
    },
    web2: 7,
  };
  for (const text of ["{", "[]", "null", fileOf(odd)]) {
    writeFileSync(join(directory, "hosts.ndjson"), text);
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
  const path = join(directory, "hosts.ndjson");
  const { ino } = statSync(path);
  const again = hostMemories(directory);
  again.of("web1").looks.learn(look);
  again.of("web2").looks.learn({ question: look.question, includes: [] });
  again.save();
  assert.equal(statSync(path).ino, ino);
});

it("takes no version of a host's daemon that no program has", (t) => {
  const directory = inDirectory(t);
  const memories = hostMemories(directory);
  memories.of("web1").programs.learn([{ ...chronyd, version: `4.${"3".repeat(1_000_000)}` }]);
  assert.deepEqual(memories.of("web1").programs.known(), []);
  memories.save();
  assert.deepEqual(readdirSync(directory), []);
});

it("reads of a host what it knows, and nothing else that stands there", (t) => {
  const directory = inDirectory(t);
  const more = { more: "x".repeat(5000) };
  const units = { ...look.units, ...more, units: [{ ...look.units?.units[0], ...more }] };
  const web1 = { ...more, programs: [{ ...chronyd, ...more }], looks: [{ ...look, ...more, units }] };
  writeFileSync(join(directory, "hosts.ndjson"), fileOf({ web1 }));
  const memories = hostMemories(directory);
  assert.deepEqual(memories.of("web1").programs.known(), [chronyd]);
  assert.deepEqual(memories.of("web1").looks.of(look.question), look);
  memories.of("web2").looks.learn(look);
  memories.save();
  assert.doesNotMatch(readFileSync(join(directory, "hosts.ndjson"), "utf8"), /more/);
});

it("leaves what another run wrote meanwhile of other hosts", (t) => {
  const directory = inDirectory(t);
  const first = hostMemories(directory);
  first.of("web1").looks.learn(look);
  first.of("web3").looks.learn(look);
  first.save();
  const [second, third] = [hostMemories(directory), hostMemories(directory)];
  second.of("web2").looks.learn(look);
  second.save();
  third.of("web3").looks.learn({ question: look.question, includes: [] });
  third.save();
  const known = hostMemories(directory);
  assert.deepEqual(
    ["web1", "web2", "web3"].filter((host) => known.of(host).looks.of(look.question)),
    ["web1", "web2"],
  );
});

it("is not kept from writing by what a run that was killed left, and removes it", (t) => {
  const directory = inDirectory(t);
  const left = temporaryName("hosts.ndjson").replace(/\.\d+-/, ".1-");
  writeFileSync(join(directory, left), "half");
  const memories = hostMemories(directory);
  memories.of("web1").looks.learn(look);
  memories.save();
  assert.deepEqual(readdirSync(directory), ["hosts.ndjson"]);
});

it("forgets hosts that were not seen for 90 days, and none that a quiet run sees every night", (t) => {
  const directory = inDirectory(t);
  const first = hostMemories(directory, "2026-01-01");
  for (const host of ["web1", "web2"]) first.of(host).looks.learn(look);
  first.save();
  for (const night of ["2026-02-01", "2026-03-31", "2026-04-01"]) {
    const quiet = hostMemories(directory, night);
    quiet.of("web1").looks.learn(look);
    quiet.save();
  }
  const known = hostMemories(directory, "2026-04-01");
  assert.deepEqual(known.of("web1").looks.of(look.question), look);
  const last = hostMemories(directory, "2026-04-02");
  last.of("web3").looks.learn(look);
  last.save();
  assert.equal(hostMemories(directory, "2026-04-02").of("web2").looks.of(look.question), undefined);
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
    writeFileSync(join(directory, "hosts.ndjson"), fileOf(hosts));
    const memories = hostMemories(directory);
    assert.equal(memories.of("web1").looks.of(look.question), undefined);
    assert.deepEqual(memories.of("web2").looks.of(look.question), look);
  });
}

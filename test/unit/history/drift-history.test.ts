import assert from "node:assert/strict";
import fs, {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { driftHistory } from "../../../src/cli/drift-history.ts";
import type { HostFinished, LfceEvent } from "../../../src/core/events.ts";
import { playbookDirectory, recordedPlaybooks } from "../../../src/history/places.ts";
import { DEFAULT_RETENTION, type Retention } from "../../../src/history/recording.ts";
import { rememberedHosts } from "../../../src/history/remembered.ts";
import { readEvents, recordedRuns, runFileNames } from "../../../src/history/run-files.ts";
import { jsonLine } from "../../../src/report/json.ts";
import { finding, hostFinished, night, wholeRun } from "./runs.ts";

interface Cleanup {
  after(done: () => void): void;
}

function freshState(t: Cleanup): string {
  const state = mkdtempSync(join(tmpdir(), "lfce-history-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  return state;
}

function open(state: string, more: { retention?: Partial<Retention>; record?: boolean } = {}) {
  return driftHistory({
    stateDirectory: state,
    playbookFile: "site.yml",
    retention: {},
    record: true,
    tell: () => {},
    ...more,
  });
}

/** Takes a whole run through the history; what everybody else sees of it. */
function take(state: string, started: string, hosts: HostFinished[], more = {}): LfceEvent[] {
  const history = open(state, more);
  return wholeRun(started, hosts).events.map((event) => history.take(event));
}

function hostOf(events: readonly LfceEvent[], name = "web1"): HostFinished {
  const found = events.find((event) => event.event === "host-finished" && event.host === name);
  if (found?.event !== "host-finished") throw new Error(`no result for ${name}`);
  return found;
}

function warningsOf(events: readonly LfceEvent[]): string[] {
  const last = events.at(-1);
  return last?.event === "summary" ? (last.warnings ?? []).map(({ code }) => code) : [];
}

const stale = () => hostFinished("web1", [finding("stale")]);

describe("the record of a run", () => {
  it("holds the lines that -o json prints, for nobody else to read", (t) => {
    const state = freshState(t);
    const seen = take(state, night(1), [stale()]);
    const directory = playbookDirectory(state, "site.yml");
    const [name = ""] = runFileNames(directory);
    assert.equal(readFileSync(join(directory, name), "utf8"), seen.map(jsonLine).join(""));
    for (const path of [state, join(state, "history"), directory].slice(1)) {
      assert.equal(statSync(path).mode & 0o777, 0o700, path);
    }
    for (const file of readdirSync(directory))
      assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file);
    assert.deepEqual(recordedPlaybooks(state), [{ playbook: join(process.cwd(), "site.yml"), directory }]);
  });

  it("is left out by --no-history, which compares all the same", (t) => {
    const state = freshState(t);
    take(state, night(1), [stale()]);
    const events = take(state, night(2), [stale()], { record: false });
    assert.equal(hostOf(events).drift?.[0]?.looks, 2);
    assert.equal([...recordedRuns(playbookDirectory(state, "site.yml"))].length, 1);
  });

  it("is kept for so many runs and days; the newest always", (t) => {
    const state = freshState(t);
    const directory = playbookDirectory(state, "site.yml");
    const started = () => [...recordedRuns(directory)].map((run) => run.started);
    for (const number of [1, 2, 3, 4]) take(state, night(number), [stale()]);
    take(state, night(5), [stale()], { retention: { runs: 3 } });
    assert.deepEqual(started(), [night(5), night(4), night(3)]);
    take(state, night(6), [stale()], { retention: { days: 2 } });
    assert.deepEqual(started(), [night(6), night(5), night(4)]);
    const events = take(state, night(400), [stale()]);
    assert.ok(DEFAULT_RETENTION.days < 390);
    assert.deepEqual(started(), [night(400)]);
    // What is pruned was summed up before.
    assert.deepEqual([hostOf(events).drift?.[0]?.since, hostOf(events).drift?.[0]?.looks], [night(1), 7]);
  });

  it("is kept though the clock has gone back, and it looks like the oldest", (t) => {
    const state = freshState(t);
    take(state, night(9), [stale()]);
    take(state, night(5), [stale()], { retention: { runs: 1 } });
    const events = take(state, night(6), [stale()], { record: false });
    assert.deepEqual(hostOf(events).drift?.[0]?.looks, 3);
    assert.ok(
      [...recordedRuns(playbookDirectory(state, "site.yml"))].some((run) => run.started === night(5)),
    );
  });

  it("counts for the hosts that it looked at: others stay as they were", (t) => {
    const state = freshState(t);
    take(state, night(1), [stale(), hostFinished("web2", [finding("stale")])]);
    take(state, night(2), [hostFinished("web2", [])]);
    take(state, night(3), [hostFinished("web1", "skipped"), hostFinished("web2", "unreachable")]);
    const events = take(state, night(4), [stale(), hostFinished("web2", [])]);
    assert.equal(hostOf(events).drift?.[0]?.since, night(1));
    assert.deepEqual(
      [hostOf(events, "web2").resolved, hostOf(events, "web2").unknownSince],
      [undefined, night(3)],
    );
  });

  it("is no run without its end: a file that was cut is not read", (t) => {
    const state = freshState(t);
    take(state, night(1), [stale()]);
    take(state, night(2), [stale()]);
    const directory = playbookDirectory(state, "site.yml");
    const [, name = ""] = runFileNames(directory);
    const whole = readFileSync(join(directory, name), "utf8");
    for (const length of [0, 10, whole.indexOf("\n") + 1, whole.length - 1]) {
      writeFileSync(join(directory, name), whole.slice(0, length));
      rmSync(join(directory, "remembered.json"), { force: true });
      assert.deepEqual(
        [...recordedRuns(directory)].map((run) => run.started),
        [night(1)],
      );
      assert.equal(rememberedHosts(directory).hosts.get("web1")?.items[0]?.looks, 1);
    }
  });
});

describe("a history that cannot be kept", () => {
  it("is a warning of the summary, and the drift is told as it was found", (t) => {
    const state = join(freshState(t), "file");
    writeFileSync(state, "");
    const events = take(state, night(1), [stale()]);
    assert.deepEqual(
      hostOf(events).drift?.map(({ code }) => code),
      ["stale"],
    );
    assert.deepEqual(warningsOf(events).length, 1);
  });

  it("does not take the sum of another version, nor a broken one, for what was found", (t) => {
    const state = freshState(t);
    take(state, night(1), [stale()]);
    const names = runFileNames(playbookDirectory(state, "site.yml"));
    const sum = join(playbookDirectory(state, "site.yml"), "remembered.json");
    for (const text of [
      "",
      "{}",
      `{"version":0,"runs":${JSON.stringify(names)},"hosts":[]}`,
      '{"version":1}',
      "null",
      '{"version":1,"runs":[1],"hosts":[1]}',
    ]) {
      writeFileSync(sum, text);
      const events = take(state, night(2), [stale()], { record: false });
      assert.equal(hostOf(events).drift?.[0]?.since, night(1), text);
    }
  });

  it("holds no run with a hole: when a write failed, what comes after it counts for nothing", (t) => {
    const state = freshState(t);
    take(state, night(1), [stale()]);
    const history = open(state);
    const long = hostFinished("web2", [{ ...finding("stale"), detail: "x".repeat(100_000) }]);
    const { events } = wholeRun(night(2), [stale(), long, hostFinished("web3", [])]);
    const seen = events.map((event, index) => {
      const full =
        index === 2 && t.mock.method(fs, "writeFileSync", () => assert.fail("no space left on device"));
      syncBuiltinESMExports();
      const told = history.take(event);
      if (full) full.mock.restore();
      syncBuiltinESMExports();
      return told;
    });
    assert.deepEqual(warningsOf(seen), ["history-not-kept"]);
    const directory = playbookDirectory(state, "site.yml");
    assert.equal(runFileNames(directory).length, 1);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.endsWith(".part")),
      [],
    );
  });

  it("is told when the disk fills in the middle of the run, and leaves no half run", (t) => {
    const state = freshState(t);
    take(state, night(1), [stale()]);
    const directory = playbookDirectory(state, "site.yml");
    const history = open(state);
    const long = hostFinished("web2", [{ ...finding("stale"), detail: "x".repeat(100_000) }]);
    const { events } = wholeRun(night(2), [stale(), long, stale()]);
    const seen = events.map((event, index) => {
      // Nothing can be given a name there any more, as on a file system that has become read-only.
      if (index === 3) rmSync(directory, { recursive: true });
      return history.take(event);
    });
    assert.deepEqual(warningsOf(seen), ["history-not-kept"]);
    assert.equal(seen.length, 5);
  });
});

describe("two runs at once", () => {
  it("are both kept, however their events mix, and the next run knows both", (t) => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (order) => {
        const state = mkdtempSync(join(tmpdir(), "lfce-history-"));
        t.after(() => rmSync(state, { recursive: true, force: true }));
        take(state, night(1), [stale(), hostFinished("web2", [])]);
        const [one, other] = [open(state), open(state)];
        const left = wholeRun(night(2), [stale(), hostFinished("web2", [])]).events;
        const right = wholeRun(night(3), [stale(), hostFinished("web2", [finding("late")])]).events;
        for (const [turn, first] of [...order, ...order.map((other) => !other)].entries()) {
          const event = (first ? left : right).shift();
          if (event)
            (first ? one : other).take({
              ...event,
              ...(event.event === "summary" ? { time: night(4 + turn) } : {}),
            });
        }
        const directory = playbookDirectory(state, "site.yml");
        assert.deepEqual([...recordedRuns(directory)].map((run) => run.started).sort(), [
          night(1),
          night(2),
          night(3),
        ]);
        const { hosts } = rememberedHosts(directory);
        assert.deepEqual(
          [hosts.get("web1")?.items[0]?.looks, hosts.get("web2")?.items[0]?.since],
          [3, night(3)],
        );
        rmSync(join(directory, "remembered.json"), { force: true });
        assert.deepEqual(new Map([...rememberedHosts(directory).hosts].sort()), new Map([...hosts].sort()));
      }),
      { numRuns: 40 },
    );
  });

  it("are taken in the order in which they ended, when the sum holds only the later one", (t) => {
    const state = freshState(t);
    for (const number of [1, 2, 3])
      take(state, night(number), number === 2 ? [hostFinished("web1", [])] : [stale()]);
    const directory = playbookDirectory(state, "site.yml");
    const sum = join(directory, "remembered.json");
    const { version, runs, hosts } = JSON.parse(readFileSync(sum, "utf8"));
    writeFileSync(sum, JSON.stringify({ version, runs: [runs[0], runs[2]], hosts }));
    assert.equal(rememberedHosts(directory).hosts.get("web1")?.items[0]?.seen, "101");
  });

  it("do not tidy each other's files, only what nobody writes any more", (t) => {
    const state = freshState(t);
    const running = open(state);
    const [start, ...rest] = wholeRun(night(1), [stale()]).events;
    if (start) running.take(start);
    const directory = playbookDirectory(state, "site.yml");
    const [mine = ""] = readdirSync(directory).filter((name) => name.endsWith(".part"));
    const ofProcess = (pid: string) => mine.replace(/\d+-\d+\.part$/, `${pid}.part`);
    const elsewhere = mine.replace(/[0-9a-f]{12}\.(\d+-\d+\.part)$/, "0123456789ab.$1");
    const dayBefore = elsewhere.replace("run-", "run-old");
    // Process 1 runs everywhere, but has not begun at tick 1 of the boot.
    for (const name of [ofProcess("4194304-77"), ofProcess("1-1"), elsewhere, dayBefore]) {
      writeFileSync(join(directory, name), "{");
    }
    const longAgo = Date.now() / 1000 - 25 * 3600;
    utimesSync(join(directory, dayBefore), longAgo, longAgo);
    take(state, night(2), [stale()]);
    const parts = readdirSync(directory).filter((name) => name.endsWith(".part"));
    assert.deepEqual(parts.sort(), [mine, elsewhere].sort());
    for (const event of rest) running.take(event);
    assert.equal(runFileNames(directory).length, 2);
  });
});

describe("a recorded run", () => {
  it("is read back event by event, whatever its texts hold and wherever the pieces of the file end", (t) => {
    const state = freshState(t);
    const directory = playbookDirectory(state, "site.yml");
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" })),
        fc.integer({ min: 0, max: 600_000 }),
        (texts, padding) => {
          rmSync(directory, { recursive: true, force: true });
          const drift = texts.map((text, index) => ({
            code: "c",
            item: `${index}`,
            message: text,
            detail: text,
          }));
          const seen = take(state, night(1), [
            hostFinished("web1", [{ ...finding("pad"), detail: "ü".repeat(padding) }]),
            hostFinished("web2", drift),
          ]);
          const [run] = recordedRuns(directory);
          assert.deepEqual([...readEvents(run?.path ?? "")], seen);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("of a host with an odd name is a host like any other", (t) => {
    const state = freshState(t);
    for (const name of ["__proto__", "constructor", "a/../../b", "x\n"]) {
      take(state, night(1), [hostFinished(name, [finding("stale")])]);
      const events = take(state, night(2), [hostFinished(name, [finding("stale")])], { record: false });
      assert.equal(hostOf(events, name).drift?.[0]?.looks, 2, name);
      rmSync(join(state, "history"), { recursive: true });
    }
  });
});

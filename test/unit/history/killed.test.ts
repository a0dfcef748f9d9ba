import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { driftHistory } from "../../../src/cli/drift-history.ts";
import type { HostFinished, LfceEvent } from "../../../src/core/events.ts";
import { isStanding } from "../../../src/core/history.ts";
import { playbookDirectory } from "../../../src/history/places.ts";
import { rememberedHosts } from "../../../src/history/remembered.ts";
import { finding, hostFinished, night, wholeRun } from "./runs.ts";

const program = join(import.meta.dirname, "killed-run.ts");

test("a run that is killed at any instant leaves the history as it was, or whole with that run", (t) => {
  const calls = Number(killedAt(freshState(t), 0).stdout);
  assert.ok(calls > 15, `${calls} calls`);
  let [kept, lost] = [0, 0];
  for (let call = 1; call <= calls; call += 1) {
    const state = freshState(t);
    const directory = playbookDirectory(state, "site.yml");
    const killed = killedAt(state, call);
    assert.equal(killed.signal, "SIGKILL", `call ${call}: ${killed.stderr}`);
    const runs = wholeFiles(directory);
    const counts = runs.includes(night(4));
    if (counts) kept += 1;
    else lost += 1;
    // The oldest is removed only when the new one is there.
    assert.ok(runs.includes(night(3)) && runs.length >= 3, `call ${call}: ${runs}`);
    const after = take(state, night(5), [hostFinished("web1", [finding("stale")])]);
    const host = after.find((event): event is HostFinished => event.event === "host-finished");
    assert.equal(host?.drift?.[0]?.since, night(1), `call ${call}`);
    assert.equal(host?.drift?.[0]?.looks, counts ? 5 : 4, `call ${call}`);
    const end = after.at(-1);
    assert.equal(end?.event === "summary" ? end.warnings : "no end", undefined, `call ${call}`);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.endsWith(".part")),
      [],
      `call ${call}`,
    );
    assert.deepEqual(summedUp(directory, "kept"), summedUp(directory, "anew"), `call ${call}`);
  }
  assert.ok(kept > 3 && lost > 8, `${kept} kept, ${lost} lost`);
});

/** A state directory with the runs of three nights: web1 is stale in all of them. */
function freshState(t: { after(done: () => void): void }): string {
  const state = mkdtempSync(join(tmpdir(), "lfce-history-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  for (const number of [1, 2, 3]) take(state, night(number), [hostFinished("web1", [finding("stale")])]);
  return state;
}

function killedAt(state: string, call: number) {
  return spawnSync(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), program, state, String(call), night(4)],
    {
      encoding: "utf8",
    },
  );
}

/** What a whole run in this process says. */
function take(state: string, started: string, hosts: HostFinished[]): LfceEvent[] {
  const history = driftHistory({
    stateDirectory: state,
    playbookFile: "site.yml",
    retention: { runs: 9 },
    record: true,
    tell: () => {},
  });
  return wholeRun(started, hosts).events.map((event) => history.take(event));
}

/** When the runs began whose files are there; each must be whole. */
function wholeFiles(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".ndjson"));
  return names.map((name) => {
    const text = readFileSync(join(directory, name), "utf8");
    const events = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as LfceEvent);
    assert.equal(events[0]?.event, "run-started");
    assert.equal(events.at(-1)?.event, "summary");
    assert.equal(events.length, 2 + (events[0].event === "run-started" ? events[0].hosts : 0));
    return events[0].time;
  });
}

/** What is remembered of every host, from the sum that was kept or from the runs alone (which may be fewer). */
function summedUp(directory: string, how: "kept" | "anew") {
  if (how === "anew") rmSync(join(directory, "remembered.json"));
  return [...rememberedHosts(directory).hosts.values()]
    .map(({ items, looks: _, ...host }) => ({
      ...host,
      items: items.map((item) => ({ ...item, seen: undefined, stands: isStanding(item) })),
    }))
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}

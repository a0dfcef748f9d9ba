import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { ObservedHost } from "../../../src/core/observed.ts";
import type { LookMemory } from "../../../src/remote/observe-memory.ts";
import { scriptShells, usesShell } from "../../ssh/shells.ts";
import { memory } from "./look-memory.ts";
import { type StandInHost, standInHost } from "./observe-host.ts";

/** The host says that it is so many seconds later than it is: files that were written just now are old to it. */
const later = (seconds: number) => (answer: string) =>
  answer.replaceAll(
    /^(stat \d+:[0-9a-f]+:\d+:)(\d+)(?=\S*:\/proc\/self\/$)/gm,
    (_, before: string, time: string) => `${before}${Number(time) + seconds}`,
  );

const QUIET: Readonly<Record<string, string>> = {
  LoadState: "loaded",
  ActiveState: "active",
  SubState: "running",
  UnitFileState: "enabled",
  ExecMainStartTimestamp: "Mon 2026-11-23 13:00:00.123456 UTC",
  ExecMainStartTimestampMonotonic: "1000000",
  Result: "success",
  NRestarts: "0",
};
const own = `${process.pid}`;

/** A host whose systemd knows one unit, chrony, with the test's own process; and everything that the stamp holds. */
function hostWithUnit(host: StandInHost) {
  host.write("units/chrony.service", "[Service]\n");
  host.write("units/multi-user.target.wants/other.service", "");
  host.write("units/boot.target.requires/other.service", "");
  host.write("run/notify", "");
  host.write("slice/chrony.service/cgroup.procs", `${own}\n`);
  host.alter = later(100);
  const answer = (properties: Record<string, string>) =>
    host.write(
      "answer",
      Object.entries({ ...QUIET, MainPID: own, ...properties })
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
  answer({});
  host.program("systemctl", `echo asked >>'${host.root}/asked'; cat '${host.root}/answer'`);
  return {
    answer,
    look: (looks: LookMemory): Promise<ObservedHost> =>
      host.observe(
        { units: ["chrony", "ntpd"] },
        { looks, unitDirectory: join(host.root, "units"), systemdRoot: host.root },
      ),
    timesAsked: () => readFileSync(join(host.root, "asked"), "utf8").split("\n").length - 1,
  };
}

describe("units that are as they were", () => {
  let host: StandInHost;
  beforeEach(() => {
    host = standInHost();
  });
  afterEach(() => rmSync(host.root, { recursive: true }));

  for (const shell of scriptShells) {
    test(`systemd is asked once, and its answer holds: ${shell.name}`, async (t) => {
      if (!usesShell(t, shell.program)) return;
      const { look, timesAsked } = hostWithUnit(host);
      host.useShell(shell.program);
      const looks = memory();
      const first = await look(looks);
      const second = await look(looks);
      assert.deepEqual([timesAsked(), host.looks], [1, 2]);
      assert.deepEqual(second.units, first.units);
      assert.deepEqual(
        [first.units.chrony?.startedAt, first.units.chrony?.enabled],
        [Date.UTC(2026, 10, 23, 13) / 1000 + 0.123456, "enabled"],
      );
      assert.deepEqual(second.files, first.files);
    });
  }

  /** Each changes one thing that systemd's answer hangs on. */
  const differences: Record<string, (host: StandInHost) => void> = {
    "another process in the unit": ({ root }) =>
      appendFileSync(join(root, "slice/chrony.service/cgroup.procs"), "1\n"),
    "another process in its place": (host) => host.write("slice/chrony.service/cgroup.procs", "1\n"),
    "no process": (host) => host.write("slice/chrony.service/cgroup.procs", ""),
    "a process that is gone": (host) => host.write("slice/chrony.service/cgroup.procs", "999999999\n"),
    "a unit without a control group": ({ root }) => rmSync(join(root, "slice"), { recursive: true }),
    "its process was started anew under its number": (host) => {
      const alter = host.alter;
      host.alter = (answer) => alter(answer).replace(/^(\d+ \(.*\) \S(?: \S+){18}) \d+/m, "$1 1");
    },
    "its process is dead, and its parent has not heard of it": (host) => {
      const alter = host.alter;
      host.alter = (answer) => alter(answer).replace(/^(\d+ \(.*\)) [A-Z] /m, "$1 Z ");
    },
    "another boot": (host) => {
      const alter = host.alter;
      host.alter = (answer) =>
        alter(answer).replace(/(boot_id <==\n)\S+/, "$100000000-0000-4000-8000-000000000000");
    },
    "the unit's file changed": ({ root }) =>
      appendFileSync(join(root, "units/chrony.service"), "Restart=no\n"),
    "the unit's file was replaced by one of the same size": (host) => {
      host.write("chrony.new", "[Service]\n");
      renameSync(join(host.root, "chrony.new"), join(host.root, "units/chrony.service"));
    },
    "something was masked or linked": ({ root }) => symlinkSync("/dev/null", join(root, "units/x.service")),
    "something was enabled": ({ root }) =>
      symlinkSync("../chrony.service", join(root, "units/multi-user.target.wants/chrony.service")),
    "something was disabled": ({ root }) => rmSync(join(root, "units/multi-user.target.wants/other.service")),
    "something is required from now on": (host) =>
      host.write("units/boot.target.requires/chrony.service", ""),
    "another target wants something now": (host) => host.write("units/x.target.wants/y.service", ""),
    "systemd has read its files again": ({ root }) => mkdirSync(join(root, "run/generator")),
    "systemd is not to be seen": ({ root }) => rmSync(join(root, "run"), { recursive: true }),
  };
  for (const [what, change] of Object.entries(differences)) {
    test(`${what}: systemd is asked again, in one look more`, async () => {
      const { look, timesAsked, answer } = hostWithUnit(host);
      const looks = memory();
      await look(looks);
      assert.ok(looks.kept?.units);
      change(host);
      answer({ ActiveState: "failed", Result: "exit-code" });
      const second = await look(looks);
      assert.deepEqual([timesAsked(), host.looks], [2, 3]);
      assert.equal(second.units.chrony?.active, "failed");
      assert.equal(looks.kept?.units, undefined);
    });
  }

  test("an answer about other units than those that are there is none", async () => {
    const { look, timesAsked } = hostWithUnit(host);
    const looks = memory();
    await look(looks);
    const { stamp = "", units = [] } = looks.kept?.units ?? {};
    for (const others of [[], [...units, ...units], units.map((one) => ({ ...one, unit: "ntpd" }))]) {
      const asked = timesAsked();
      const seen = await look(memory({ question: "", includes: [], units: { stamp, units: others } }));
      assert.equal(timesAsked(), asked + 1);
      assert.equal(seen.units.chrony?.active, "active");
    }
  });

  test("the file of a unit has gone: it is not there, whatever is remembered", async () => {
    const { look } = hostWithUnit(host);
    const looks = memory();
    await look(looks);
    rmSync(join(host.root, "units/chrony.service"));
    rmSync(join(host.root, "slice"), { recursive: true });
    assert.equal((await look(looks)).units.chrony?.load, "not-found");
  });

  /** Of such units nothing is remembered: they can change, or end, without a trace in the stamp. */
  const restless: Record<string, Record<string, string>> = {
    "is not running": { ActiveState: "inactive", SubState: "dead" },
    "is reloading": { ActiveState: "reloading", SubState: "reload" },
    "is being stopped": { ActiveState: "deactivating", SubState: "stop-sigterm" },
    "is over but for its word": { SubState: "exited" },
    "is masked while it runs": { LoadState: "masked", UnitFileState: "masked" },
    "was started again by systemd": { NRestarts: "1" },
    "went wrong": { Result: "timeout" },
    "has its main process elsewhere": { MainPID: "1" },
    "has no main process": { MainPID: "0" },
    "says nothing of its start": { ExecMainStartTimestamp: "" },
    "says something else of its start": { ExecMainStartTimestamp: "a while ago" },
  };
  for (const [what, properties] of Object.entries(restless)) {
    test(`a unit that ${what} is asked for every time`, async () => {
      const { look, timesAsked, answer } = hostWithUnit(host);
      answer(properties);
      const looks = memory();
      await look(looks);
      await look(looks);
      assert.deepEqual([timesAsked(), host.looks], [2, 2]);
    });
  }

  test("a unit with many processes is asked for every time", async () => {
    const { look, timesAsked } = hostWithUnit(host);
    host.write("slice/chrony.service/cgroup.procs", `${own}\n`.repeat(9));
    const looks = memory();
    await look(looks);
    await look(looks);
    assert.equal(timesAsked(), 2);
  });

  test("what was changed within the last two seconds could change again unseen: nothing is remembered yet", async () => {
    const { look } = hostWithUnit(host);
    for (const seconds of [0, -100]) {
      host.alter = later(seconds);
      const looks = memory();
      await look(looks);
      assert.equal(looks.kept?.units, undefined);
    }
  });
});

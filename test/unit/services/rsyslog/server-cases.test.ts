import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { describe, it } from "node:test";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { type Case, caseNames, loadCase } from "./case.ts";
import { carriedOut, type Files, observedHost } from "./host.ts";
import { complaints, daemonMissing, scratchDirectory, writeTree } from "./server-daemon.ts";

/** What the real daemon says of files, with what depends on their directory and line numbers left out. */
function verdict(files: Files): Set<string> {
  const directory = scratchDirectory();
  try {
    const said = complaints(writeTree(directory, Object.fromEntries(files)));
    const lines = said
      .split("\n")
      .map((line) => line.replaceAll(directory, "").replace(/line \d+/g, "line N"));
    return new Set(lines);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function planned(one: Case): Files | undefined {
  const observed = observedHost(one.before, one.mainFile, one.traits);
  const plan = planRsyslog(one.desired, observed, one.distro);
  return plan.errors.length > 0 ? undefined : carriedOut(one.before, plan);
}

describe("the real rsyslogd accepts what is planned for a log server", () => {
  for (const name of caseNames().filter((one) => one.startsWith("server-"))) {
    it(name, (t) => {
      const missing = daemonMissing();
      if (missing !== undefined) return t.skip(missing);
      const one = loadCase(name);
      const after = planned(one);
      if (!after) return assert.notDeepEqual(one.errors, []);
      const before = verdict(one.before);
      assert.deepEqual(
        [...verdict(after)].filter((line) => !before.has(line) && line !== ""),
        [],
      );
    });
  }
});

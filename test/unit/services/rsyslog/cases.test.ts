import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredRsyslog } from "../../../../src/services/rsyslog/desired.ts";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { asLine, type Case, caseNames, directoryPaths, loadCase, writeExpectation } from "./case.ts";
import { carriedOut, type Files, observedHost } from "./host.ts";

/** LFCE_WRITE_CASES=1 writes what comes out into cases that expect nothing yet. */
const writes = process.env.LFCE_WRITE_CASES === "1";

describe("rsyslog cases", () => {
  for (const name of caseNames()) {
    it(name, () => {
      const one = loadCase(name);
      const plan = planOn(one, one.before, one.desired);
      const after = carriedOut(one.before, plan);
      const warnings = plan.warnings.map(asLine).sort();
      const errors = plan.errors.map(asLine).sort();
      if (writes) writeExpectation(one, after, warnings, errors);
      else {
        assert.deepEqual(errors, one.errors, "errors");
        assertFiles(after, one.expected);
        assert.deepEqual(warnings, one.warnings, "warnings");
        assert.deepEqual(directoryPaths(plan.directories), one.directories, "directories");
      }
      if (plan.errors.length > 0) return;
      assert.equal(plan.staged === undefined, plan.files.length === 0, "a tree is staged when files change");
      assertFiles(carriedOut(after, planOn(one, after, one.desired)), after);
      const gone = carriedOut(after, planOn(one, after, absent(one.desired)));
      if (one.restores) assertFiles(gone, one.before);
    });
  }
});

function planOn(one: Case, files: Files, desired: DesiredRsyslog) {
  return planRsyslog(desired, observedHost(files, one.mainFile, one.traits), one.distro);
}

function absent(desired: DesiredRsyslog): DesiredRsyslog {
  return {
    ...desired,
    ...(desired.client && { client: { ...desired.client, state: "absent" as const } }),
    ...(desired.server && { server: { ...desired.server, state: "absent" as const } }),
  };
}

function assertFiles(actual: Files, expected: Files): void {
  for (const path of new Set([...actual.keys(), ...expected.keys()])) {
    assert.equal(actual.get(path), expected.get(path), path);
  }
}

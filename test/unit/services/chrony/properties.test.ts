import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredChrony } from "../../../../src/services/chrony/desired.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { absent } from "./desired-of.ts";
import { generatedHost } from "./generated-hosts.ts";
import { roleSettings, withBothRoles } from "./role-settings.ts";
import { afterPlan, type HostFiles, observe } from "./virtual-host.ts";

const RUNS = Number(process.env.LFCE_PROPERTY_RUNS ?? 2000) / 4;
const setting = fc.constantFrom(...roleSettings.values());

/** The host after applying; undefined when the plan refuses it (which some of these hosts deserve). */
function applied(desired: DesiredChrony, files: HostFiles): HostFiles | undefined {
  const plan = planChrony(desired, observe({ files, distro: debian }), debian);
  return plan.errors.length > 0 ? undefined : afterPlan(files, plan);
}

describe("chrony edits, on generated hosts", () => {
  let planned = 0;

  it("applying twice is applying once", () => {
    fc.assert(
      fc.property(generatedHost, setting, (files, desired) => {
        const once = applied(desired, files);
        if (!once) return;
        planned += 1;
        assert.deepEqual(applied(desired, once), once);
      }),
      { numRuns: RUNS },
    );
    assert.ok(planned > RUNS / 3, `only ${planned} of ${RUNS} hosts could be planned`);
  });

  it("absent gives back every byte of every file", () => {
    fc.assert(
      fc.property(generatedHost, setting, (files, desired) => {
        const after = applied(desired, files);
        if (after) assert.deepEqual(applied(absent(desired), after), files);
      }),
      { numRuns: RUNS },
    );
  });

  it("a setting and back ends where it was", () => {
    fc.assert(
      fc.property(generatedHost, setting, setting, (files, one, other) => {
        const first = applied(withBothRoles(one), files);
        const second = first && applied(withBothRoles(other), first);
        if (second) assert.deepEqual(applied(withBothRoles(one), second), first);
      }),
      { numRuns: RUNS },
    );
  });

  it("files that are not an administrator's own stay", () => {
    fc.assert(
      fc.property(generatedHost, setting, (files, desired) => {
        const after = applied(desired, files);
        for (const path of ["/run/site.conf", "/usr/share/site/v.conf"]) {
          if (after) assert.equal(after[path], files[path]);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

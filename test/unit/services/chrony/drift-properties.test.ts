import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { DriftFinding } from "../../../../src/core/drift.ts";
import type { ServicePlan } from "../../../../src/core/host-plan.ts";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredChrony } from "../../../../src/services/chrony/desired.ts";
import { driftChrony } from "../../../../src/services/chrony/drift.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { healthy, MAIN } from "./drift-host.ts";
import { generatedHost } from "./generated-hosts.ts";
import { roleSettings } from "./role-settings.ts";
import { afterPlan, type HostFiles, observe } from "./virtual-host.ts";

const RUNS = Number(process.env.LFCE_PROPERTY_RUNS ?? 2000) / 4;

/** Findings about what chronyd says, which these hosts' files have no part in. */
const AT_RUN_TIME =
  /^(chrony-(not-selected|wrong-source)|(stratum|offset)-|leap-)|the running chronyd|^source-unreachable/;

/** The finding tells of the file: by its item, or by the diff that it shows. */
function tellsOf(path: string, { item, detail = "" }: DriftFinding): boolean {
  return item === path || detail.includes(`--- ${path}\n`);
}

function drift(desired: DesiredChrony, files: HostFiles): { plan: ServicePlan; findings: DriftFinding[] } {
  const observed = observe({ files, distro: debian, facts: { chronyc: healthy } });
  const plan = planChrony(desired, observed, debian);
  const findings = driftChrony(desired, observed, debian, plan);
  return {
    plan,
    findings: findings.filter(({ code, message }) => !AT_RUN_TIME.test(code) && !AT_RUN_TIME.test(message)),
  };
}

const setting = fc.constantFrom(...roleSettings.values());

/** One line of the main file is taken out, doubled, switched off or replaced by hand. */
const edit = fc.tuple(
  fc.nat(),
  fc.constantFrom("out", "twice", "off", "server 10.9.9.9", "allow 10.9/16", "# note"),
);

function edited(files: HostFiles, [place, what]: [number, string]): HostFiles {
  const lines = (files[MAIN] ?? "").split("\n");
  const index = place % lines.length;
  const line = lines[index] ?? "";
  const kept = { out: [], twice: [line, line], off: [`#${line}`] }[what] ?? [line, what];
  lines.splice(index, 1, ...kept);
  return { ...files, [MAIN]: lines.join("\n") };
}

describe("chrony drift, on generated hosts", () => {
  it("tells of each change of a plan, each thing once", () => {
    let changes = 0;
    let vague = 0;
    fc.assert(
      fc.property(generatedHost, setting, (files, desired) => {
        const { plan, findings } = drift(desired, files);
        for (const { path } of plan.files) {
          changes += 1;
          assert.ok(
            findings.some((finding) => tellsOf(path, finding)),
            path,
          );
          if (findings.some(({ code, item }) => code === "file-differs" && item === path)) vague += 1;
        }
        const keys = findings.map(({ code, item }) => `${code} ${item}`);
        assert.deepEqual([...new Set(keys)], keys);
      }),
      { numRuns: RUNS },
    );
    assert.ok(changes > RUNS / 3, `only ${changes} changes of ${RUNS} hosts`);
    assert.ok(
      vague < changes / 20,
      `${vague} of ${changes} changes are told as no more than a file that differs`,
    );
  });

  it("tells of nothing after an apply", () => {
    fc.assert(
      fc.property(generatedHost, setting, (files, desired) => {
        const { plan } = drift(desired, files);
        if (plan.errors.length > 0) return;
        assert.deepEqual(drift(desired, afterPlan(files, plan)).findings, []);
      }),
      { numRuns: RUNS },
    );
  });

  it("tells of what was edited by hand after an apply exactly where apply would change it back", () => {
    fc.assert(
      fc.property(generatedHost, setting, edit, (files, desired, change) => {
        const before = drift(desired, files).plan;
        if (before.errors.length > 0) return;
        const { plan, findings } = drift(desired, edited(afterPlan(files, before), change));
        if (plan.errors.length > 0) assert.ok(findings.length > 0);
        else assert.equal(findings.length > 0, plan.files.length > 0, JSON.stringify(findings));
      }),
      { numRuns: RUNS },
    );
  });
});

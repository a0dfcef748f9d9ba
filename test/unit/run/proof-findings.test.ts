import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Check } from "../../../src/core/checks.ts";
import { proofFindings } from "../../../src/run/proof-findings.ts";

const check = (name: Check["name"], result: Check["result"], detail = "why"): Check => ({
  name,
  result,
  detail,
  ms: 1,
});
const found = (code: string, item: string) => [{ code, item, message: "" }];

describe("proofs that failed in a drift run", () => {
  it("are findings, one a proof", () => {
    const checks = [
      check("ntp.selected", "passed"),
      check("syslog.arrived", "failed", "not at log1"),
      check("syslog.arrived", "failed", "not at log2"),
      check("syslog.arrived", "unproven"),
    ];
    assert.deepEqual(proofFindings(checks, []), [
      {
        code: "proof-failed",
        item: "syslog.arrived",
        message: "the proof syslog.arrived failed",
        detail: "not at log1\nnot at log2",
      },
    ]);
  });

  it("are not told twice", () => {
    const arrived = [check("syslog.arrived", "failed")];
    assert.deepEqual(proofFindings(arrived, found("unit-inactive", "rsyslog")), []);
    assert.equal(proofFindings(arrived, found("unit-inactive", "chrony")).length, 1);
    assert.deepEqual(
      proofFindings([check("ntp.selected", "failed")], found("chrony-not-selected", "chronyd")),
      [],
    );
    assert.equal(
      proofFindings([check("ntp.selected", "failed")], found("file-mode", "/etc/chrony.conf")).length,
      1,
    );
  });
});

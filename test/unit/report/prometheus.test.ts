import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LfceEvent } from "../../../src/core/events.ts";
import { prometheusReporter } from "../../../src/report/prometheus.ts";
import { ATTACKS } from "../hostile/strings.ts";
import { drifted, finished, hostileEvent, runOf, written } from "./drift-events.ts";

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
const skip = hasPromtool
  ? false
  : "promtool is missing (Debian package prometheus): the format was not checked";

const metrics = (events: readonly LfceEvent[]) => written(prometheusReporter, events);

/** What promtool has against a text; empty if nothing. */
function complaints(text: string): string {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text });
  return status === 0 ? "" : `${stdout}${stderr}`;
}

const clock = { stratum: 3, offset: -0.0000125, leap: "normal" } as const;
const NIGHT = runOf([
  finished("web1", { drift: [], clock }),
  drifted("web2", { since: "2026-11-20T02:30:00.000Z", looks: 4 }),
  finished("web3", { status: "unreachable" }),
  finished("web4", { drift: [], clock: { stratum: 0, offset: 0, leap: "unsynchronised" } }),
]);

describe("the Prometheus text format", () => {
  it("passes promtool", { skip }, () => {
    assert.equal(complaints(metrics(NIGHT)), "");
    assert.notEqual(
      complaints(metrics(NIGHT).replace("# TYPE lfce_drift_hosts gauge", "# TYPE lfce_drift_hosts x")),
      "",
    );
  });

  it("has each sample once, because a collector refuses a whole file for one that is there twice", () => {
    const finding = {
      code: "log-not-growing",
      item: "log1:/var/log/remote/web1.log",
      message: "nothing came",
    };
    const text = metrics(
      runOf([finished("web1", { drift: [finding, { ...finding, message: "nor here" }] })]),
    );
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    assert.deepEqual(lines, [...new Set(lines)]);
    assert.equal(lines.filter((line) => line.startsWith("lfce_drift_finding{")).length, 1);
  });

  it("says how each host stands, what was found since when, and how the clocks are", () => {
    const lines = metrics(NIGHT).split("\n");
    for (const line of [
      'lfce_drift_hosts{playbook="site.yml",status="drifted"} 1',
      'lfce_drift_hosts{playbook="site.yml",status="failed"} 0',
      'lfce_drift_host_status{playbook="site.yml",host="web3",status="unreachable"} 1',
      'lfce_drift_finding{playbook="site.yml",host="web2",code="source-undeclared",item="192.0.2.9"} 1',
      `lfce_drift_finding_since_timestamp_seconds{playbook="site.yml",host="web2",code="source-undeclared",item="192.0.2.9"} ${Date.UTC(2026, 10, 20, 2, 30) / 1000}`,
      'lfce_drift_clock_offset_seconds{playbook="site.yml",host="web1"} -0.0000125',
      'lfce_drift_clock_stratum{playbook="site.yml",host="web1"} 3',
      'lfce_drift_clock_synchronised{playbook="site.yml",host="web4"} 0',
      'lfce_drift_run_duration_seconds{playbook="site.yml"} 5.25',
      `lfce_drift_last_success_timestamp_seconds{playbook="site.yml"} ${Date.UTC(2026, 10, 23, 2, 30, 5, 250) / 1000}`,
    ]) {
      assert.ok(lines.includes(line), `${line}\nis not in\n${lines.join("\n")}`);
    }
    assert.ok(
      !lines.some((line) => line.startsWith("lfce_drift_clock_offset_seconds") && line.includes("web4")),
    );
  });

  it("is not written by a run that did not reach its end: the old file stays and grows old", () => {
    for (const exitCode of [1, 64, 130]) assert.equal(metrics(runOf([finished("a")], { exitCode })), "");
    assert.equal(metrics(NIGHT.slice(0, -1)), "");
  });

  it("stays the text format whatever hosts and files say", { skip }, () => {
    const texts = [
      ...ATTACKS,
      'a"} 5\nevil 1\n#',
      "\\",
      ...fc.sample(fc.string({ unit: "binary" }), { numRuns: 200, seed: 3 }),
    ];
    const text = metrics(runOf(texts.map((hostile, index) => hostileEvent(`host${index}`, hostile))));
    assert.equal(complaints(text), "");
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    assert.deepEqual([...new Set(samples.map((line) => line.slice(0, "lfce_drift".length)))], ["lfce_drift"]);
  });
});

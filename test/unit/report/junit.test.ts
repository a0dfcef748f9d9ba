import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LfceEvent } from "../../../src/core/events.ts";
import { junitReporter } from "../../../src/report/junit.ts";
import { xmlAttribute, xmlText } from "../../../src/report/xml.ts";
import { ATTACKS } from "../hostile/strings.ts";
import { drifted, finished, hostileEvent, runOf, written } from "./drift-events.ts";

const hasXmllint = spawnSync("xmllint", ["--version"]).status === 0;
const skip = hasXmllint ? false : "xmllint is missing (Debian package libxml2-utils): no schema was checked";

const junit = (events: readonly LfceEvent[]) => written(junitReporter, events);

/** What xmllint has against a document; empty if nothing. */
function complaints(xml: string): string {
  const schema = join(import.meta.dirname, "junit.xsd");
  const { status, stderr } = spawnSync("xmllint", ["--noout", "--nonet", "--schema", schema, "-"], {
    input: xml,
  });
  return status === 0 ? "" : String(stderr);
}

/** The attributes of the suite of a host. */
function suite(xml: string, name: string): Record<string, string> {
  const start = xml.split("\n").find((line) => line.includes(`<testsuite name="${name}"`)) ?? "";
  return Object.fromEntries(
    [...start.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]),
  );
}

const NIGHT = runOf([
  finished("web1", { drift: [] }),
  drifted("web2", { detail: "--- a\n+++ b\n-x <y> & z\n" }),
  finished("web3", {
    status: "unreachable",
    error: { code: "connect-timeout", message: "no answer", hint: "look" },
  }),
  finished("web4", { status: "skipped", error: { code: "servers-failed", message: "its servers failed" } }),
]);

describe("JUnit XML", () => {
  it("is what the schema of CI servers asks for, for every command and status", { skip }, () => {
    const change = { kind: "file", target: "/etc/chrony.conf", reason: "adds a source", diff: "+x" } as const;
    const check = { name: "ntp.selected", detail: "proof to come", ms: 1200 } as const;
    const runs = [
      NIGHT,
      runOf(
        [finished("a", { status: "pending", changes: [change], checks: [{ ...check, result: "unproven" }] })],
        {},
        "plan",
      ),
      runOf(
        [finished("a", { status: "changed", changes: [change], checks: [{ ...check, result: "passed" }] })],
        {},
        "apply",
      ),
      runOf(
        [finished("a", { status: "failed", checks: [{ ...check, result: "failed", code: "no-source" }] })],
        {},
        "verify",
      ),
      // Playbook or inventory were wrong: there is nothing but the summary.
      runOf([], { exitCode: 64, error: { code: "yaml", message: "is <wrong>" } }).slice(-1),
      runOf([], { exitCode: 130 }),
    ];
    for (const events of runs) assert.equal(complaints(junit(events)), "");
  });

  it("is refused by the schema where something is missing or wrong", { skip }, () => {
    const xml = junit(NIGHT);
    assert.notEqual(complaints(xml.replace(' hostname="web2"', "")), "");
    assert.notEqual(complaints(xml.replace("<properties/>", "")), "");
    assert.notEqual(complaints(xml.replace(/tests="\d+"/, 'tests="two"')), "");
  });

  it("counts findings as failures, unreachable hosts as errors, and what was left out as skipped", () => {
    const xml = junit(NIGHT);
    const counts = (name: string) => {
      const { tests, failures, errors, skipped } = suite(xml, name);
      return [tests, failures, errors, skipped].map(Number);
    };
    assert.deepEqual(counts("web1"), [1, 0, 0, 0]);
    assert.deepEqual(counts("web2"), [1, 1, 0, 0]);
    assert.deepEqual(counts("web3"), [1, 0, 1, 0]);
    assert.deepEqual(counts("web4"), [1, 0, 0, 1]);
    assert.match(
      xml,
      /<failure type="source-undeclared" message="192\.0\.2\.9 is not declared">--- a\n\+\+\+ b\n-x &lt;y&gt; &amp; z/,
    );
    assert.equal(suite(xml, "web2").time, "5.250");
  });

  it("names a test case by what it looks at, so that a server can follow it from night to night", () => {
    assert.match(junit(NIGHT), /<testcase name="source-undeclared 192\.0\.2\.9" classname="web2"/);
  });

  it("writes each host when it is finished", () => {
    const texts: string[] = [];
    const reporter = junitReporter({ write: (text) => void texts.push(text) });
    for (const event of NIGHT.slice(0, 3)) reporter.handle(event);
    assert.match(texts.join(""), /<testsuite name="web1"[\s\S]*<\/testsuite>\n$/);
  });

  it("is well-formed whatever hosts and files say", { skip }, () => {
    const texts = [
      ...ATTACKS,
      "]]><x/>\u0000\u001b[2J\ud800\ufffe\uffff\u202e&#0;",
      ...fc.sample(fc.string({ unit: "binary" }), { numRuns: 200, seed: 7 }),
    ];
    const events = runOf(texts.map((text, index) => hostileEvent(`host${index}`, text)));
    assert.equal(complaints(junit(events)), "");
  });

  it("brings texts through XML as they were but for what is not visible", { skip }, () => {
    const text = `a "b" 'c' <d> & \n\te`;
    const xml = `<x a=${xmlAttribute(text)}>${xmlText(text)}</x>`;
    const read = (path: string) =>
      String(spawnSync("xmllint", ["--xpath", path, "-"], { input: xml }).stdout);
    assert.equal(read("string(/x)"), `${text}\n`);
    assert.equal(read("string(/x/@a)"), `${text}\n`);
  });
});

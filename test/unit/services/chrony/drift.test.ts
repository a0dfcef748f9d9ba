import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import { driftChrony } from "../../../../src/services/chrony/drift.ts";
import { absent, desiredOf } from "./desired-of.ts";
import { observe, type VirtualHost } from "./virtual-host.ts";

const MAIN = "/etc/chrony/chrony.conf";
const client = desiredOf({
  client: { servers: [{ server: "10.0.0.1", aliases: ["time1"] }, "ntp.example"] },
});

function findings(host: Partial<VirtualHost>, desired = client): string[] {
  const observed = observe({ files: { [MAIN]: "server 10.0.0.1\n" }, distro: debian, ...host });
  return driftChrony(desired, observed, debian).map((finding) => finding.code);
}

function seen(...lines: string[]): { facts: Partial<ObservedHost> } {
  const rows = lines.map((line) => `${line},377,10,0.000001,0.000002,0.0003`);
  return { facts: { chronyc: { sources: `${rows.join("\n")}\n` } } };
}

describe("chrony drift", () => {
  it("finds nothing when a declared source is selected, under any of its names", () => {
    assert.deepEqual(findings(seen("^,*,10.0.0.1,2,6")), []);
    assert.deepEqual(findings(seen("^,*,time1,2,6")), []);
    assert.deepEqual(findings(seen("^,-,10.0.0.1,2,6", "^,*,NTP.example,2,6")), []);
    const byName = seen("^,*,192.0.2.7,2,6");
    assert.deepEqual(findings({ facts: { ...byName.facts, names: { "ntp.example": ["192.0.2.7"] } } }), []);
  });

  it("reports that no declared source is selected, with what each is", () => {
    const observed = observe({
      files: { [MAIN]: "" },
      distro: debian,
      ...seen("^,x,10.0.0.1,2,6", "^,*,evil.example,2,6"),
    });
    const [finding] = driftChrony(client, observed, debian);
    assert.equal(finding?.code, "chrony-not-selected");
    assert.match(finding?.message ?? "", /evil\.example/);
    assert.match(finding?.detail ?? "", /10\.0\.0\.1: a falseticker/);
    assert.deepEqual(findings(seen()), ["chrony-not-selected"]);
  });

  it("accepts a selected reference clock beside a sane declared source", () => {
    assert.deepEqual(findings(seen("#,*,GPS,0,4", "^,-,10.0.0.1,2,6")), []);
    assert.deepEqual(findings(seen("#,*,GPS,0,4", "^,x,10.0.0.1,2,6")), ["chrony-not-selected"]);
    assert.deepEqual(findings(seen("#,*,GPS,0,4")), ["chrony-not-selected"]);
  });

  it("asks a server without declared sources for none", () => {
    assert.deepEqual(findings(seen(), desiredOf({ server: { allow: ["10/8"] } })), []);
  });

  it("does not ask for a restart because of a file that lfce keeps out", () => {
    const kept = "/run/site.conf";
    const codes = (line: string) => {
      const files = { [MAIN]: `${line}\nserver 10.0.0.1\n`, [kept]: "server 10.9.9.9\n" };
      const observed = observe({ files, distro: debian, ...seen("^,*,10.0.0.1,2,6") });
      const file = observed.files[kept];
      if (file) Object.assign(file, { mtime: observed.now - 1, ctime: observed.now - 1 });
      return driftChrony(client, observed, debian).map(({ code }) => code);
    };
    assert.deepEqual(codes(`#lfce# include ${kept}`), []);
    assert.deepEqual(codes(`include ${kept}`), ["unit-stale"]);
  });

  it("reports a unit that does not run or is not enabled", () => {
    assert.deepEqual(findings({ unit: { active: "failed" } }), ["unit-inactive"]);
    const disabled = { ...seen("^,*,10.0.0.1,2,6"), unit: { enabled: "disabled" } };
    assert.deepEqual(findings(disabled), ["unit-disabled"]);
  });

  it("reports a daemon that runs with older files", () => {
    const observed = observe({ files: { [MAIN]: "" }, distro: debian, ...seen("^,*,10.0.0.1,2,6") });
    const main = observed.files[MAIN];
    assert.ok(main);
    main.mtime = 1500;
    assert.deepEqual(
      driftChrony(client, observed, debian).map((finding) => finding.code),
      ["unit-stale"],
    );
  });

  it("reports that chronyd does not answer", () => {
    assert.deepEqual(findings({}), ["chrony-no-answer"]);
  });

  it("has nothing to say of absent roles", () => {
    assert.deepEqual(findings({ unit: { active: "failed" } }, absent(client)), []);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import { clockOf } from "../../../../src/services/chrony/drift-clock.ts";
import { ntpLinks } from "../../../../src/services/chrony/drift-links.ts";
import { afterWait, waitBeforeTelling } from "../../../../src/services/chrony/drift-wait.ts";
import { desiredOf } from "./desired-of.ts";
import { client, declaredFiles, healthy, lookAt, server, serving, sources, tracking } from "./drift-host.ts";
import { evidence as evidenceOf } from "./ntp-evidence-of.ts";
import { observe } from "./virtual-host.ts";

const SILENT = sources(
  "^,?,10.0.0.1,0,6,0,4294967295,0.0,0.0,0.0",
  "^,?,10.0.0.2,0,6,0,4294967295,0.0,0.0,0.0",
);
const ANSWERED = sources("^,?,10.0.0.1,10,6,1,1,0.0,0.0,0.0", "^,?,10.0.0.2,0,6,0,4294967295,0.0,0.0,0.0");
const WANING = sources("^,?,10.0.0.1,10,6,200,500,0.0,0.0,0.0", "^,?,10.0.0.2,0,6,0,4294967295,0.0,0.0,0.0");

function host(desired: typeof client, facts: Partial<ObservedHost>): ObservedHost {
  return observe({ files: declaredFiles(desired), distro: debian, facts });
}

/** Seconds that a client waits so long after its chronyd's start. */
function waits(list: string, secondsUp: number, desired = client): number | undefined {
  const observed = host(desired, { now: 1000 + secondsUp, chronyc: { sources: list, tracking: tracking() } });
  return waitBeforeTelling(desired, observed, debian, lookAt(desired, observed))?.waitSeconds;
}

describe("waiting before drift is told", () => {
  it("costs a healthy host nothing, nor one with drift that does not pass", () => {
    assert.equal(waits(healthy.sources, 2), undefined);
    assert.equal(waits(sources("^,*,10.0.0.1", "^,+,10.0.0.2", "^,-,10.9.9.9"), 2), undefined);
    const gone = host(server, {
      now: 1001,
      chronyc: { ...serving, tracking: tracking({ leap: "Not synchronised" }) },
    });
    assert.equal(waitBeforeTelling(server, gone, debian, lookAt(server, gone)), undefined);
  });

  it("is what is left of verify_timeout since the start, where nobody answers", () => {
    assert.equal(waits(SILENT, 2), 28);
    assert.equal(waits(SILENT, 29.5), 1);
    assert.equal(waits(SILENT, 3600), undefined);
  });

  it("is all of verify_timeout where a source answers now and is not selected yet", () => {
    assert.equal(waits(ANSWERED, 3600), 30);
    assert.equal(waits(WANING, 3600), undefined);
    assert.equal(waits(sources("^,-,10.0.0.1", "^,x,10.0.0.2"), 3600), 30);
    assert.equal(waits(sources("^,x,10.0.0.1", "^,x,10.0.0.2"), 3600), undefined);
  });

  it("asks an old version, whose names mean nothing, once more by address", () => {
    const observed = host(client, {
      now: 9000,
      versions: { chrony: "3.4" },
      chronyc: { sources: sources("^,*,one.example", "^,+,two.example"), tracking: tracking() },
    });
    const request = waitBeforeTelling(client, observed, debian, lookAt(client, observed));
    assert.equal(request?.waitSeconds, 0);
    const evidence = evidenceOf({
      sources: healthy.sources,
      namedSources: "",
      tracking: healthy.tracking,
    });
    assert.deepEqual(lookAt(client, afterWait(observed, evidence)), []);
  });

  it("believes what was seen after it", () => {
    const observed = host(client, { now: 1002, chronyc: { sources: SILENT, tracking: tracking() } });
    const evidence = evidenceOf({ namedSources: healthy.sources, tracking: healthy.tracking });
    assert.deepEqual(lookAt(client, afterWait(observed, evidence)), []);
    const down = evidenceOf({ namedSources: "", sources: "", tracking: "" });
    assert.deepEqual(
      lookAt(client, afterWait(observed, down)).map(({ code }) => code),
      ["chrony-no-answer"],
    );
  });
});

describe("links and clock", () => {
  const links = (chronyc: ObservedHost["chronyc"], desired = client) =>
    ntpLinks(desired, host(desired, { chronyc }), debian).map(
      ({ to, state, detail }) => `${to} ${state}: ${detail}`,
    );

  it("tell how each declared source stands", () => {
    assert.deepEqual(links(healthy), ["10.0.0.1 in-use: selected", "10.0.0.2 standby: combined"]);
    assert.deepEqual(links({ sources: sources("^,x,10.0.0.1", "^,?,10.0.0.2,0,6,0,9,0,0,0") }), [
      "10.0.0.1 broken: a falseticker",
      "10.0.0.2 broken: no answer",
    ]);
    assert.deepEqual(links({ sources: sources("^,?,10.0.0.1,10,6,1,1,0,0,0") }), [
      "10.0.0.1 unknown: not selectable",
      "10.0.0.2 broken: chronyd does not have this server",
    ]);
    assert.deepEqual(links({})[0], "10.0.0.1 unknown: chronyd does not answer");
    assert.deepEqual(links(serving, server), []);
  });

  it("take a pool for as good as its best server", () => {
    const pool = desiredOf({ client: { servers: [{ pool: "ntp.example" }] } });
    const list = sources("^,?,ntp.example,0,6,0,9,0,0,0", "^,*,ntp.example", "^,x,ntp.example");
    assert.deepEqual(links({ sources: list }, pool), ["ntp.example in-use: selected"]);
  });

  it("count a clock that is behind as negative", () => {
    assert.deepEqual(clockOf({ chronyc: { tracking: tracking({ behind: 2 }) } }), {
      stratum: 11,
      offset: -2,
      leap: "normal",
    });
    assert.equal(
      clockOf({ chronyc: { tracking: tracking({ leap: "Not synchronised" }) } })?.leap,
      "unsynchronised",
    );
    assert.equal(clockOf({ chronyc: {} }), undefined);
  });
});

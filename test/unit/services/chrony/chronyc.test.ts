import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  parseAccessCheck,
  parseActivity,
  parseNtpData,
  parseSelectReasons,
  parseSources,
  parseTracking,
} from "../../../../src/services/chrony/chronyc.ts";

describe("chronyc -c sources", () => {
  it("reads every state and mode, the octal reach, and a source that never answered", () => {
    const text =
      "#,*,PPS0,0,4,377,11,-0.000000170,0.000000593,0.000003565\n" +
      "^,+,10.9.0.2,10,6,17,4,0.5,0.6,0.7\n" +
      "=,x,fd00::1,3,10,1,900,1.0,1.0,0.1\n" +
      "^,?,ID#0000000001,0,6,0,4294967295,0.000000000,0.000000000,0.000000000\n";
    const sources = parseSources(text);
    assert.deepEqual(
      sources.map(({ mode, state, name, reach, sinceSample }) => [mode, state, name, reach, sinceSample]),
      [
        ["refclock", "selected", "PPS0", 0o377, 11],
        ["server", "combined", "10.9.0.2", 0o17, 4],
        ["peer", "falseticker", "fd00::1", 1, 900],
        ["server", "unusable", "ID#0000000001", 0, undefined],
      ],
    );
    assert.equal(sources[0]?.offset, -0.00000017);
    assert.equal(sources[1]?.error, 0.7);
  });

  it("leaves out what is no record", () => {
    assert.deepEqual(parseSources("506 Cannot talk to daemon\n\n^,*,short\n!,*,a,1,1,1,1,1,1,1\n"), []);
  });
});

describe("chronyc -c tracking", () => {
  it("reads a server that has only its own clock", () => {
    assert.deepEqual(
      parseTracking(
        "7F7F0101,,10,1795438922.178013521,0.000000000,0.0,0.0,0.000,0.000,0.000,0.0,0.0,0.0,Normal\n",
      ),
      { referenceId: "7F7F0101", name: "", stratum: 10, systemTime: 0, leap: "Normal" },
    );
  });

  it("is undefined when the daemon is down", () => {
    assert.equal(parseTracking(""), undefined);
    assert.equal(parseTracking("506 Cannot talk to daemon"), undefined);
  });
});

describe("chronyc -c ntpdata", () => {
  const common =
    "10.9.0.3,0A090003,123,10.9.0.5,0A090005,Not synchronised,4,Server,0,6,64,-26,0.000000015,1.0,1.0,00000000,,0.0,0.0,0.0,0.0,0.0,0.00,111,101,0000,No,No,Kernel,Kernel";

  it("reads the counters of chrony 4.3 and of 4.6, which appends columns", () => {
    const expected = {
      address: "10.9.0.3",
      leap: "Not synchronised",
      stratum: 0,
      sent: 6,
      received: 5,
      good: 0,
    };
    assert.deepEqual(parseNtpData(`${common},6,5,5,0\n`), [expected]);
    assert.deepEqual(parseNtpData(`${common},6,5,5,0,2,2,0,0\n`), [expected]);
  });

  it("reads chrony 4.0, which does not count good answers", () => {
    assert.deepEqual(parseNtpData(`${common},6,5,5\n`), [
      { address: "10.9.0.3", leap: "Not synchronised", stratum: 0, sent: 6, received: 5 },
    ]);
  });
});

it("reads activity, access checks and the reasons of selectdata", () => {
  assert.deepEqual(parseActivity("1,2,3,0,9\n"), { online: 1, offline: 2, unknownAddress: 9 });
  assert.equal(parseActivity(""), undefined);
  assert.equal(parseAccessCheck("208 Access allowed"), "allowed");
  assert.equal(parseAccessCheck("209 Access denied"), "denied");
  assert.equal(parseAccessCheck("501 Not authorised"), "unknown");
  const reasons = parseSelectReasons("M,172.31.96.11,N,-,-,-\n*,10.0.0.1,N,-,-,-\nW,10.0.0.2,N,-,-,-\n");
  assert.deepEqual([...reasons.keys()], ["172.31.96.11", "10.0.0.2"]);
  assert.match(reasons.get("172.31.96.11") ?? "", /too few measurements/);
});

it("no text makes a reader throw", () => {
  const line = fc.array(fc.constantFrom("^", "*", "?", ",", "1", "a", "\n", "-0.1", "é"), { maxLength: 120 });
  fc.assert(
    fc.property(line, (pieces) => {
      const text = pieces.join("");
      for (const read of [parseSources, parseTracking, parseNtpData, parseActivity, parseSelectReasons])
        read(text);
    }),
  );
});

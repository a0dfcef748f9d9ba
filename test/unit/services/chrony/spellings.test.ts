import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isName, networksOf, readAccess, readLocal } from "../../../../src/services/chrony/access.ts";
import { canonicalAddress } from "../../../../src/services/chrony/address.ts";
import type { DesiredSource, SourceKind } from "../../../../src/services/chrony/desired.ts";
import { isNumber, sameArguments } from "../../../../src/services/chrony/directives.ts";
import {
  optionsSatisfied,
  readSource,
  sameAddress,
  writeSource,
} from "../../../../src/services/chrony/source-line.ts";

const EVERYONE = ["0.0.0.0/0", "::/0"];

describe("networks of allow and deny", () => {
  const names = {
    "one.example": ["10.1.2.3"],
    "two.example": ["10.1.2.3", "10.1.2.4"],
    "odd.example": ["x"],
  };
  const rows: [string, string[]][] = [
    ["all", EVERYONE],
    ["ALL", EVERYONE],
    ["10", ["10.0.0.0/8"]],
    ["10/8", ["10.0.0.0/8"]],
    ["172.16/12", ["172.16.0.0/12"]],
    ["172.31/12", ["172.16.0.0/12"]],
    ["192.168.7", ["192.168.7.0/24"]],
    ["192.168.7/25", ["192.168.7.0/25"]],
    ["192.168.7.200/25", ["192.168.7.128/25"]],
    ["192.168.7.200", ["192.168.7.200/32"]],
    ["192.168.7.200/0", ["0.0.0.0/0"]],
    ["192.168.7.200/32", ["192.168.7.200/32"]],
    ["192.168.7.200/33", ["name:192.168.7.200/33"]],
    ["192.168.7.200/2x", ["name:192.168.7.200/2x"]],
    ["192.168.7.200/x2", ["name:192.168.7.200/x2"]],
    ["192.168.7.200/", ["name:192.168.7.200/"]],
    ["10/8/8", ["name:10/8/8"]],
    ["10.", ["name:10."]],
    ["1234", ["name:1234"]],
    ["x10.1", ["name:x10.1"]],
    ["10.1.x", ["name:10.1.x"]],
    ["10.300", ["name:10.300"]],
    ["0x0a000001", ["name:0x0a000001"]],
    ["2001:DB8::/32", ["2001:db8::/32"]],
    ["2001:db8:0:0:0:0:0:1/32", ["2001:db8::/32"]],
    ["::1", ["::1/128"]],
    ["::1/128", ["::1/128"]],
    ["::1/129", ["name:::1/129"]],
    ["one.example", ["10.1.2.3/32"]],
    ["two.example", ["name:two.example"]],
    ["odd.example", ["name:odd.example"]],
    ["Other.Example", ["name:other.example"]],
  ];
  for (const [entry, expected] of rows) {
    it(`${JSON.stringify(entry)} is ${expected.join(" and ")}`, () =>
      assert.deepEqual(networksOf(entry, names), expected));
  }

  it("names are what is neither everyone nor a network", () => {
    assert.deepEqual(["all", "ALL", "10/8", "::1", "a.example", "10/8/8"].map(isName), [
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it("a line is one network, everyone, or what chronyd refuses", () => {
    const read = (text: string) => readAccess(text.split(" ").filter(Boolean), names);
    assert.deepEqual(read(""), { overridesEarlier: false, networks: EVERYONE });
    assert.deepEqual(read("all"), { overridesEarlier: true, networks: EVERYONE });
    assert.deepEqual(read("10/8"), { overridesEarlier: false, networks: ["10.0.0.0/8"] });
    assert.deepEqual(read("all 10/8"), { overridesEarlier: true, networks: ["10.0.0.0/8"] });
    assert.deepEqual(read("10/8 192.168/16"), { overridesEarlier: false, networks: [] });
    assert.deepEqual(read("all 10/8 x"), { overridesEarlier: true, networks: [] });
  });
});

describe("a local line", () => {
  const rows: [string, { stratum: number; orphan: boolean }][] = [
    ["", { stratum: 10, orphan: false }],
    ["stratum 8", { stratum: 8, orphan: false }],
    ["STRATUM 8 Orphan", { stratum: 8, orphan: true }],
    ["orphan", { stratum: 10, orphan: true }],
    ["stratum 3 stratum 5", { stratum: 5, orphan: false }],
    ["distance 0.1 stratum 7", { stratum: 7, orphan: false }],
  ];
  for (const [text, expected] of rows) {
    it(`"local ${text}" is stratum ${expected.stratum}${expected.orphan ? ", orphan" : ""}`, () =>
      assert.deepEqual(readLocal(text.split(" ").filter(Boolean)), expected));
  }
});

describe("an address", () => {
  const rows: [string, string][] = [
    ["NTP.Example.", "ntp.example"],
    ["ntp.example..", "ntp.example."],
    ["2001:DB8:0::1", "2001:db8::1"],
    ["10.1", "10.1"],
    ["a:b", "a:b"],
    ["10.0.0.1", "10.0.0.1"],
  ];
  for (const [written, expected] of rows) {
    it(`${written} is compared as ${expected}`, () => assert.equal(canonicalAddress(written), expected));
  }
});

describe("arguments of a directive", () => {
  const same: [string, string, string][] = [
    ["makestep", "1 3", "1.0 3"],
    ["makestep", "0.1 3", ".1 +3"],
    ["makestep", "1e1 -1", "10 -1.0"],
    ["maxdistance", "1.", "1"],
    ["log", "tracking measurements", "Measurements TRACKING"],
    ["authselectmode", "Require", "require"],
    ["leapsecmode", "SLEW", "slew"],
    ["rtcsync", "", ""],
  ];
  for (const [name, left, right] of same) {
    it(`"${name} ${left}" says the same as "${right}"`, () => {
      assert.ok(sameArguments(name, words(left), words(right)));
      assert.ok(sameArguments(name, words(right), words(left)));
    });
  }
  const different: [string, string, string][] = [
    ["makestep", "1 3", "1"],
    ["makestep", "1 3", "3 1"],
    ["makestep", "1 3", "1 4"],
    ["log", "tracking", "measurements"],
    ["log", "tracking tracking", "tracking measurements"],
    ["driftfile", "/a/Drift", "/a/drift"],
    ["hwtimestamp", "eth1", "eth2"],
    ["keyfile", "1", "/1"],
    ["keyfile", "1x", "1"],
  ];
  for (const [name, left, right] of different) {
    it(`"${name} ${left}" says something else than "${right}"`, () => {
      assert.ok(!sameArguments(name, words(left), words(right)));
      assert.ok(!sameArguments(name, words(right), words(left)));
    });
  }

  it("are numbers where sscanf reads them to their end", () => {
    for (const word of ["1", "+1", "-1", "1.", "1.5", ".5", "1e3", "1.5E-3", "12", ".25", "1e+12"])
      assert.ok(isNumber(word), word);
    for (const word of ["", ".", "e3", "1e", "1.5x", "x1", "1..5", "--1", "0x10", "1 ", "+", "1e3.5"])
      assert.ok(!isNumber(word), word);
  });
});

function words(text: string): string[] {
  return text.split(" ").filter(Boolean);
}

function source(options: DesiredSource["options"], kind: SourceKind = "server"): DesiredSource {
  return { kind, address: "10.0.0.1", aliases: ["ntp1.example", "2001:db8::1"], options };
}

describe("a source line", () => {
  it("has an address and options, names in lower case, the last of two counting", () => {
    const line = readSource("pool", words("A.Example IBurst minpoll 4 key 7 MinPoll 5 frob prefer"));
    assert.deepEqual(line?.kind, "pool");
    assert.equal(line?.address, "A.Example");
    assert.deepEqual(
      [...(line?.options ?? [])],
      [
        ["iburst", true],
        ["minpoll", "5"],
        ["key", "7"],
        ["frob", true],
        ["prefer", true],
      ],
    );
  });

  it("has no value behind an option that ends it", () => {
    assert.deepEqual([...(readSource("server", ["a", "minpoll"])?.options ?? [])], [["minpoll", true]]);
  });

  it("is none without an address", () => assert.equal(readSource("server", []), undefined));

  it("means a source under any of its names and addresses", () => {
    for (const address of ["10.0.0.1", "NTP1.example.", "2001:DB8:0::1"])
      assert.ok(sameAddress(source({}), address), address);
    for (const address of ["10.0.0.2", "ntp", ""]) assert.ok(!sameAddress(source({}), address), address);
  });

  const satisfied: [DesiredSource["options"], string][] = [
    [{}, "minpoll 3 prefer"],
    [{ iburst: true }, "iburst"],
    [{ iburst: false }, "minpoll 3"],
    [{ minpoll: 6, maxpoll: 10, port: 123 }, ""],
    [{ maxdelay: 3, maxdelaydevratio: 10, maxdelayratio: 0, mindelay: 0, offset: 0, minstratum: 0 }, ""],
    [{ polltarget: 8, maxsources: 4, ntsport: 4460, certset: 0 }, ""],
    [{ minpoll: 4 }, "minpoll 4.0"],
    [{ filter: "abc" }, "filter abc"],
    [{ extfield: "F323" }, "extfield f323"],
    [{ minpoll: 6 }, "minpoll"],
    [{ iburst: true, prefer: true, minpoll: 4 }, "prefer minpoll 4 iburst"],
  ];
  for (const [options, written] of satisfied) {
    it(`"${written}" satisfies ${JSON.stringify(options)}`, () =>
      assert.ok(optionsSatisfied(source(options), line(written))));
  }
  const unsatisfied: [DesiredSource["options"], string][] = [
    [{ iburst: true }, "prefer"],
    [{ iburst: false }, "iburst"],
    [{ minpoll: 4 }, ""],
    [{ minpoll: 6 }, "minpoll 4"],
    [{ key: 3 }, ""],
    [{ extfield: "F324" }, "extfield F323"],
    [{ iburst: true, minpoll: 4 }, "iburst minpoll 5"],
    [{ filter: 1 }, ""],
    [{ filter: "abc" }, "filter abd"],
  ];
  for (const [options, written] of unsatisfied) {
    it(`"${written}" does not satisfy ${JSON.stringify(options)}`, () =>
      assert.ok(!optionsSatisfied(source(options), line(written))));
  }

  it("of a peer satisfies what chronyd ignores there, and nothing else", () => {
    const peer = readSource("peer", ["10.0.0.1"]);
    assert.ok(peer);
    const ignored = { iburst: true, burst: true, nts: true, presend: 9, copy: true };
    assert.ok(optionsSatisfied(source(ignored, "peer"), peer));
    for (const option of ["prefer", "xleave"])
      assert.ok(!optionsSatisfied(source({ [option]: true }, "peer"), peer), option);
    for (const [option, value] of Object.entries(ignored))
      assert.ok(!optionsSatisfied(source({ [option]: value }), line("")), option);
  });

  const rows: [DesiredSource["options"], SourceKind, string][] = [
    [{}, "server", "server 10.0.0.1 iburst"],
    [{}, "pool", "pool 10.0.0.1 iburst"],
    [{}, "peer", "peer 10.0.0.1"],
    [{ iburst: false }, "server", "server 10.0.0.1"],
    [{ iburst: true }, "peer", "peer 10.0.0.1 iburst"],
    [
      { prefer: true, trust: false, minpoll: 4, extfield: "F323" },
      "server",
      "server 10.0.0.1 iburst prefer minpoll 4 extfield F323",
    ],
  ];
  for (const [options, kind, expected] of rows) {
    it(`is written "${expected}"`, () => assert.equal(writeSource(source(options, kind)), expected));
  }
});

function line(options: string) {
  const read = readSource("server", ["10.0.0.1", ...words(options)]);
  assert.ok(read);
  return read;
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import { directiveSince, isDirective } from "../../../../src/services/chrony/directives.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { atLeast } from "../../../../src/services/version-order.ts";
import { type CaseDocument, desiredOf } from "./desired-of.ts";
import { observe } from "./virtual-host.ts";

/** chrony's NEWS: what came with which release. The first row is older than any release that is met. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  "1.0":
    "acquisitionport bindaddress bindcmdaddress broadcast clientloglimit cmdallow cmddeny cmdport commandkey driftfile dumpdir dumponexit initstepslew keyfile linux_freq_scale linux_hz lock_all log logchange logdir mailonchange manual maxupdateskew noclientlog pidfile port rtcdevice rtcfile rtconutc sched_priority",
  "1.24": "makestep",
  "1.25": "fallbackdrift logbanner maxclockerror reselectdist rtcsync stratumweight tempcomp",
  "1.27": "corrtimeratio leapsectz maxchange",
  "1.28": "combinelimit generatecommandkey maxsamples minsamples user",
  "1.30": "bindacqaddress hwclockfile maxslewrate rtcautotrim",
  "2.0": "leapsecmode minsources smoothtime",
  "2.2": "maxdistance",
  "2.3": "cmdratelimit ratelimit",
  "2.4": "maxdrift",
  "3.0": "hwtimestamp maxjitter ntpsigndsocket",
  "4.0":
    "authselectmode bindacqdevice bindcmddevice binddevice clockprecision dscp maxntsconnections nocerttimecheck nosystemcert ntscachedir ntsdumpdir ntsntpserver ntsport ntsprocesses ntsratelimit ntsrefresh ntsrotate ntsservercert ntsserverkey ntstrustedcerts",
  "4.2": "ptpport",
  "4.4": "hwtstimeout refresh",
  "4.6": "leapseclist ptpdomain",
  "4.6.1": "ntsaeads",
  "4.7": "opencommands",
  "4.9": "maxstratum maxtxbuffers minstratum",
};

const SOURCE_OPTIONS: Readonly<Record<string, string>> = {
  "1.0": "auto_offline key maxdelay maxdelayratio maxpoll minpoll offline port presend",
  "1.25": "iburst maxdelaydevratio minstratum noselect polltarget prefer",
  "2.0": "maxsamples maxsources minsamples version",
  "2.3": "require trust",
  "3.0": "offset xleave",
  "3.2": "asymmetry mindelay",
  "3.3": "burst",
  "3.4": "filter",
  "4.0": "nts ntsport",
  "4.1": "certset copy",
  "4.2": "extfield",
  "4.3": "maxdelayquant",
  "4.6": "ipv4 ipv6",
  "4.8": "maxunreach",
};

/** Directives that roles own by parameters, or that are never owned. */
const NOT_SETTABLE = "allow confdir deny include local peer pool refclock server sourcedir";

function codes(document: CaseDocument, version: string): string[] {
  const { mainFile } = debian.services.chrony;
  const host = observe({ files: { [mainFile]: "rtcsync\n" }, distro: debian, version });
  return planChrony(desiredOf(document), host, debian).errors.map(({ code }) => code);
}

/** The release before, in the second number; that of a first release is the last of the series before. */
function before(version: string): string {
  const [major = 0, minor = 0, patch] = version.split(".").map(Number);
  if (patch !== undefined) return `${major}.${minor}`;
  return minor === 0 ? `${major - 1}.99` : `${major}.${minor - 1}`;
}

describe("what a chrony release is too old for", () => {
  for (const [release, names] of Object.entries(DIRECTIVES)) {
    it(`directives that came with ${release}`, () => {
      for (const name of names.split(" ")) {
        const document = { client: { directives: { [name]: "1" } } };
        const old = release === "1.0" ? [] : ["chrony-too-old"];
        assert.deepEqual(codes(document, before(release)).slice(0, 1), old, `${name} before`);
        assert.deepEqual(codes(document, release), [], `${name} with it`);
      }
    });
  }

  for (const [release, names] of Object.entries(SOURCE_OPTIONS)) {
    it(`source options that came with ${release}`, () => {
      for (const name of names.split(" ")) {
        const document = (wanted: number | boolean) => ({
          client: { servers: [{ server: "10.0.0.1", [name]: wanted }] },
        });
        const old = release === "1.0" ? [] : ["chrony-too-old"];
        assert.deepEqual(codes(document(1), before(release)), old, `${name} before`);
        assert.deepEqual(codes(document(1), release), [], `${name} with it`);
        assert.deepEqual(codes(document(false), before(release)), [], `no ${name} before`);
      }
    });
  }

  it("pools and orphan mode", () => {
    const pool = { client: { servers: [{ pool: "pool.example" }] } };
    assert.deepEqual([codes(pool, "1.31"), codes(pool, "2.0")], [["chrony-too-old"], []]);
    const orphan = { server: { allow: ["all"], orphan: true } };
    assert.deepEqual([codes(orphan, "2.3"), codes(orphan, "2.4")], [["chrony-too-old"], []]);
    const local = { server: { allow: ["all"], local_stratum: 8 } };
    assert.deepEqual(codes(local, "1.24"), []);
  });

  it("a directive that is only to go needs no version", () => {
    assert.deepEqual(codes({ client: { directives: { opencommands: false } } }, "2.0"), []);
  });

  it("knows every name of the tables, and those that roles own", () => {
    for (const name of [...Object.values(DIRECTIVES), NOT_SETTABLE].flatMap((names) => names.split(" "))) {
      assert.ok(isDirective(name), name);
    }
    for (const name of ["", "toString", "Server"]) assert.ok(!isDirective(name), name);
    for (const name of NOT_SETTABLE.split(" ")) {
      const document = { client: { directives: { [name]: "1" } } };
      assert.deepEqual(codes(document, "4.7"), ["chrony-directive-refused"], name);
    }
  });
});

describe("the first version of a directive that roles own", () => {
  const rows: [string, string | undefined][] = [
    ["include", "1.25"],
    ["pool", "2.0"],
    ["confdir", "4.0"],
    ["sourcedir", "4.0"],
    ["server", undefined],
    ["toString", undefined],
  ];
  for (const [name, since] of rows) {
    it(`${name}: ${since ?? "none"}`, () => assert.equal(directiveSince(name), since));
  }
});

describe("a chrony version", () => {
  const rows: [string | undefined, string, boolean][] = [
    ["4.3", "4.3", true],
    ["4.10", "4.9", true],
    ["4.6", "4.6.1", false],
    ["4.6.1", "4.6", true],
    ["4.6.2", "4.6.1", true],
    ["5.0", "4.9", true],
    ["3.9", "4.0", false],
    ["4.0-pre2", "4.0", true],
    ["4.0-DEVELOPMENT.7", "4.0.1", false],
    ["v4.3", "1.24", false],
    [undefined, "9.9", true],
  ];
  for (const [version, needed, expected] of rows) {
    it(`${version} is ${expected ? "" : "not "}at least ${needed}`, () =>
      assert.equal(atLeast(version, needed), expected));
  }
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import { isInstalled, loadedNow } from "../../../../src/services/chrony/observation.ts";
import { planChrony } from "../../../../src/services/chrony/plan.ts";
import { absent, type CaseDocument, desiredOf } from "./desired-of.ts";
import { observe, type VirtualHost } from "./virtual-host.ts";

const { mainFile: MAIN, unit: UNIT } = debian.services.chrony;
const server: CaseDocument = { server: { allow: ["10.0.0.0/8"] } };
const client: CaseDocument = { client: { servers: ["10.0.0.1"], exclusive: false } };
const files = { [MAIN]: "server 10.0.0.1\nallow 10.0.0.0/8\n" };

function plan(document: CaseDocument, host: Partial<VirtualHost> = {}) {
  return planChrony(desiredOf(document), observe({ files, distro: debian, ...host }), debian);
}

describe("chrony on a host", () => {
  const nothing = { programs: {}, versions: {}, units: {} };
  const unit = { unit: UNIT, load: "loaded", active: "active", sub: "running", enabled: "enabled" } as const;
  const rows: [string, Partial<ObservedHost>, boolean][] = [
    ["nothing of it", nothing, false],
    ["its version", { ...nothing, versions: { chrony: "4.3" } }, true],
    ["its program", { ...nothing, programs: { chronyd: "/usr/sbin/chronyd" } }, true],
    ["its unit", { ...nothing, units: { [UNIT]: unit } }, true],
    ["a unit that is not there", { ...nothing, units: { [UNIT]: { ...unit, load: "not-found" } } }, false],
  ];
  for (const [name, facts, expected] of rows) {
    it(`${name}: ${expected ? "installed" : "not installed"}`, () =>
      assert.equal(isInstalled(observe({ files, distro: debian, facts }), UNIT), expected));
  }
});

describe("the unit of a time server", () => {
  it("is enabled, started, and refused when masked, as that of a client", () => {
    const actions = (host: Partial<VirtualHost>) => plan(server, host).units.map(({ action }) => action);
    assert.deepEqual(actions({}), []);
    assert.deepEqual(actions({ unit: { enabled: "disabled", active: "inactive" } }), ["enable", "start"]);
    const masked = plan(server, { unit: { load: "masked", enabled: "masked", active: "inactive" } });
    assert.deepEqual(
      masked.errors.map(({ code }) => code),
      ["unit-masked"],
    );
    const missing = plan(server, { facts: { programs: {}, versions: {}, units: {} } });
    assert.deepEqual(missing.packages, ["chrony"]);
  });

  it("is looked at afterwards where a role is there, or where it was restarted", () => {
    const health = (document: CaseDocument, text: string) => {
      const observed = observe({ files: { [MAIN]: text }, distro: debian });
      return planChrony(absent(desiredOf(document)), observed, debian).health.length;
    };
    assert.equal(plan(server).health.length, 1);
    assert.equal(plan(client).health.length, 1);
    assert.equal(health(server, "rtcsync\n"), 0);
    assert.equal(health(server, "#lfce# allow\nrtcsync\n"), 1);
  });
});

describe("files that nobody looked at", () => {
  const after = (document: CaseDocument, text: string) => {
    const observed = { ...observe({ files: { [MAIN]: text }, distro: debian }), globs: {} };
    const { files: changes, errors } = planChrony(desiredOf(document), observed, debian);
    assert.deepEqual(errors, []);
    return changes[0]?.after ?? text;
  };

  it("stay switched off while any role is there", () => {
    const off = "#lfce# include /run/site.conf\nallow 10.0.0.0/8\nserver 10.0.0.1\nmakestep 1 3\n";
    assert.equal(after(server, off), off);
    assert.equal(after(client, off), off);
    assert.equal(after({ client: { directives: { makestep: "1 3" } } }, off), off);
  });

  it("stay included where they are", () => {
    const on = "include /run/site.conf\nserver 10.0.0.1\n";
    assert.equal(after(client, on), on);
  });

  it("are read again from a source directory that no role switches off any more", () => {
    const text = "#lfce# sourcedir /run/chrony-dhcp\nserver 10.0.0.1\n";
    assert.equal(after(client, text), text.replace("#lfce# ", ""));
  });
});

describe("what chronyd loads now", () => {
  it("is the main file and what it includes, without source files and what is switched off", () => {
    const all = {
      [MAIN]:
        "include /etc/a.conf\n#lfce# include /etc/b.conf\nsourcedir /s\nconfdir /c\n" +
        "# lfce: begin ntp_client, playbook lab\nmakestep 1 3\n# lfce: end ntp_client\n",
      "/etc/a.conf": "",
      "/etc/b.conf": "",
      "/s/x.sources": "server 10.0.0.1\n",
      "/c/y.conf": "",
    };
    assert.deepEqual(loadedNow(MAIN, observe({ files: all, distro: debian })), [
      MAIN,
      "/etc/a.conf",
      "/c/y.conf",
    ]);
  });

  it("makes a restart needed by directories that are included from, not by others", () => {
    const restarts = (text: string, directory: string) => {
      const observed = observe({
        files: { [MAIN]: `${text}\nserver 10.0.0.1\n`, "/x/a.conf": "" },
        distro: debian,
      });
      observed.files[directory] = { path: directory, kind: "directory", mtime: 1005, ctime: 1005 };
      return planChrony(desiredOf(client), observed, debian).units.length;
    };
    assert.equal(restarts("confdir /x", "/x"), 1);
    assert.equal(restarts("include /x/*.conf", "/x"), 1);
    assert.equal(restarts("include /x/[a]?.conf", "/x"), 1);
    assert.equal(restarts("include /x/a.conf", "/x"), 0);
    assert.equal(restarts("sourcedir /x", "/x"), 0);
    assert.equal(restarts("# confdir /x", "/x"), 0);
  });
});

describe("a line that chronyd would not read to its end", () => {
  const long = `pool a.example ${"x".repeat(2040)}`;
  const codes = (text: string, document = client) =>
    plan(document, { files: { [MAIN]: text } }).errors.map(({ code }) => code);
  it("is no concern where it stays as it is", () => {
    assert.deepEqual(codes(`server 10.0.0.1\n# ${long}\n`), []);
    assert.deepEqual(codes(`${long}\n`), []);
  });

  it("is refused where the mark makes it so, to the byte", () => {
    const exclusive: CaseDocument = { client: { servers: ["10.0.0.1"] } };
    const of = (length: number, ending = "\n") => `pool ${"x".repeat(length - 5 - ending.length)}${ending}`;
    assert.deepEqual(codes(of(2040), exclusive), []);
    assert.deepEqual(codes(of(2041), exclusive), ["chrony-line-too-long"]);
    assert.deepEqual(codes(of(2041, "\r\n"), exclusive), ["chrony-line-too-long"]);
  });

  it("is refused where lfce would write it", () => {
    const wordy: CaseDocument = { client: { directives: { log: "x".repeat(2045) } } };
    assert.deepEqual(codes("rtcsync\n", wordy), ["chrony-line-too-long"]);
  });
});

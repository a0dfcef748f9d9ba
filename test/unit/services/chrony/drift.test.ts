import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import { absent, desiredOf } from "./desired-of.ts";
import {
  client,
  declaredFiles,
  healthy,
  look,
  lookAt,
  MAIN,
  server,
  serving,
  sources,
  told,
  tracking,
} from "./drift-host.ts";
import { observe } from "./virtual-host.ts";

/** What is told of a client whose chronyd has these sources. */
function running(lines: string[], facts: Partial<ObservedHost> = {}, desired = client): string[] {
  return told(
    look(desired, { facts: { chronyc: { sources: sources(...lines), tracking: tracking() }, ...facts } }),
  );
}

const local = (parts: Parameters<typeof tracking>[0]) =>
  told(look(server, { facts: { chronyc: { sources: "", tracking: tracking(parts) } } }));

describe("drift of chrony's unit", () => {
  it("tells inactive, failed, disabled and masked units apart", () => {
    const unit = (state: object) => told(look(client, { unit: state }));
    assert.deepEqual(unit({ active: "inactive", sub: "dead" }), ["unit-inactive chrony"]);
    assert.deepEqual(unit({ active: "failed", sub: "failed" }), ["unit-failed chrony"]);
    assert.deepEqual(unit({ active: "activating", sub: "auto-restart" }), ["unit-failed chrony"]);
    assert.deepEqual(unit({ enabled: "disabled" }), ["unit-disabled chrony"]);
    assert.deepEqual(unit({ enabled: "disabled", active: "inactive", sub: "dead" }), [
      "unit-disabled chrony",
      "unit-inactive chrony",
    ]);
    assert.deepEqual(unit({ load: "masked", enabled: "masked", active: "inactive", sub: "dead" }), [
      "unit-masked chrony",
    ]);
    assert.deepEqual(unit({ load: "bad-setting" }), ["unit-broken chrony"]);
  });

  it("says why a unit failed", () => {
    const [finding] = look(client, { unit: { active: "failed", sub: "failed", result: "exit-code" } });
    assert.match(finding?.detail ?? "", /exit-code/);
  });

  it("finds a daemon that is older than a file in which no setting differs, and only then", () => {
    const newer = (text: string) => {
      const files = declaredFiles(client);
      const observed = observe({
        files: { ...files, [MAIN]: `${files[MAIN]}${text}` },
        distro: debian,
        facts: { chronyc: healthy },
      });
      const main = observed.files[MAIN];
      if (main) main.mtime = 1500;
      return told(lookAt(client, observed));
    };
    assert.deepEqual(newer("# by hand\n"), ["unit-stale chrony"]);
    assert.deepEqual(newer("server 10.9.9.9\n"), ["source-undeclared 10.9.9.9"]);
  });

  it("does not ask for a restart because of a file that lfce keeps out", () => {
    const kept = "/run/site.conf";
    const codes = (line: string) => {
      const files = { [MAIN]: `${line}\nserver 10.0.0.1\nserver 10.0.0.2\n`, [kept]: "rtcsync\n" };
      const observed = observe({ files, distro: debian, facts: { chronyc: healthy } });
      const file = observed.files[kept];
      if (file) Object.assign(file, { mtime: observed.now - 1, ctime: observed.now - 1 });
      return told(lookAt(client, observed)).filter((line) => line.startsWith("unit"));
    };
    assert.deepEqual(codes(`#lfce# include ${kept}`), []);
    assert.deepEqual(codes(`include ${kept}`), ["unit-stale chrony"]);
  });

  it("finds a package that is gone, with nothing else", () => {
    const gone = { programs: {}, units: {}, versions: {}, chronyc: {} };
    assert.deepEqual(told(look(client, { facts: gone })), ["package-missing chrony"]);
  });

  it("finds a main file that is gone, and another time daemon", () => {
    assert.deepEqual(told(look(client, { files: {} })), [`file-missing ${MAIN}`]);
    const units = observe({ files: {}, distro: debian }).units;
    const other = { ...units, ntpsec: { ...units.chrony, unit: "ntpsec" } } as ObservedHost["units"];
    assert.deepEqual(running(["^,*,10.0.0.1", "^,+,10.0.0.2"], { units: other }), [
      "other-time-daemon ntpsec",
    ]);
  });

  it("finds that another tool manages a file in which lfce owns something", () => {
    const note = "# This file is managed by Puppet\n";
    const main = declaredFiles(client)[MAIN] ?? "";
    assert.deepEqual(told(look(client, { files: { [MAIN]: note + main } })), [
      `managed-by-another-tool ${MAIN}`,
    ]);
    const satisfied = "server 10.0.0.1\nserver 10.0.0.2\n";
    assert.deepEqual(look(client, { files: { [MAIN]: note + satisfied } }), []);
  });

  it("has nothing to say of absent roles", () => {
    assert.deepEqual(
      look(absent(client), { unit: { active: "failed" } }).filter(({ code }) => code !== "file-differs"),
      [],
    );
  });
});

describe("drift of the running chronyd", () => {
  it("is none when a declared source is selected, under any of its names", () => {
    assert.deepEqual(running(["^,*,10.0.0.1", "^,-,10.0.0.2"]), []);
    assert.deepEqual(running(["^,+,time1", "^,*,TIME2"]), []);
    const names = { time1: ["192.0.2.7"] };
    assert.deepEqual(running(["^,*,192.0.2.7", "^,+,10.0.0.2"], { names }), []);
  });

  it("is no declared source that is selected, with how each stands", () => {
    const chronyc = { sources: sources("^,x,10.0.0.1", "^,?,10.0.0.2,0,6,0,99,0.0,0.0,0.0"), tracking: "" };
    const [finding, ...more] = look(client, { facts: { chronyc } });
    assert.deepEqual(more, []);
    assert.equal(`${finding?.code} ${finding?.item}`, "chrony-not-selected chronyd");
    assert.equal(finding?.detail, "10.0.0.1: a falseticker; 10.0.0.2: no answer");
    const unsynchronised = tracking({ id: "00000000", stratum: 0, leap: "Not synchronised" });
    const both = { sources: chronyc.sources, tracking: unsynchronised };
    assert.deepEqual(told(look(client, { facts: { chronyc: both } })), ["chrony-not-selected chronyd"]);
  });

  it("accepts a selected reference clock beside a sane declared source", () => {
    assert.deepEqual(running(["#,*,GPS", "^,-,10.0.0.1", "^,-,10.0.0.2"]), []);
    assert.deepEqual(running(["#,*,GPS", "^,x,10.0.0.1", "^,x,10.0.0.2"]), ["chrony-not-selected chronyd"]);
  });

  it("is a source that only the running daemon has, selected or not", () => {
    assert.deepEqual(running(["^,*,10.0.0.1", "^,+,10.0.0.2", "^,-,10.9.9.9"]), [
      "source-undeclared 10.9.9.9",
    ]);
    const [finding, ...more] = look(client, {
      facts: { chronyc: { ...healthy, sources: sources("^,+,10.0.0.1", "^,+,10.0.0.2", "^,*,10.9.9.9") } },
    });
    assert.equal(finding?.code, "source-undeclared");
    assert.match(finding?.message ?? "", /has selected it/);
    assert.deepEqual(told(more), []);
  });

  it("does not believe names that old versions make of addresses", () => {
    const old = { versions: { chrony: "3.4" } };
    assert.deepEqual(running(["^,*,10.0.0.1", "^,+,two.example"], old), []);
  });

  it("lets other sources stand where the role does, but not be selected alone", () => {
    const open = desiredOf({ client: { servers: ["10.0.0.1"], exclusive: false } });
    assert.deepEqual(running(["^,*,10.0.0.1", "^,-,10.9.9.9"], {}, open), []);
    assert.deepEqual(running(["^,?,10.0.0.1,0,6,0,9,0,0,0", "^,*,10.9.9.9"], {}, open), [
      "chrony-wrong-source chronyd",
    ]);
  });

  it("is a declared source that was taken from the running daemon", () => {
    assert.deepEqual(running(["^,*,10.0.0.1"]), ["source-missing 10.0.0.2"]);
    assert.deepEqual(running([]), ["source-missing 10.0.0.1", "source-missing 10.0.0.2"]);
  });

  it("is a source that does not answer or serves falsely, while another is selected", () => {
    assert.deepEqual(running(["^,*,10.0.0.1", "^,?,10.0.0.2,0,6,0,99,0.0,0.0,0.0"]), [
      "source-unreachable 10.0.0.2",
    ]);
    assert.deepEqual(running(["^,*,10.0.0.1", "^,x,10.0.0.2"]), ["falseticker 10.0.0.2"]);
    const justStarted = { now: 1010 };
    assert.deepEqual(running(["^,*,10.0.0.1", "^,?,10.0.0.2,0,6,0,99,0.0,0.0,0.0"], justStarted), []);
  });

  it("is a clock that is too far off, by its source or by chronyd's own account", () => {
    assert.deepEqual(running(["^,*,10.0.0.1,10,6,377,10,-3.5,0.1,0.001", "^,+,10.0.0.2"]), [
      "offset-too-large clock",
    ]);
    const behind = { ...healthy, tracking: tracking({ behind: 3 }) };
    const [finding] = look(client, { facts: { chronyc: behind } });
    assert.equal(finding?.code, "offset-too-large");
    assert.match(finding?.message ?? "", /3\.00 s behind its source, more than the 100\.0 ms/);
  });

  it("is a stratum or a leap status that nobody can use", () => {
    const clock = (parts: Parameters<typeof tracking>[0]) =>
      told(look(client, { facts: { chronyc: { ...healthy, tracking: tracking(parts) } } }));
    assert.deepEqual(clock({ stratum: 16 }), ["stratum-too-high clock"]);
    assert.deepEqual(clock({ leap: "Insert second" }), ["leap-not-normal clock"]);
    assert.deepEqual(clock({ leap: "Not synchronised" }), ["leap-not-normal clock"]);
  });

  it("is no answer", () => {
    assert.deepEqual(told(look(client, { facts: { chronyc: {} } })), ["chrony-no-answer chronyd"]);
  });
});

describe("drift of a running time server", () => {
  it("is none where it serves its own clock as declared", () => {
    assert.deepEqual(local({ id: "7F7F0101", stratum: 10 }), []);
    assert.deepEqual(local({ id: "0A000009", stratum: 3 }), []);
  });

  it("is its own clock at another stratum, or not at all", () => {
    assert.deepEqual(local({ id: "7F7F0101", stratum: 5 }), ["stratum-changed clock"]);
    assert.deepEqual(local({ id: "00000000", stratum: 0, leap: "Not synchronised" }), [
      "local-missing local",
    ]);
    const plain = desiredOf({ server: { allow: ["10/8"] } });
    assert.deepEqual(told(look(plain)), ["local-undeclared local"]);
    const none = tracking({ id: "00000000", stratum: 0, leap: "Not synchronised" });
    assert.deepEqual(told(look(plain, { facts: { chronyc: { sources: "", tracking: none } } })), [
      "leap-not-normal clock",
    ]);
  });

  it("is one finding where the file says it already", () => {
    const files = { [MAIN]: (declaredFiles(server)[MAIN] ?? "").replace("stratum 10", "stratum 5") };
    const chronyc = { sources: "", tracking: tracking({ id: "7F7F0101", stratum: 5 }) };
    assert.deepEqual(told(look(server, { files, facts: { chronyc } })), ["local-differs local"]);
  });

  it("is a port that it does not listen on, as far as the host can tell", () => {
    const listeners = (port: number) => [{ protocol: "udp" as const, address: "0.0.0.0", port }];
    const listening = (port: number) =>
      told(look(server, { facts: { chronyc: serving, listeners: listeners(port) } }));
    assert.deepEqual(listening(123), []);
    assert.deepEqual(listening(323), ["not-listening udp/123"]);
    const files = { [MAIN]: (declaredFiles(server)[MAIN] ?? "").replace(/^allow.*\n/m, "") };
    const closed = look(server, { files, facts: { chronyc: serving, listeners: listeners(323) } });
    assert.deepEqual(told(closed), ["access-missing allow 172.31.96.0/20"]);
  });
});

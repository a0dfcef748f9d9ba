import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedFile, ObservedUnit } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import { el } from "../../../../src/distros/el.ts";
import type { DesiredForward, DesiredRsyslog } from "../../../../src/services/rsyslog/desired.ts";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { stageDirectory } from "../../../../src/services/rsyslog/stage.ts";
import { carriedOut, observedHost } from "./host.ts";

const main = "/etc/rsyslog.conf";

const forward: DesiredForward = {
  address: "10.0.0.1",
  aliases: [],
  protocol: "tcp",
  port: 514,
  selector: ["*.*"],
  retry: -1,
  queue: { file: "site", maxDisk: "1g", saveOnShutdown: true, written: [] },
};
const desired: DesiredRsyslog = {
  playbook: "site",
  client: { state: "present", forwards: [forward], verifyTimeout: 60 },
};
const absent: DesiredRsyslog = {
  playbook: "site",
  client: { state: "absent", forwards: [], verifyTimeout: 60 },
};
const plainFiles = new Map([[main, "$WorkDirectory /var/spool/rsyslog\n*.* /var/log/all\n"]]);

function planned(wanted: DesiredRsyslog, observed: Parameters<typeof planRsyslog>[1]) {
  const { files, units, health, packages, errors } = planRsyslog(wanted, observed, debian);
  return {
    files: files.map(({ path }) => path),
    units: units.map(({ action }) => action),
    health: health.map(({ kind }) => kind),
    packages,
    errors: errors.map(({ code }) => code),
  };
}

describe("planRsyslog", () => {
  it("plans only the package where rsyslog is not installed, and nothing at all for absent", () => {
    const bare = observedHost(new Map(), main, { versions: {} });
    const nothing = { files: [], units: [], health: [], packages: [], errors: [] };
    assert.deepEqual(planned(desired, bare), { ...nothing, packages: ["rsyslog"] });
    assert.deepEqual(planned(absent, bare), nothing);
  });

  it("changes the main file and restarts, then changes nothing", () => {
    const observed = observedHost(plainFiles, main);
    const plan = planRsyslog(desired, observed, debian);
    assert.deepEqual(planned(desired, observed), {
      files: [main],
      units: ["restart"],
      health: ["active"],
      packages: [],
      errors: [],
    });
    assert.equal(plan.files[0]?.before?.sha256, observed.files[main]?.sha256);
    assert.deepEqual(plan.loadedFiles, [main]);
    const again = planRsyslog(desired, observedHost(carriedOut(plainFiles, plan), main), debian);
    assert.deepEqual([again.files, again.units, again.staged], [[], [], undefined]);
  });

  it("refuses a host whose main file is gone or whose included file was not seen", () => {
    assert.deepEqual(planned(desired, observedHost(new Map(), main)).errors, ["main-file-missing"]);
    const unseen = observedHost(new Map([[main, "$IncludeConfig /etc/x.conf\n"]]), main);
    unseen.globs["/etc/x.conf"] = ["/etc/x.conf"];
    assert.deepEqual(planned(desired, unseen).errors, ["file-not-read"]);
  });

  it("plans no file and no unit where something is in the way", () => {
    const observed = observedHost(plainFiles, main, { addresses: ["10.0.0.1"] });
    const { files, units, errors } = planned(desired, observed);
    assert.deepEqual([files, units, errors], [[], [], ["forward-to-self"]]);
    const masked = observedHost(plainFiles, main);
    masked.units.rsyslog = { ...(masked.units.rsyslog as ObservedUnit), load: "masked" };
    assert.deepEqual(planned(desired, masked).errors, ["unit-masked"]);
  });

  it("neither starts nor enables for absent, and restarts only what runs", () => {
    const plan = planRsyslog(desired, observedHost(plainFiles, main), debian);
    const written = carriedOut(plainFiles, plan);
    assert.deepEqual(planned(absent, observedHost(written, main)).units, ["restart"]);
    const stopped = observedHost(written, main);
    stopped.units.rsyslog = {
      ...(stopped.units.rsyslog as ObservedUnit),
      active: "inactive",
      enabled: "disabled",
    };
    const { files, units, health } = planned(absent, stopped);
    assert.deepEqual([files, units, health], [[main], [], []]);
    assert.deepEqual(planned(absent, observedHost(plainFiles, main)).units, []);
  });

  it("changes the file that a symbolic link leads to", () => {
    const observed = observedHost(plainFiles, main);
    observed.files[main] = {
      ...(observed.files[main] as ObservedFile),
      kind: "symlink",
      target: "/srv/rsyslog.conf",
    };
    const plan = planRsyslog(desired, observed, debian);
    assert.deepEqual(
      plan.files.map(({ path }) => path),
      ["/srv/rsyslog.conf"],
    );
    assert.equal(plan.units[0]?.action, "restart");
    assert.ok(plan.staged);
  });

  it("knows a loop by what the target's name resolves to on the host", () => {
    const observed = observedHost(plainFiles, main, {
      addresses: ["10.0.0.5"],
      names: { logs: ["10.0.0.5"] },
    });
    const named = { ...forward, address: "logs" };
    const wanted = {
      ...desired,
      client: { state: "present" as const, forwards: [named], verifyTimeout: 60 },
    };
    assert.deepEqual(planned(wanted, observed).errors, ["forward-to-self"]);
  });

  it("stages the whole tree with its includes and lookup tables pointing there", () => {
    const files = new Map([
      [
        main,
        '$IncludeConfig /etc/rsyslog.d/*.conf # all\ninclude(file="/etc/one.conf")\n$IncludeConfig /etc/none.d/*.conf\n*.* /var/log/all\n',
      ],
      ["/etc/rsyslog.d/a.conf", 'lookup_table(name="t" file="/etc/rsyslog.d/t.json" reloadOnHUP="on")\n'],
      ["/etc/one.conf", "include(file=\"/etc/rsyslog.d/sub/*.conf\" mode='optional')\n"],
      ["/etc/rsyslog.d/t.json", "{}"],
    ]);
    const { staged } = planRsyslog(desired, observedHost(files, main), debian);
    assert.ok(staged);
    assert.equal(staged.directory, stageDirectory);
    assert.equal(staged.stagedMain, "etc/rsyslog.conf");
    assert.deepEqual(Object.keys(staged.files).sort(), [
      "etc/one.conf",
      "etc/rsyslog.conf",
      "etc/rsyslog.d/a.conf",
      "etc/rsyslog.d/t.json",
    ]);
    const text = staged.files["etc/rsyslog.conf"] ?? "";
    assert.ok(text.startsWith(`$IncludeConfig ${stageDirectory}/etc/rsyslog.d/*.conf # all\n`), text);
    assert.ok(text.includes(`include(file="${stageDirectory}/etc/one.conf")`), text);
    assert.ok(text.includes("$IncludeConfig /etc/none.d/*.conf\n"), text);
    assert.equal(
      staged.files["etc/rsyslog.d/a.conf"],
      `lookup_table(name="t" file="${stageDirectory}/etc/rsyslog.d/t.json" reloadOnHUP="on")\n`,
    );
  });

  it("writes what an EL host calls its spool directory where no work directory is set", () => {
    const observed = observedHost(new Map([[main, "*.* /var/log/messages\n"]]), main);
    const after = planRsyslog(desired, observed, el).files[0]?.after ?? "";
    assert.match(after, /queue\.spoolDirectory="\/var\/lib\/rsyslog"/);
  });

  it("escapes what stands in quotes", () => {
    const odd = { ...forward, address: 'a"b\\c' };
    const wanted = { ...desired, client: { state: "present" as const, forwards: [odd], verifyTimeout: 60 } };
    const observed = observedHost(plainFiles, main);
    const plan = planRsyslog(wanted, observed, debian);
    assert.match(plan.files[0]?.after ?? "", /target="a\\"b\\\\c"/);
    assert.deepEqual(planned(wanted, observedHost(carriedOut(plainFiles, plan), main)).files, []);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedHost, ObservedUnit } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredRsyslog } from "../../../../src/services/rsyslog/desired.ts";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { isRunning, planUnit } from "../../../../src/services/unit-changes.ts";
import { carriedOut, observedHost } from "./host.ts";

const main = "/etc/rsyslog.conf";
const rules = "/etc/rsyslog.d/00-lfce-10.0.0.1.conf";
const text = "$IncludeConfig /etc/rsyslog.d/*.conf\n*.* /var/log/all\n";

const server: DesiredRsyslog["server"] = {
  state: "present",
  listen: [{ protocol: "udp", port: 514 }],
  store: [
    {
      from: [{ kind: "senders", senders: [{ host: "web", addresses: ["10.0.0.1"] }] }],
      file: "/var/log/remote/{host}.log",
      stop: true,
    },
  ],
};
const client: DesiredRsyslog["client"] = {
  state: "present",
  verifyTimeout: 60,
  forwards: [
    {
      address: "10.0.0.9",
      aliases: [],
      protocol: "udp",
      port: 514,
      selector: ["*.*"],
      retry: 0,
      queue: false,
    },
  ],
};

const host = (files: Record<string, string>, more: Partial<ObservedHost> = {}) =>
  observedHost(new Map(Object.entries(files)), main, more);

describe("rsyslog on a host in other states", () => {
  it("is always a plan of rsyslog, whatever stands in the way", () => {
    const masked = host({}, { versions: {} });
    masked.units.rsyslog = { ...(masked.units.rsyslog as ObservedUnit), load: "masked" };
    const refused = planRsyslog({ playbook: "site", client }, masked, debian);
    assert.deepEqual([refused.service, refused.packages, refused.files], ["rsyslog", [], []]);
    assert.deepEqual(
      refused.errors.map(({ code }) => code),
      ["unit-masked"],
    );

    const unread = planRsyslog({ playbook: "site", client }, host({}), debian);
    assert.deepEqual([unread.service, unread.errors.length, unread.files], ["rsyslog", 1, []]);

    const rotated = {
      ...server,
      store: server.store.map((one) => ({ ...one, rotate: { keepDays: 3, compress: true } })),
    };
    const without = host({ [main]: text }, { programs: {} });
    const first = planRsyslog({ playbook: "site", server: rotated }, without, debian);
    assert.deepEqual(
      [first.service, first.packages, first.files, first.errors],
      ["rsyslog", ["logrotate"], [], []],
    );
  });

  it("makes new files with their mode and owner, and changes others without", () => {
    const { files } = planRsyslog({ playbook: "site", server }, host({ [main]: text }), debian);
    const byPath = new Map(files.map((file) => [file.path, file]));
    const { mode, owner, group, before } = byPath.get(rules) ?? {};
    assert.deepEqual([mode, owner, group, before], ["0644", "root", "root", null]);
    assert.deepEqual(Object.keys(byPath.get(main) ?? {}).sort(), ["after", "before", "path", "reason"]);
    const old = host({ [main]: text, [rules]: "# lfce: file of syslog_server, playbook site\n" });
    const [changed] = planRsyslog({ playbook: "site", server }, old, debian).files.filter(
      ({ path }) => path === rules,
    );
    assert.deepEqual(Object.keys(changed ?? {}).sort(), ["after", "before", "path", "reason"]);
  });

  it("is looked at after it was only taken away, where it was restarted", () => {
    const files = new Map([[main, text]]);
    const plan = planRsyslog({ playbook: "site", server, client }, observedHost(files, main), debian);
    const after = observedHost(carriedOut(files, plan), main);
    const gone: DesiredRsyslog = {
      playbook: "site",
      server: { ...server, state: "absent" },
      client: { ...client, state: "absent" },
    };
    const undone = planRsyslog(gone, after, debian);
    assert.deepEqual(undone.health, [{ kind: "active", unit: "rsyslog" }]);
    assert.deepEqual(planRsyslog(gone, host({ [main]: text }), debian).health, []);
    assert.ok(undone.staged, "what is left is checked");
  });

  it("stages nothing where nothing that is loaded changes", () => {
    assert.equal(planRsyslog({ playbook: "site" }, host({ [main]: text }), debian).staged, undefined);
  });
});

describe("the reason for a restart", () => {
  const started = 1000;
  const running = {
    unit: "rsyslog",
    load: "loaded",
    active: "active",
    sub: "running",
    enabled: "enabled",
  } as const;
  const observed = (mtime: number, records: ObservedHost["restartRecords"]): ObservedHost => ({
    ...host({}),
    now: 5000,
    units: { rsyslog: { ...running, startedAt: started } },
    files: { "/a": { path: "/a", kind: "file", sha256: "new", mtime, ctime: 1 } },
    restartRecords: records,
  });
  it("names the file, by its times or by the record", () => {
    const record = { unit: "rsyslog", bootId: "boot", startedAt: started, checksums: { "/a": "old" } };
    for (const state of [observed(2000, []), observed(1, [record])]) {
      const { changes } = planUnit("rsyslog", state, ["/a"], []);
      assert.deepEqual(
        changes.map(({ reason }) => reason),
        ["rsyslog was started before /a changed"],
      );
    }
  });

  it("is none while a unit reloads, which is running", () => {
    assert.ok(isRunning({ ...running, active: "reloading" }));
    assert.ok(isRunning({ ...running, active: "activating", sub: "start" }));
    assert.ok(!isRunning({ ...running, active: "activating", sub: "auto-restart" }));
    assert.ok(!isRunning({ ...running, active: "deactivating" }));
    assert.ok(!isRunning(undefined));
  });
});

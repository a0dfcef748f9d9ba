import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedFile, ObservedUnit } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredRsyslog } from "../../../../src/services/rsyslog/desired.ts";
import { driftRsyslog } from "../../../../src/services/rsyslog/drift.ts";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { caseNames, loadCase } from "./case.ts";
import {
  appliedFiles,
  client,
  edited,
  findingsOn,
  hostOf,
  main,
  namesOf,
  recordOf,
  replaced,
  rotation,
  rulesOfWeb1,
  server,
  toLog1,
} from "./drift-scene.ts";
import { observedHost } from "./host.ts";

describe("driftRsyslog", () => {
  it("says where a statement stands, and shows its part of the diff", () => {
    const [found] = findingsOn(
      client,
      edited(client, (files) => replaced(files, main, 'port="514"', 'port="1514"')),
    );
    assert.equal(found?.message, "the forward to log1 (10.0.0.1) tcp port 514 goes to port 1514");
    assert.match(
      found?.detail ?? "",
      /^\/etc\/rsyslog\.conf:7\n[\s\S]*^-.*port="1514"[\s\S]*^\+.*port="514"/m,
    );
  });

  it("tells of no daemon that is older than a file whose edit is told already, and else of it", () => {
    const observed = edited(client, (files) => replaced(files, main, 'port="514"', 'port="1514"'));
    const stale = (path: string) => {
      observed.files[path] = { ...(observed.files[path] as ObservedFile), mtime: 1_799_999_500 };
    };
    observed.restartRecords = [];
    stale(main);
    assert.deepEqual(namesOf(findingsOn(client, observed)), ["forward-differs tcp/10.0.0.1:514"]);
    const comment = hostOf(new Map([...appliedFiles(client), ["/etc/rsyslog.d/a.conf", "# nothing\n"]]));
    comment.files["/etc/rsyslog.d/a.conf"] = {
      ...(comment.files["/etc/rsyslog.d/a.conf"] as ObservedFile),
      mtime: 1_799_999_500,
    };
    assert.deepEqual(namesOf(findingsOn(client, comment)), ["unit-stale rsyslog"]);
  });

  it("takes what discarded messages when lfce last restarted rsyslogd for known, unless nothing gets past", () => {
    const withFile = (text: string) => {
      const files = new Map([...appliedFiles(client), ["/etc/rsyslog.d/haproxy.conf", text]]);
      const restartRecords = recordOf(hostOf(files));
      return namesOf(findingsOn(client, hostOf(files, { restartRecords })));
    };
    assert.deepEqual(withFile(':programname, isequal, "haproxy" stop\n'), []);
    assert.deepEqual(withFile("*.* stop\n"), ["rules-stray /etc/rsyslog.d/haproxy.conf"]);
  });

  it("finds a declared port without a socket, where files and unit are right", () => {
    const files = appliedFiles(server);
    const sockets = (port: number) => [{ protocol: "tcp" as const, address: "0.0.0.0", port }];
    const on = (port: number) => namesOf(findingsOn(server, hostOf(files, { listeners: sockets(port) })));
    assert.deepEqual(on(514), []);
    assert.deepEqual(on(22), ["not-listening tcp/514"]);
    const stopped = hostOf(files, { listeners: sockets(22) });
    stopped.units.rsyslog = { ...(stopped.units.rsyslog as ObservedUnit), active: "inactive" };
    assert.deepEqual(namesOf(findingsOn(server, stopped)), ["unit-inactive rsyslog"]);
  });

  it("finds a port that rsyslogd alone knows of, but no socket of others, and none that only sends", () => {
    const declared = { protocol: "tcp" as const, address: "0.0.0.0", port: 514, process: "rsyslogd" };
    const sockets = [
      declared,
      { ...declared, port: 601 },
      { ...declared, port: 601, address: "::" },
      { ...declared, port: 22, process: "sshd" },
      { ...declared, protocol: "udp" as const, port: 43_210 },
    ];
    const observed = hostOf(appliedFiles(server), { listeners: sockets });
    assert.deepEqual(namesOf(findingsOn(server, observed)), ["listener-undeclared tcp/601"]);
  });

  it("finds mode and owner of lfce's own files, and a main file that others may write to", () => {
    const observed = hostOf(appliedFiles(server));
    const change = (path: string, metadata: Partial<ObservedFile>) => {
      observed.files[path] = { ...(observed.files[path] as ObservedFile), ...metadata };
    };
    change(main, { mode: "0666" });
    change(rulesOfWeb1, { mode: "0600" });
    change(rotation, { owner: "nobody" });
    assert.deepEqual(namesOf(findingsOn(server, observed)), [
      `file-mode ${main}`,
      `file-mode ${rulesOfWeb1}`,
      `file-owner ${rotation}`,
    ]);
  });

  it("takes the target of a symbolic link for the file that it is about", () => {
    const observed = edited(client, (files) => replaced(files, main, 'port="514"', 'port="1514"'));
    observed.files[main] = {
      ...(observed.files[main] as ObservedFile),
      kind: "symlink",
      target: "/srv/rsyslog.conf",
    };
    assert.deepEqual(namesOf(findingsOn(client, observed)), ["forward-differs tcp/10.0.0.1:514"]);
  });

  it("finds nothing where a role is absent, and only the package where that is missing", () => {
    const absent: DesiredRsyslog = {
      playbook: "site",
      client: { state: "absent", forwards: [toLog1], verifyTimeout: 60 },
    };
    const plain = hostOf(new Map([[main, "*.* /var/log/all\n"]]));
    assert.deepEqual(namesOf(findingsOn(absent, plain)), []);
    assert.deepEqual(namesOf(findingsOn(absent, hostOf(appliedFiles(client)))), [`file-differs ${main}`]);
    assert.deepEqual(namesOf(findingsOn(client, { ...plain, versions: {} })), ["package-missing rsyslog"]);
  });

  it("leaves no change of any case without a finding, and nothing with two of one name", () => {
    for (const name of caseNames()) {
      const one = loadCase(name);
      const observed = observedHost(one.before, one.mainFile, one.traits);
      const plan = planRsyslog(one.desired, observed, one.distro);
      const findings = driftRsyslog(one.desired, observed, one.distro, plan);
      for (const { path } of plan.files) {
        const told = findings.some(
          ({ item, detail = "" }) =>
            item === path ||
            // Of very many alike the first are told, and how many more there are.
            item === "more" ||
            detail.includes(`--- ${path}`) ||
            detail.includes(`+++ ${path}`),
        );
        assert.ok(told, `${name}: ${path} changes and no finding tells of it`);
      }
      assert.equal(new Set(namesOf(findings)).size, findings.length, name);
    }
  });

  it("tells an error of the plan that is about the host, and not again what it explains", () => {
    for (const [name, code] of [
      ["client-two-statements-on-a-line", "forward-entangled"],
      ["client-block-without-its-end", "block-broken"],
      ["client-forward-below-usr-differs", "file-not-editable"],
      ["server-port-taken-by-tls", "port-taken"],
      ["server-block-of-another-playbook", "other-playbook"],
    ]) {
      const one = loadCase(name as string);
      const observed = observedHost(one.before, one.mainFile, one.traits);
      const plan = planRsyslog(one.desired, observed, one.distro);
      const findings = driftRsyslog(one.desired, observed, debian, plan);
      assert.deepEqual(
        findings.map((finding) => finding.code),
        [code],
        name,
      );
    }
  });
});

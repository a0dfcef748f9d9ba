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
  findingsOn,
  hostOf,
  main,
  namesOf,
  recordOf,
  rotation,
  rulesOfWeb1,
  server,
  toLog1,
} from "./drift-scene.ts";
import { observedHost } from "./host.ts";

/** The host after `edit` was made on it by hand and rsyslogd restarted. */
function edited(desired: DesiredRsyslog, edit: (files: Map<string, string>) => void) {
  const files = appliedFiles(desired);
  const restartRecords = recordOf(hostOf(files));
  edit(files);
  return hostOf(files, { restartRecords });
}

/** Replaces text in a file, which must be there. */
function replaced(files: Map<string, string>, path: string, from: string | RegExp, to: string): void {
  const before = files.get(path) ?? "";
  const after = before.replace(from, to);
  assert.notEqual(after, before, `${from} stands in ${path}`);
  files.set(path, after);
}

const edits: [string, DesiredRsyslog, (files: Map<string, string>) => void, string[]][] = [
  ["nothing", client, () => {}, []],
  ["nothing on the server", server, () => {}, []],
  [
    "a forward that was removed",
    client,
    (files) => replaced(files, main, /\*\.\* action\(type="omfwd"[^)]*\)\n/, ""),
    ["forward-missing tcp/10.0.0.1:514"],
  ],
  [
    "a stock file that was put back",
    client,
    (files) => replaced(files, main, /# lfce: begin[\s\S]*# lfce: end syslog_client\n/, ""),
    ["forward-missing tcp/10.0.0.1:514"],
  ],
  [
    "a forward to another port",
    client,
    (files) => replaced(files, main, 'port="514"', 'port="1514"'),
    ["forward-differs tcp/10.0.0.1:514"],
  ],
  [
    "a forward to another host",
    client,
    (files) => replaced(files, main, 'target="10.0.0.1"', 'target="10.9.9.9"'),
    ["forward-differs tcp/10.0.0.1:514"],
  ],
  [
    "a forward by UDP",
    client,
    (files) => replaced(files, main, 'protocol="tcp"', 'protocol="udp"'),
    ["forward-differs tcp/10.0.0.1:514"],
  ],
  [
    "a forward of fewer messages",
    client,
    (files) => replaced(files, main, '*.* action(type="omfwd"', '*.err action(type="omfwd"'),
    ["forward-differs tcp/10.0.0.1:514"],
  ],
  [
    "a forward without its queue",
    client,
    (files) => replaced(files, main, /queue\.type[^\n]*\n/, "\n"),
    ["queue-differs tcp/10.0.0.1:514"],
  ],
  [
    "a second forward",
    client,
    (files) => files.set("/etc/rsyslog.d/x.conf", "*.* @@10.9.9.9:601\n"),
    ["forward-undeclared tcp/10.9.9.9:601"],
  ],
  [
    "a doubled forward",
    client,
    (files) => {
      const [own = ""] = /\*\.\* action\(type="omfwd"[^)]*\)\n/.exec(files.get(main) ?? "") ?? [];
      files.set("/etc/rsyslog.d/x.conf", own.replace('queue.filename="site"', 'queue.filename="other"'));
    },
    ["forward-repeated tcp/10.0.0.1:514"],
  ],
  [
    "a comment in lfce's block, for which there is no code",
    client,
    (files) => replaced(files, main, "# lfce: end", "# by hand\n# lfce: end"),
    ["file-differs /etc/rsyslog.conf"],
  ],
  [
    "a file that discards some messages",
    client,
    (files) => files.set("/etc/rsyslog.d/x.conf", ':msg, contains, "secret" stop\n'),
    ["rules-stray /etc/rsyslog.d/x.conf"],
  ],
  [
    "a file that discards every message, before which lfce's block would be moved",
    client,
    (files) => files.set("/etc/rsyslog.d/x.conf", "*.* stop\n"),
    ["rules-stray /etc/rsyslog.d/x.conf"],
  ],
  [
    "a listener that was removed",
    server,
    (files) => replaced(files, main, /input\(type="imtcp"[^)]*\)\n/, ""),
    ["listener-missing tcp/514"],
  ],
  [
    "a listener without its module",
    server,
    (files) => replaced(files, main, 'module(load="imtcp")\n', ""),
    ["listener-differs tcp/514"],
  ],
  [
    "a listener on another port",
    server,
    (files) => replaced(files, main, 'port="514"', 'port="10514"'),
    ["listener-differs tcp/514"],
  ],
  [
    "a second listener, of a module that lfce's files then name",
    server,
    (files) => files.set("/etc/rsyslog.d/x.conf", 'module(load="imptcp")\ninput(type="imptcp" port="601")\n'),
    ["listener-undeclared tcp/601"],
  ],
  [
    "a listener that is opened twice",
    server,
    (files) => files.set("/etc/rsyslog.d/x.conf", 'input(type="imtcp" port="514")\n'),
    ["listener-repeated tcp/514"],
  ],
  [
    "an include that was edited",
    server,
    (files) => replaced(files, main, "/etc/rsyslog.d/*.conf", "/etc/rsyslog.d/*.cnf"),
    ["include-missing /etc/rsyslog.conf"],
  ],
  [
    "files of rules that were edited and deleted",
    server,
    (files) => {
      replaced(files, rulesOfWeb1, "stop", "continue");
      files.delete(rotation);
    },
    [`rotation-missing ${rotation}`, `rules-file-differs ${rulesOfWeb1}`],
  ],
  [
    "a file of rules for nobody",
    server,
    (files) => files.set("/etc/rsyslog.d/00-lfce-10.0.0.7.conf", files.get(rulesOfWeb1) ?? ""),
    ["rules-file-undeclared /etc/rsyslog.d/00-lfce-10.0.0.7.conf"],
  ],
  [
    "a file that takes messages of one sender before the declared rules",
    server,
    (files) => files.set("/etc/rsyslog.d/00-a.conf", ':fromhost-ip, isequal, "10.0.0.2" stop\n'),
    ["rules-stray /etc/rsyslog.d/00-a.conf"],
  ],
];

describe("driftRsyslog", () => {
  for (const [title, desired, edit, expected] of edits) {
    it(`finds ${title}: ${expected.join(", ") || "no drift"}`, () => {
      const findings = findingsOn(desired, edited(desired, edit));
      assert.deepEqual(namesOf(findings), expected);
      for (const { message, detail } of findings) {
        assert.match(message, /^\S+ [\s\S]*[^.]$/);
        assert.match(detail ?? "", /\/etc\//, "the detail names the file");
      }
    });
  }

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
            item === path || detail.includes(`--- ${path}`) || detail.includes(`+++ ${path}`),
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

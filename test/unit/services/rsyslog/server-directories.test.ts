import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObservedFile, ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import {
  logDirectories,
  logGroup,
  unprivilegedUser,
} from "../../../../src/services/rsyslog/server/server-directories.ts";
import { ownServerFiles, serverFileEdits } from "../../../../src/services/rsyslog/server/server-files.ts";
import { proofPaths, storeRuleFor } from "../../../../src/services/rsyslog/server/store-proof.ts";
import { readStoreRules } from "../../../../src/services/rsyslog/server/store-rules.ts";
import { hostWith, serverOf, storeRule } from "./server-host.ts";

const main = "/etc/rsyslog.conf";
const modelIn = (text: string) => modelOf({ texts: new Map([[main, text]]), globs: {} }, main);

describe("directories of log files", () => {
  const rule = (file: string, more: Partial<DesiredStoreRule> = {}) =>
    storeRule({ web: "10.0.0.1" }, file, more);
  const made = (store: DesiredStoreRule[], kinds: Record<string, ObservedFile["kind"]> = {}, text = "") => {
    const host: ObservedHost = hostWith({ [main]: text });
    for (const [path, kind] of Object.entries(kinds)) host.files[path] = { path, kind };
    return logDirectories(readStoreRules(serverOf(store)).rules, host, debian, modelIn(text)).map(
      ({ path, mode, owner, group }) => `${path} ${mode} ${owner}:${group}`,
    );
  };
  const remote = `/var/log/remote 0750 ${debian.logOwner}:${debian.logGroup}`;

  it("are made where they are missing, once each", () => {
    assert.deepEqual(made([rule("/var/log/remote/{host}.log"), rule("/var/log/remote/x.log")]), [remote]);
    assert.deepEqual(made([rule("/var/log/{host}.log"), rule("/{host}.log")]), []);
  });

  it("are left alone where they are", () => {
    for (const kind of ["directory", "symlink"] as const)
      assert.deepEqual(made([rule("/var/log/remote/{host}.log")], { "/var/log/remote": kind }), []);
    assert.deepEqual(made([rule("/var/log/remote/{host}.log")], { "/var/log/remote": "missing" }), [remote]);
  });

  it("come with those above them that are missing, the outermost first", () => {
    const kinds = { "/srv": "directory", "/srv/a": "missing", "/srv/a/b": "missing" } as const;
    assert.deepEqual(
      made([rule("/srv/a/b/c/{host}.log")], kinds).map((line) => line.split(" ")[0]),
      ["/srv/a", "/srv/a/b", "/srv/a/b/c"],
    );
  });

  it("belong to whom the rule says, or to the user that rsyslogd becomes", () => {
    const file = "/var/log/remote/{host}.log";
    assert.deepEqual(made([rule(file, { owner: "a", group: "b" })]), ["/var/log/remote 0750 a:b"]);
    assert.deepEqual(made([rule(file)], {}, "$PrivDropToUser syslog\n"), [
      `/var/log/remote 2750 syslog:${debian.logGroup}`,
    ]);
  });
});

describe("the user that rsyslogd becomes", () => {
  const rows: [string, string | undefined][] = [
    ["", undefined],
    ["$PrivDropToUser syslog\n", "syslog"],
    ["$PrivDropToUser a\n$PrivDropToUser b # note\n", "b"],
    ['global(privdrop.user.name="c")\n', "c"],
    ['global(workDirectory="/x")\nglobal(privdrop.user.name="d")\n', "d"],
    ['module(load="x" privdrop.user.name="e")\n', undefined],
  ];
  for (const [text, user] of rows) {
    it(`of ${JSON.stringify(text)} is ${user ?? "root"}`, () => {
      const model = modelIn(text);
      assert.equal(unprivilegedUser(model), user);
      assert.equal(logGroup(debian, model), user === undefined ? debian.logGroup : undefined);
      assert.equal(logGroup({ ...debian, logGroup: "root" }, model), undefined);
    });
  }
});

describe("lfce's own files of a log server", () => {
  const header = (playbook: string) => `# lfce: file of syslog_server, playbook ${playbook}\n`;
  const prefix = "/etc/rsyslog.d/00-lfce-";
  const own = (files: Record<string, string>, wanted: string[] = []) => {
    const found = ownServerFiles(new Map(Object.entries(files)), new Set(wanted), "lab");
    return [...found.own.map((path) => path.replace(prefix, "")), ...found.errors.map(({ code }) => code)];
  };

  it("are those that this playbook's first line marks", () => {
    assert.deepEqual(own({ [`${prefix}a.conf`]: header("lab"), [`${prefix}b.conf`]: "*.* /a\n" }), [
      "a.conf",
    ]);
    assert.deepEqual(own({ [`${prefix}a.conf`]: `\n${header("lab")}` }), []);
    assert.deepEqual(own({ "/etc/rsyslog.d/a.conf": header("lab"), [`${prefix}a.txt`]: header("lab") }), []);
    assert.deepEqual(own({ "/etc/logrotate.d/lfce-syslog-server": header("lab") }), [
      "/etc/logrotate.d/lfce-syslog-server",
    ]);
    assert.deepEqual(own({ [`${prefix}a.conf`]: header("lab").replace("\n", "\r\n") }), ["a.conf"]);
  });

  it("of another playbook, or of nobody where one is wanted, are errors", () => {
    assert.deepEqual(own({ [`${prefix}a.conf`]: header("other") }), ["other-playbook"]);
    assert.deepEqual(own({ [`${prefix}a.conf`]: "*.* /a\n" }, [`${prefix}a.conf`]), ["file-not-ours"]);
  });

  it("have a table that belongs to its file of rules", () => {
    const table = `${prefix}clients.json`;
    const rules = `${prefix}clients.conf`;
    assert.deepEqual(own({ [table]: "{}", [rules]: header("lab") }), ["clients.json", "clients.conf"]);
    assert.deepEqual(own({ [table]: "{}", [rules]: header("other") }), ["other-playbook"]);
    assert.deepEqual(own({ [table]: "{}" }), ["clients.json"]);
  });

  it("are written where they differ, and removed where they are not wanted", () => {
    const texts = new Map([
      ["/same", "x"],
      ["/old", "y"],
      ["/gone", "z"],
    ]);
    const wanted = new Map(["/same", "/old", "/new"].map((path) => [path, { text: "x", reason: "r" }]));
    assert.deepEqual(
      serverFileEdits(texts, wanted, ["/same", "/old", "/gone"]).map(({ path, after, mode }) => [
        path,
        after,
        mode,
      ]),
      [
        ["/old", "x", "0644"],
        ["/new", "x", "0644"],
        ["/gone", null, undefined],
      ],
    );
  });
});

describe("the rule that proves arrival", () => {
  const named = (hostname: string): DesiredStoreRule => ({
    from: [{ kind: "hostname", hostname }],
    file: "/l/x",
    stop: true,
  });
  const rows: [string, string, boolean][] = [
    ["web", "web", true],
    ["WEB", "web", true],
    ["web.example", "web", true],
    ["web", "web.example", true],
    ["web.example", "web.other", false],
    ["we", "web", false],
    ["example", "web.example", false],
  ];
  for (const [hostname, host, expected] of rows) {
    it(`for the name ${hostname} ${expected ? "is" : "is not"} one of the host ${host}`, () => {
      const found = storeRuleFor(serverOf([named(hostname)]), { host, addresses: ["10.0.0.1"] });
      assert.equal(found !== undefined, expected);
    });
  }

  it("has a path for each address, those that are none left out", () => {
    const rule = storeRule({ web: "10.0.0.1" }, "/l/{address}.log");
    assert.deepEqual(proofPaths(rule, { host: "web", addresses: ["10.0.0.1", "no-address"] }), [
      "/l/10.0.0.1.log",
    ]);
  });
});

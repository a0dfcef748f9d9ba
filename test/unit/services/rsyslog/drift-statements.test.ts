import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredRsyslog } from "../../../../src/services/rsyslog/desired.ts";
import {
  client,
  edited,
  findingsOn,
  main,
  namesOf,
  replaced,
  rotation,
  rulesOfWeb1,
  server,
} from "./drift-scene.ts";

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

describe("what was edited by hand on a host", () => {
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
});

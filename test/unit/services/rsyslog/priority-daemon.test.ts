import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { messageSet } from "../../../../src/services/rsyslog/client/forward-selector.ts";
import type { MessageSet } from "../../../../src/services/rsyslog/client/selector-set.ts";
import { modelOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import {
  complaints,
  contentOf,
  daemonMissing,
  freePort,
  scratchDirectory,
  startDaemon,
  until,
  writeTree,
} from "./server-daemon.ts";

/** Filters on facility and severity alone, in every form. */
const filters = [
  "*.*",
  "*.debug",
  "mail.info",
  "mail.4",
  "mail.=err",
  "MAIL.Warn",
  "mail.none;*.*",
  "*.*;mail.none",
  "*.*;auth,authpriv.!debug",
  "mail.*;mail.!=debug",
  "*.*;mail.!none",
  "mail,cron.=info;auth.panic",
  "mail.info,auth.err",
  "*.info;mail.none;news.!warning",
  "security.error",
  "ntp.*;console.info",
  'if prifilt("mail.info;auth.*") then',
  'if not prifilt("*.info") then',
  "if $syslogfacility-text == 'mail' then",
  "if $syslogfacility == 2 then",
  "if $syslogfacility == '2' then",
  "if $syslogfacility >= 16 and $syslogfacility < 20 then",
  "if $syslogseverity <= 4 then",
  "if $syslogseverity < '5' then",
  "if $syslogpriority > 5 then",
  "if $syslogpriority-text == 'info' then",
  "if $syslogseverity-text != 'info' then",
  "if $syslogseverity-text <> 'info' or $syslogfacility == 0 then",
  'if $syslogfacility-text == ["mail", "cron"] then',
  'if $syslogfacility-text != ["mail", "cron"] then',
  "if $syslogfacility-text startswith 'local' then",
  "if $syslogfacility-text contains 'auth' then",
  "if $pri-text == 'mail.info' then",
  "if $pri == 22 then",
  "if $pri <= 22 then",
  "if not ($syslogfacility == 4 or $syslogfacility == 10) and $syslogseverity < 7 then",
  "if not $syslogfacility == 4 and $syslogseverity < 3 then",
  "if $syslogfacility == 1 or $syslogfacility == 2 and $syslogseverity == 3 then",
  "if $syslogfacility then",
  "if 1 then",
  "if 0 then",
  "if ($syslogseverity /* of it */ == 3) then",
  ':syslogfacility-text, isequal, "mail"',
  ':syslogfacility-text, !isequal, "mail"',
  ':syslogfacility-text, startswith, "local"',
  ':syslogseverity-text, contains, "r"',
  ':syslogseverity, isequal, "3"',
  ':pri-text, isequal, "mail.info"',
  ':syslogpriority-text, !startswith, "e"',
];

/** PRI values of the messages that a set lets through. */
function prioritiesOf(set: MessageSet | undefined): number[] | undefined {
  return set && Array.from({ length: 192 }, (_, pri) => pri).filter((pri) => passes(set, pri));
}

function passes(set: MessageSet, pri: number): boolean {
  return (((set[pri >> 3] as number) >> (pri & 7)) & 1) === 1;
}

/** Sends one message of every facility and severity. */
function sendAll(port: number): Promise<void> {
  const all = Array.from({ length: 192 }, (_, pri) => `<${pri}>Nov 23 12:00:00 host tag: message\n`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", reject);
    socket.once("close", () => resolve());
    socket.end(all.join(""));
    socket.resume();
  });
}

describe("the real rsyslogd lets through what the model says", () => {
  const missing = daemonMissing();
  const directory = missing === undefined ? scratchDirectory() : "";
  const file = (index: number | string) => join(directory, `passed-${index}`);
  const seen = (index: number | string) =>
    contentOf(file(index))
      .split("\n")
      .filter(Boolean)
      .map(Number)
      .sort((one, other) => one - other);

  before(async () => {
    if (missing !== undefined) return;
    const port = await freePort();
    const rules = filters.map(
      (filter, index) => `${filter} action(type="omfile" file="${file(index)}" template="pri")\n`,
    );
    const text = [
      `global(workDirectory="${directory}/work")\n`,
      `module(load="imtcp")\ninput(type="imtcp" port="${port}" address="127.0.0.1" ruleset="all")\n`,
      `template(name="pri" type="string" string="%pri%\\n")\n`,
      `ruleset(name="all") {\n${rules.join("")}action(type="omfile" file="${file("all")}" template="pri")\n}\n`,
      `*.* stop\n`,
    ].join("");
    const main = writeTree(directory, { "/etc/rsyslog.conf": text });
    assert.equal(complaints(main), "");
    const daemon = await startDaemon(directory, main, port, "tcp");
    try {
      await sendAll(port);
      await until(() => seen("all").length >= 192, "not every message arrived");
    } finally {
      await daemon.stop();
    }
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  for (const [index, filter] of filters.entries()) {
    it(filter, (context) => {
      if (missing !== undefined) return context.skip(missing);
      const texts = new Map([["/etc/rsyslog.conf", `${filter} @192.0.2.1\n`]]);
      const [forward] = modelOf({ texts, globs: {} }, "/etc/rsyslog.conf").forwards;
      assert.deepEqual(prioritiesOf(messageSet(forward?.filters ?? [])), seen(index));
    });
  }
});

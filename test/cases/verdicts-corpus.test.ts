import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chronyObjections } from "../corpus/chrony-verdict.ts";
import type { EditedService, HostFiles, RoleSetting } from "../corpus/edited-service.ts";
import type { Answer } from "../corpus/judge.ts";
import { rsyslogObjections } from "../corpus/rsyslog-verdict.ts";
import { checkEdits, checkPairs } from "../corpus/rules.ts";
import { roleSettings } from "../unit/services/chrony/role-settings.ts";

/** A judge or a rule that objects to nothing would let everything pass: each is shown what it must object to. */

const printed = (...lines: string[]): Answer => ({ status: 0, stdout: lines.join("\n"), stderr: "" });

describe("the verdict on an edit of chrony.conf", () => {
  const before = printed("server 10.1.1.1 iburst", "driftfile /var/lib/drift", "allow 10/8");
  const rows: { name: string; setting: string; after: Answer; objection?: RegExp }[] = [
    {
      name: "passes exactly the declared sources",
      setting: "client, two servers",
      after: printed(
        "server 192.0.2.1 iburst",
        "server 192.0.2.2 iburst",
        "driftfile /var/lib/drift",
        "allow 10/8",
      ),
    },
    {
      name: "misses a source",
      setting: "client, two servers",
      after: printed("server 192.0.2.1 iburst", "driftfile /var/lib/drift", "allow 10/8"),
      objection: /server 192\.0\.2\.2 is missing/,
    },
    {
      name: "sees a source that was to go",
      setting: "client of a pool that files often name",
      after: printed(
        "server 10.1.1.1 iburst",
        "pool 2.debian.pool.ntp.org iburst",
        "driftfile /var/lib/drift",
        "allow 10/8",
      ),
      objection: /left alone.*added \["server 10\.1\.1\.1 iburst"\]/,
    },
    {
      name: "misses a source beside the declared one",
      setting: "client beside other sources",
      after: printed("server 192.0.2.1 iburst", "driftfile /var/lib/drift", "allow 10/8"),
      objection: /left alone.*gone \["server 10\.1\.1\.1 iburst"\]/,
    },
    {
      name: "misses an option that is written out",
      setting: "client, one server with options",
      after: printed("server 192.0.2.1 minpoll 4", "driftfile /var/lib/drift", "allow 10/8"),
      objection: /lacks prefer/,
    },
    {
      name: "misses a directive that nobody declared",
      setting: "client, two servers",
      after: printed("server 192.0.2.1", "server 192.0.2.2", "allow 10/8"),
      objection: /not declared: gone \["driftfile/,
    },
    {
      name: "sees who may ask though it is not declared",
      setting: "server of a network",
      after: printed(
        "server 10.1.1.1 iburst",
        "driftfile /var/lib/drift",
        "allow 10/8",
        "allow 172.31.96/20",
        "local stratum 10",
      ),
      objection: /10\.0\.0\.1 is allowed/,
    },
    {
      name: "sees that a deny comes too early",
      setting: "server with deny and orphan",
      after: printed(
        "server 10.1.1.1 iburst",
        "driftfile /var/lib/drift",
        "deny 10.9/16",
        "allow all",
        "local stratum 8 orphan",
      ),
      objection: /10\.9\.0\.1 is allowed/,
    },
    {
      name: "misses the local line",
      setting: "server of a network",
      after: printed("server 10.1.1.1 iburst", "driftfile /var/lib/drift", "allow 172.31.96.0/20"),
      objection: /local: gone \["10 false"\]/,
    },
    {
      name: "sees a directive with another value",
      setting: "client without servers, with directives",
      after: printed("server 10.1.1.1 iburst", "driftfile /var/lib/drift", "allow 10/8", "makestep 1 3"),
      objection: /makestep: gone \["0\.5 -1"\]/,
    },
    {
      name: "hears that chronyd refuses the file",
      setting: "client, two servers",
      after: { status: 1, stdout: "", stderr: "Fatal error : Invalid directive at line 3" },
      objection: /chronyd refuses the edited file: Fatal error/,
    },
  ];
  for (const { name, setting, after, objection } of rows) {
    it(name, () => {
      const desired = roleSettings.get(setting);
      assert.ok(desired, setting);
      const objections = chronyObjections(desired, before, after);
      if (objection) assert.match(objections.join("\n"), objection);
      else assert.deepEqual(objections, []);
    });
  }
});

describe("the verdict on an edit of rsyslog.conf", () => {
  const main = "/etc/rsyslog.conf";
  const said = (...lines: string[]): Answer => ({ status: 1, stdout: "", stderr: lines.join("\n") });
  const at = (line: number) =>
    `rsyslogd: error during parsing file ${main}, on or before line ${line}: warnings`;
  const edit = {
    mainFile: main,
    before: new Map([[main, "a\nb\nbad\n"]]),
    after: new Map([[main, "a\n# lfce: begin syslog_client\n*.* @h\n# lfce: end syslog_client\nb\nbad\n"]]),
  };

  it("passes a message about a line that has moved down", () => {
    assert.deepEqual(rsyslogObjections(edit, said(at(3)), said(at(6))), []);
  });

  it("passes a message that is gone", () => {
    assert.deepEqual(rsyslogObjections(edit, said(at(3), "rsyslogd: x"), said(at(6))), []);
  });

  it("hears the same message about another line", () => {
    assert.equal(rsyslogObjections(edit, said(at(3)), said(at(5))).length, 1);
  });

  it("hears a message about lfce's own lines", () => {
    assert.equal(rsyslogObjections(edit, said(at(3)), said(at(3), at(6))).length, 1);
  });

  it("hears the same message once more than before", () => {
    assert.equal(rsyslogObjections(edit, said(at(3)), said(at(6), at(6))).length, 1);
  });

  it("hears that rsyslogd breaks down", () => {
    assert.match(rsyslogObjections(edit, said(), { ...said(), status: 139 }).join(), /status 139/);
  });

  it("passes another first syntax error where rsyslogd gave up before, but not one more", () => {
    const gaveUp = `rsyslogd: could not interpret master config file '${main}'.`;
    assert.deepEqual(rsyslogObjections(edit, said("one", gaveUp), said("other", gaveUp)), []);
    assert.notDeepEqual(rsyslogObjections(edit, said("one", gaveUp), said("other", "third", gaveUp)), []);
    assert.notDeepEqual(rsyslogObjections(edit, said("one"), said("other", gaveUp)), []);
  });
});

describe("the rules of an edit", () => {
  type Edit = (text: string) => string;
  const file = { name: "a file", content: "one\ntwo\n" };
  const block = "# lfce: begin x\nthree\n# lfce: end x\n";
  const withBlock: Edit = (text) => (text.includes(block) ? text : text + block);
  const withoutBlock: Edit = (text) => text.replace(block, "");

  function serviceThat(...edits: { apply?: Edit; undo?: Edit }[]): EditedService {
    const setting = ({ apply = withBlock, undo = withoutBlock }: (typeof edits)[number], index: number) => {
      const carryOut = (edit: Edit) => (files: HostFiles) => ({
        files: new Map([...files].map(([path, text]) => [path, edit(text)])),
        errors: [],
        stagedMain: undefined,
      });
      const made: RoleSetting = {
        name: `setting ${index}`,
        apply: carryOut(apply),
        applyAlone: carryOut(apply),
        undo: carryOut(undo),
      };
      return made;
    };
    const BLOCK = /# lfce: begin x\n[^#]*# lfce: end x\n/g;
    return {
      name: "chrony",
      mainFile: "/etc/main",
      files: () => [file],
      settings: edits.map(setting),
      deservedErrors: new Set(),
      reprint: (text) => text,
      withoutLfce: (text) => text.replaceAll(BLOCK, "").replaceAll("#lfce# ", ""),
      blocks: (text) => text.match(BLOCK) ?? [],
      isOwned: (lines) => lines === "two",
    };
  }

  const rulesBrokenBy = (edit: { apply?: Edit; undo?: Edit }) =>
    checkEdits(serviceThat(edit), file).violations.map(({ rule }) => rule);

  it("pass an editor that keeps them", () => {
    assert.deepEqual(rulesBrokenBy({}), []);
  });

  it("see that the second time changes something", () => {
    assert.deepEqual(rulesBrokenBy({ apply: (text) => text + block, undo: () => file.content }), [
      "twice is once",
    ]);
  });

  it("see that absent leaves something", () => {
    assert.deepEqual(rulesBrokenBy({ undo: (text) => text }), ["absent gives back the original"]);
  });

  it("see that another line changes", () => {
    const apply: Edit = (text) => withBlock(text).replace("one\n", "one \n");
    assert.deepEqual(rulesBrokenBy({ apply, undo: () => file.content }), ["other lines are unchanged"]);
  });

  it("see that a line is switched off that nobody owns", () => {
    const off = (line: string): Edit => {
      return (text) => text.replace(new RegExp(`^${line}$`, "m"), `#lfce# ${line}`);
    };
    const undo: Edit = () => file.content;
    assert.deepEqual(rulesBrokenBy({ apply: off("two"), undo }), []);
    assert.deepEqual(rulesBrokenBy({ apply: off("one"), undo }), ["only owned lines are switched off"]);
  });

  it("see that a parser loses a byte", () => {
    const service = { ...serviceThat({}), reprint: (text: string) => text.trimEnd() };
    assert.deepEqual(
      checkEdits(service, file).violations.map(({ rule }) => rule),
      ["print(parse(x)) = x"],
    );
  });

  it("see that a setting and back does not end where it was", () => {
    const leavesATrace: Edit = (text) => `${withoutBlock(text)}trace\n`;
    const { violations } = checkPairs(serviceThat({}, { apply: leavesATrace }), file, { next: "every" });
    assert.ok(violations.some(({ rule }) => rule === "a setting and back ends where it was"));
  });
});

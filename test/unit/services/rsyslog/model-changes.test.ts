import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { modelOf, modelWith } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { expandInclude, includeDirectory } from "../../../../src/services/rsyslog/in-force/include.ts";

const main = "/etc/rsyslog.conf";
const pattern = "/etc/rsyslog.d/*.conf";
const drop = "/etc/rsyslog.d/a.conf";

describe("an include behind a statement", () => {
  const rows: [string, boolean][] = [
    ["*.* /a", true],
    ['action(type="omfile" file="/a")', true],
    ["if $a then /x", true],
    ["foreach ($.i in $!x) do /y", true],
    ["/z", true],
    ["stop", true],
    ["call r", true],
    ["set $.x = 1;", false],
    ["!prog", false],
    ["%%%", false],
    ['ruleset(name="r") { stop }', false],
    ['module(load="imudp")', false],
    ["$ModLoad imudp", false],
    ["# *.* /a", false],
  ];
  for (const [statement, expected] of rows) {
    it(`${statement} is ${expected ? "" : "not "}behind a rule`, () => {
      const texts = new Map([[main, `${statement}\n$IncludeConfig ${pattern}\n`]]);
      assert.equal(modelOf({ texts, globs: {} }, main).includes[0]?.afterFirstRule, expected);
    });
  }
});

describe("the model of changed texts", () => {
  const texts = new Map([
    [main, `$IncludeConfig ${pattern}\n$IncludeConfig /etc/gone.conf\n*.* /a\n`],
    [drop, "*.* /b\n"],
  ]);
  const globs = { [pattern]: [drop], "/etc/gone.conf": ["/etc/gone.conf"] };
  const model = modelOf({ texts, globs }, main);

  it("is the same one where nothing differs that it was made from", () => {
    const others = new Map([...texts, ["/etc/rsyslog.d/note", "x"]]);
    assert.equal(modelWith(model, texts, globs), model);
    assert.equal(modelWith(model, others, globs), model);
  });

  it("is another one, with what did not change parsed once, where a text differs", () => {
    const changed = modelWith(model, new Map([...texts, [drop, "*.* /c\n"]]), globs);
    assert.deepEqual(
      changed.fileActions.map(({ path }) => path),
      ["/c", "/a"],
    );
    assert.equal(changed.parsed.get(main), model.parsed.get(main));
    assert.notEqual(changed.parsed.get(drop), model.parsed.get(drop));
  });

  it("is another one where a file comes or goes", () => {
    const more = modelWith(model, new Map([...texts, ["/etc/rsyslog.d/0.conf", "*.* /0\n"]]), globs);
    assert.deepEqual(more.files, [main, "/etc/rsyslog.d/0.conf", drop]);
    const found = modelWith(model, new Map([...texts, ["/etc/gone.conf", "*.* /g\n"]]), globs);
    assert.deepEqual([found.files, found.unread], [[main, drop, "/etc/gone.conf"], []]);
    const fewer = modelWith(model, new Map([[main, texts.get(main) ?? ""]]), globs);
    assert.deepEqual([fewer.files, fewer.unread], [[main], [drop, "/etc/gone.conf"]]);
    const unmatched = modelWith(model, texts, { ...globs, "/etc/gone.conf": [] });
    assert.deepEqual(unmatched.unread, []);
  });
});

describe("what an include matches", () => {
  const tree = (paths: string[], observed: string[]) => ({
    texts: new Map(paths.map((path) => [path, ""])),
    globs: { [pattern]: observed },
  });

  it("is what was observed, and planned files of the same directory in the order of bytes", () => {
    assert.deepEqual(expandInclude(pattern, tree([], ["/z", "/a"])), ["/z", "/a"]);
    assert.deepEqual(expandInclude("/none", tree([], [])), []);
    const planned = ["/etc/rsyslog.d/b.conf", "/etc/rsyslog.d/B.conf", "/etc/rsyslog.d/x", drop];
    assert.deepEqual(expandInclude(pattern, tree(planned, [drop])), [
      "/etc/rsyslog.d/B.conf",
      drop,
      "/etc/rsyslog.d/b.conf",
    ]);
  });

  const directories: [string, string | undefined][] = [
    [pattern, "/etc/rsyslog.d"],
    ["/etc/rsyslog.d/", "/etc/rsyslog.d"],
    ["/top.conf", "/"],
    ["/*.conf", "/"],
    ["/etc/*/x.conf", undefined],
    ["/etc/[ab]/x.conf", undefined],
    ["/etc/a?/x.conf", undefined],
    ["relative/x.conf", undefined],
    ["x.conf", undefined],
  ];
  for (const [written, directory] of directories) {
    it(`${written} looks into ${directory ?? "no one directory"}`, () =>
      assert.equal(includeDirectory(written), directory));
  }
});

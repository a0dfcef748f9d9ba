import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { takeRolesOut } from "../../../../src/services/chrony/base.ts";
import { loadOrder, patternsOf } from "../../../../src/services/chrony/load-order.ts";

const MAIN = "/etc/chrony.conf";
type Globs = Record<string, string[]>;

/** What chronyd loads of files, by their paths: `FILE: LINE`, with `+` for source directories. */
function loaded(texts: Record<string, string>, globs: Globs = {}, off: string[] = []) {
  const nothing = { directives: new Map() };
  const { files } = takeRolesOut(new Map(Object.entries(texts)), { playbook: "" }, nothing);
  const lines = [...files.values()].flatMap((file) => file.lines);
  const result = loadOrder(MAIN, files, globs, new Set(lines.filter((line) => off.includes(line.text))));
  return {
    lines: result.lines.map(
      ({ line, via, inSourceDirectory }) =>
        `${via.map(() => ">").join("")}${inSourceDirectory ? "+" : ""}${line.text}`,
    ),
    files: result.files,
    unseen: result.unseen.map((line) => line.text),
  };
}

describe("the order in which chronyd loads files", () => {
  it("follows includes and confdirs where they stand, and source directories last", () => {
    const files = {
      [MAIN]: "sourcedir /s\n# note\n\ninclude /a.conf\nlog tracking\nconfdir /d\nfrob\n",
      "/a.conf": "port 1\n",
      "/d/x.conf": "port 2\nsourcedir /t\n",
      "/s/y.sources": "server a\nconfdir /d\n",
      "/t/z.sources": "server b\n",
    };
    const globs = {
      "/d/*.conf": ["/d/x.conf"],
      "/s/*.sources": ["/s/y.sources"],
      "/t/*.sources": ["/t/z.sources"],
    };
    assert.deepEqual(loaded(files, globs), {
      lines: [
        "sourcedir /s",
        "include /a.conf",
        ">port 1",
        "log tracking",
        "confdir /d",
        ">port 2",
        ">sourcedir /t",
        "frob",
        ">+server a",
        ">+confdir /d",
        ">>+server b",
      ],
      files: [MAIN, "/a.conf", "/d/x.conf", "/s/y.sources", "/t/z.sources"],
      unseen: [],
    });
  });

  it("passes over lines that are switched off, and what they load", () => {
    const files = { [MAIN]: "include /a.conf\nport 1\n", "/a.conf": "port 2\n" };
    assert.deepEqual(loaded(files, {}, ["include /a.conf"]), {
      lines: ["port 1"],
      files: [MAIN],
      unseen: [],
    });
  });

  it("drops a last line without a newline in source files only", () => {
    const files = { [MAIN]: "sourcedir /s\nport 1", "/s/y.sources": "server a\nserver b" };
    const { lines } = loaded(files, { "/s/*.sources": ["/s/y.sources"] });
    assert.deepEqual(lines, ["sourcedir /s", "port 1", ">+server a"]);
  });

  it("reads a file once, however it is included", () => {
    const files = { [MAIN]: "include /a.conf\ninclude /a.conf\n", "/a.conf": `port 1\ninclude ${MAIN}\n` };
    assert.deepEqual(loaded(files).lines, [
      "include /a.conf",
      ">port 1",
      `>include ${MAIN}`,
      "include /a.conf",
    ]);
  });

  it("reads several directories as one, by file name, the first directory's of equal names", () => {
    const files = {
      [MAIN]: "confdir /d /e\n",
      "/d/2.conf": "port 2\n",
      "/e/1.conf": "port 1\n",
      "/e/2.conf": "port 22\n",
      "/e/3.conf": "port 3\n",
    };
    const globs = { "/d/*.conf": ["/d/2.conf"], "/e/*.conf": ["/e/1.conf", "/e/2.conf", "/e/3.conf"] };
    assert.deepEqual(loaded(files, globs).files, [MAIN, "/e/1.conf", "/d/2.conf", "/e/3.conf"]);
  });

  it("reads one directory in the order in which it was observed", () => {
    const files = { [MAIN]: "confdir /d\n", "/d/2.conf": "", "/d/1.conf": "" };
    assert.deepEqual(loaded(files, { "/d/*.conf": ["/d/2.conf", "/d/1.conf"] }).files, [
      MAIN,
      "/d/2.conf",
      "/d/1.conf",
    ]);
  });

  it("names the lines whose files nobody looked at", () => {
    const text = "include /a.conf\nconfdir /d /e\nsourcedir /s\ninclude\n";
    assert.deepEqual(loaded({ [MAIN]: text }, { "/d/*.conf": [] }).unseen, [
      "include /a.conf",
      "confdir /d /e",
      "sourcedir /s",
    ]);
  });

  it("follows includes no deeper than chronyd", () => {
    const depth = (most: number) =>
      loaded(
        Object.fromEntries(
          Array.from({ length: most + 1 }, (_, level) => [
            level === 0 ? MAIN : `/${level}.conf`,
            `include /${level + 1}.conf\n`,
          ]),
        ),
      ).files.length - 1;
    assert.deepEqual([depth(9), depth(10), depth(11), depth(15)], [9, 10, 10, 10]);
  });

  it("of nothing is nothing", () =>
    assert.deepEqual(loaded({ "/other.conf": "port 1\n" }), { lines: [], files: [], unseen: [] }));
});

describe("the files that a line stands for", () => {
  const rows: [string, string[], string[]][] = [
    ["include", ["/a/*.conf", "/b"], ["/a/*.conf"]],
    ["include", [], []],
    ["confdir", ["/a", "/b//"], ["/a/*.conf", "/b/*.conf"]],
    ["sourcedir", ["/a/", "/b/c"], ["/a/*.sources", "/b/c/*.sources"]],
    ["confdir", ["/a/b/"], ["/a/b/*.conf"]],
  ];
  for (const [name, words, expected] of rows) {
    it(`${[name, ...words].join(" ")}: ${expected.join(" ") || "none"}`, () =>
      assert.deepEqual(patternsOf({ name, arguments: words }), expected));
  }
});

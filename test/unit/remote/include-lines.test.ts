import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { followIncludes } from "../../../src/remote/follow-includes.ts";
import { includesOf } from "../../../src/remote/include-lines.ts";

/** Text → key and pattern of each include, the pattern only where it is another. */
type Rows = readonly (readonly [text: string, ...includes: (string | [key: string, pattern: string])[]])[];

const chrony: Rows = [
  ["include /etc/a.conf", "/etc/a.conf"],
  ["\t InClude\t/etc/a.conf /etc/b.conf\r", "/etc/a.conf"],
  ["#lfce# include /etc/a.conf", "/etc/a.conf"],
  ["#lfce#include /etc/a.conf"],
  ["# include /etc/a.conf\n! confdir /etc/b\nincludes /etc/c\ninclude"],
  ["include a.conf", ["a.conf", "/a.conf"]],
  ["confdir /a /b/ /c//", "/a/*.conf", "/b/*.conf", "/c/*.conf"],
  ["sourcedir /run/x", "/run/x/*.sources"],
  ["confdir x", ["x/*.conf", "/x/*.conf"]],
  ["keyfile /etc/include\0\ninclude /etc/\0a", "/etc/a"],
  ["include /proc/self/\ninclude proc/kmsg\nconfdir /sys //proc /etc/../proc /a", "/a/*.conf"],
  ["include /processes.conf", "/processes.conf"],
];

const rsyslog: Rows = [
  ["$IncludeConfig /etc/a/*.conf", "/etc/a/*.conf"],
  ["  $includeconfig /etc/a/ # all", ["/etc/a/", "/etc/a/*"]],
  ["$IncludeConfig a", ["a", "/a"]],
  ['$IncludeConfig\n$ModLoad include\n# include(file="/x")'],
  ['include(file="/a.conf")', "/a.conf"],
  ['Include(FILE="/a/" mode="optional") # include', ["/a/", "/a/*"]],
  ['include (\n  mode="optional"\n  # file="/no"\n  file = "/a"\n)', "/a"],
  ['include(file="/a") include(file="/b")', "/a", "/b"],
  ['if $msg contains "include" then stop'],
  ['include(text="file=1")'],
  ['include(file="/a" file="/b"\n)', "/b"],
  ['include(mode=" file=" file="/c"\n)', "/c"],
  ['include(file="")'],
  ['$IncludeConfig /proc/\ninclude(file="/sys/kernel/*")'],
  ['#lfce# include(file="/a")', "/a"],
  ['include(file="/a"\ninclude(file="/b"'],
];

for (const [service, rows] of [
  ["chrony", chrony],
  ["rsyslog", rsyslog],
] as const) {
  describe(`includes of ${service}`, () => {
    for (const [text, ...includes] of rows) {
      test(JSON.stringify(text), () => {
        const expected = includes.map((one) => (typeof one === "string" ? [one, one] : one));
        const found = includesOf(service, text).map(({ key, pattern }) => [key, pattern]);
        assert.deepEqual(found, expected);
      });
    }

    test("a file full of beginnings is read in a moment", () => {
      for (const piece of ["include(", "include   ", 'include(file="', "include(\n", "confdir "])
        includesOf(service, piece.repeat(1024 * 100));
    });

    test("a file of one endless word or gap is read in a moment", () => {
      for (const [start, piece, end] of [
        ["confdir ", "/", "x"],
        ["sourcedir /a", "/", " b"],
        ["include(", " ", ")"],
        ["include( file", " ", ")"],
        ['include( file="', ' file="', "\n)"],
      ] as const)
        includesOf(service, `${start}${piece.repeat((1024 * 1024) / piece.length)}${end}`);
    });
  });
}

test("a file that includes others without end is refused", () => {
  const content = Array.from({ length: 1001 }, (_, index) => `include /etc/${index}\n`).join("");
  const files = { "/main": { path: "/main", kind: "file", size: content.length, content } as const };
  assert.throws(
    () => followIncludes([{ service: "chrony", path: "/main" }], { files, globs: {} }, new Set()),
    { code: "file-too-large" },
  );
});

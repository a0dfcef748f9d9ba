import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { scriptShells, usesShell } from "../../ssh/shells.ts";
import { type StandInHost, standInHost, withoutRoot } from "./observe-host.ts";

for (const shell of scriptShells) {
  describe(`following includes under ${shell.name}`, () => {
    let host: StandInHost;
    beforeEach(() => {
      host = standInHost();
    });
    afterEach(() => rmSync(host.root, { recursive: true }));

    /** Files with content, and what each include pattern matched. */
    async function followed(t: import("node:test").TestContext, service: "chrony" | "rsyslog") {
      if (!usesShell(t, shell.program)) return undefined;
      host.useShell(shell.program);
      const { files, globs } = await host.observe({
        follow: [{ service, path: join(host.root, "main.conf") }],
      });
      const read = Object.values(files).filter((file) => file.content !== undefined);
      return withoutRoot(host, { read: read.map((file) => file.path).sort(), globs });
    }

    test("chrony: include, confdir with several directories, sourcedir, in any case and nested", async (t) => {
      host.write(
        "main.conf",
        [
          "# include @ROOT@/commented.conf",
          "! confdir @ROOT@/commented",
          "pool pool.example iburst",
          "\tINCLUDE  @ROOT@/extra.conf \r",
          "ConfDir @ROOT@/one @ROOT@/two/",
          "sourcedir @ROOT@/sources",
          "#lfce# sourcedir @ROOT@/off",
          "keyfile @ROOT@/chrony.keys",
        ].join("\n"),
      );
      host.write("commented.conf", "");
      host.write("chrony.keys", "1 secret\n");
      host.write("extra.conf", "include @ROOT@/deep/*.conf\n");
      host.write("deep/b.conf", "include @ROOT@/main.conf\n");
      host.write("deep/a.conf", "");
      host.write("one/10.conf", "");
      host.write("one/.hidden.conf", "");
      host.write("one/note.txt", "");
      mkdirSync(join(host.root, "one/dir.conf"));
      host.write("two/20.conf", "");
      host.write("sources/x.sources", "server 10.0.0.1\ninclude @ROOT@/commented.conf\n");
      host.write("sources/x.conf", "");
      host.write("off/y.sources", "");
      assert.deepEqual(await followed(t, "chrony"), {
        read: [
          "/deep/a.conf",
          "/deep/b.conf",
          "/extra.conf",
          "/main.conf",
          "/off/y.sources",
          "/one/10.conf",
          "/sources/x.sources",
          "/two/20.conf",
        ],
        globs: {
          "/extra.conf": ["/extra.conf"],
          "/deep/*.conf": ["/deep/a.conf", "/deep/b.conf"],
          "/main.conf": ["/main.conf"],
          "/one/*.conf": ["/one/10.conf"],
          "/two/*.conf": ["/two/20.conf"],
          "/sources/*.sources": ["/sources/x.sources"],
          "/off/*.sources": ["/off/y.sources"],
        },
      });
    });

    test("rsyslog: $IncludeConfig of globs and directories, include() over lines, cycles", async (t) => {
      host.write(
        "main.conf",
        [
          "# $IncludeConfig @ROOT@/commented.conf",
          "#lfce# $IncludeConfig @ROOT@/off/*.conf",
          "  $includeconfig @ROOT@/d/*.conf # all of them",
          "$IncludeConfig @ROOT@/whole/",
          'include(file="@ROOT@/one.conf")',
          "Include (",
          '  # include(file="@ROOT@/commented.conf")',
          '  mode="optional"',
          '  FILE = "@ROOT@/optional/*.conf" )',
          '#include(file="@ROOT@/commented.conf")',
          'include(text="nothing")',
          "*.* /var/log/all",
        ].join("\n"),
      );
      host.write("commented.conf", "");
      host.write("off/z.conf", "");
      host.write("d/b.conf", "");
      host.write("d/a.conf", "$IncludeConfig @ROOT@/d/a.conf\n");
      host.write("d/B.conf", "");
      host.write("whole/any name.txt", "");
      host.write("one.conf", "");
      assert.deepEqual(await followed(t, "rsyslog"), {
        read: [
          "/d/B.conf",
          "/d/a.conf",
          "/d/b.conf",
          "/main.conf",
          "/off/z.conf",
          "/one.conf",
          "/whole/any name.txt",
        ],
        globs: {
          "/off/*.conf": ["/off/z.conf"],
          "/d/*.conf": ["/d/B.conf", "/d/a.conf", "/d/b.conf"],
          "/whole/": ["/whole/any name.txt"],
          "/one.conf": ["/one.conf"],
          "/optional/*.conf": [],
          "/d/a.conf": ["/d/a.conf"],
        },
      });
    });

    test("rsyslog: a pattern with a blank in it is one pattern", async (t) => {
      host.write("main.conf", 'include(file="@ROOT@/a b/*.conf")\n');
      host.write("a b/c d.conf", "");
      const expected = { read: ["/a b/c d.conf", "/main.conf"], globs: { "/a b/*.conf": ["/a b/c d.conf"] } };
      const found = await followed(t, "rsyslog");
      if (found) assert.deepEqual(found, expected);
    });

    test("a chain of includes is followed ten deep and no further", async (t) => {
      host.write("main.conf", "include @ROOT@/1.conf\n");
      for (let level = 1; level < 15; level += 1)
        host.write(`${level}.conf`, `include @ROOT@/${level + 1}.conf\n`);
      const found = await followed(t, "chrony");
      if (found) assert.equal(found.read.length, 12);
    });

    test("names that look like shell stay names", async (t) => {
      const names = [
        "$(touch canary).conf",
        "`touch canary`.conf",
        "a;b&c.conf",
        'it\'s "x".conf',
        "*.conf",
        "-n.conf",
        "a\\nb.conf",
        " x  y .conf",
        "ü%n%s.conf",
      ];
      host.write("main.conf", "include @ROOT@/d/*.conf\n");
      for (const name of names) host.write(`d/${name}`, name);
      host.write("d/two\nlines.conf", "");
      const found = await followed(t, "chrony");
      if (!found) return;
      const paths = names.map((name) => `/d/${name}`);
      assert.deepEqual(new Set(found.globs["/d/*.conf"]), new Set(paths));
      assert.deepEqual(new Set(found.read), new Set(["/main.conf", ...paths]));
    });

    test("include lines that look like shell are patterns and nothing else", async (t) => {
      host.write(
        "main.conf",
        "include @ROOT@/$(touch$IFS@ROOT@/canary)\nconfdir `touch @ROOT@/canary` ; touch @ROOT@/canary\n",
      );
      const found = await followed(t, "chrony");
      if (!found) return;
      const { files } = await host.observe({ stat: [join(host.root, "canary")] });
      assert.equal(files[join(host.root, "canary")]?.kind, "missing");
    });
  });
}

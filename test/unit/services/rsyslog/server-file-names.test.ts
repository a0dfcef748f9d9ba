import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  expectedPath,
  type FilePiece,
  fixedDirectory,
  hasToken,
  isDated,
  parseFilePattern,
  resolveFile,
} from "../../../../src/services/rsyslog/server/file-tokens.ts";
import { renderTemplate } from "../../../../src/services/rsyslog/server/template.ts";

function piecesOf(file: string): FilePiece[] {
  const parsed = parseFilePattern(file);
  assert.ok("pieces" in parsed, file);
  return parsed.pieces;
}

describe("the name of a log file", () => {
  const refused: [string, RegExp][] = [
    ["/l/a b", /" "/],
    ["/l/a\\b", /"\\\\"/],
    ["l/a", /absolute/],
    ["/l/", /directory/],
    [`/${"a".repeat(3000)}`, /too long/],
    ["/l/../a", /\.\./],
    ["/l/./a", /\.\./],
    ["/l/..", /\.\./],
    ["/dev/sda", /no file of messages/],
    ["//proc/self/mem", /no file of messages/],
    ["/sys/a", /no file of messages/],
    ["/l/{host", /partner/],
    ["/l/host}", /partner/],
    ["/l/{{host}}", /partner/],
    ["/l/{Host}", /no such token: \{Host\}/],
    ["/l/{}", /no such token: \{\}/],
  ];
  for (const [file, message] of refused) {
    it(`${file.slice(0, 20)} is refused: ${message.source}`, () => {
      const parsed = parseFilePattern(file, { file: "p.yml", line: 3, column: 1 });
      assert.ok("error" in parsed);
      assert.equal(parsed.error.code, "store-file-invalid");
      assert.match(parsed.error.message, message);
      assert.deepEqual(parsed.error.at, { file: "p.yml", line: 3, column: 1 });
    });
  }

  it("may be as long as is safe, with names that begin with dots", () => {
    assert.ok("pieces" in parseFilePattern(`/${"a".repeat(2999)}`));
    assert.deepEqual(piecesOf("/l/..a/.b/...c"), [{ literal: "/l/..a/.b/...c" }]);
    assert.deepEqual(piecesOf("/Az09._/+@:-"), [{ literal: "/Az09._/+@:-" }]);
    assert.deepEqual(piecesOf("/srv/dev/a"), [{ literal: "/srv/dev/a" }]);
  });

  it("is split at its tokens", () => {
    assert.deepEqual(piecesOf("/l/{host}/{year}{month}-{program}.log"), [
      { literal: "/l/" },
      { token: "host" },
      { literal: "/" },
      { token: "year" },
      { token: "month" },
      { literal: "-" },
      { token: "program" },
      { literal: ".log" },
    ]);
  });

  it("holds what is known of the sender, as one text where everything is known", () => {
    const resolved = (file: string, known = {}) => resolveFile(piecesOf(file), known);
    const known = { host: "web", address: "10.0.0.1" };
    assert.deepEqual(resolved("/l/{host}-{address}.log", known), {
      kind: "static",
      path: "/l/web-10.0.0.1.log",
    });
    assert.deepEqual(resolved("/l/a.log"), { kind: "static", path: "/l/a.log" });
    assert.deepEqual(resolved("/l/{host}/{date}.log", known), {
      kind: "dynamic",
      pieces: [{ literal: "/l/web/" }, { token: "date" }, { literal: ".log" }],
    });
    assert.deepEqual(resolved("/l/{host}{address}", { address: "10.0.0.1" }), {
      kind: "dynamic",
      pieces: [{ literal: "/l/" }, { token: "host" }, { literal: "10.0.0.1" }],
    });
    assert.deepEqual(resolveFile([{ token: "date" }], known), {
      kind: "dynamic",
      pieces: [{ token: "date" }],
    });
  });

  it("is dated with any part of a date", () => {
    const dated = ["{date}", "{year}", "{month}", "{day}", "{host}", "{address}", "{hostname}", "{program}"];
    assert.deepEqual(
      dated.map((token) => isDated(piecesOf(`/l/${token}.log`))),
      [true, true, true, true, false, false, false, false],
    );
    assert.ok(hasToken(piecesOf("/l/{host}"), "host"));
    assert.ok(!hasToken(piecesOf("/l/{host}"), "address"));
    assert.ok(!hasToken(piecesOf("/l/host"), "host"));
  });

  const directories: [string, string][] = [
    ["/var/log/remote/{host}.log", "/var/log/remote"],
    ["/var/log/remote/web-{date}.log", "/var/log/remote"],
    ["/var/log/{host}/x/y.log", "/var/log"],
    ["/var/log/a.log", "/var/log"],
    ["/{host}.log", "/"],
    ["/a.log", "/"],
  ];
  for (const [file, directory] of directories) {
    it(`${file} needs the directory ${directory}`, () =>
      assert.equal(fixedDirectory(piecesOf(file)), directory));
  }

  const expected: [string, object, string | undefined][] = [
    ["/l/{date}.log", {}, "/l/%Y-%m-%d.log"],
    ["/l/{year}{month}{day}", {}, "/l/%Y%m%d"],
    ["/l/{host}/{address}", { host: "web", address: "10.0.0.1" }, "/l/web/10.0.0.1"],
    ["/l/{hostname}-{program}", { hostname: "w", program: "p" }, "/l/w-p"],
    ["/l/{hostname}", { program: "p" }, undefined],
    ["/l/{program}", { hostname: "w" }, undefined],
    ["/l/{host}", { address: "10.0.0.1" }, undefined],
    ["/l/{host}", { host: "" }, undefined],
    ["relative", {}, undefined],
  ];
  for (const [file, known, path] of expected) {
    it(`${file} of ${JSON.stringify(known)} is expected as ${path}`, () =>
      assert.equal(expectedPath(file, known), path));
  }

  it("is made by a list template of properties that a sender cannot break out of", () => {
    const all = "/l/{host}{address}{hostname}{program}{year}{month}{day}{date}";
    assert.equal(
      renderTemplate("T", piecesOf(all)),
      `template(name="T" type="list") {
  constant(value="/l/")
  property(name="$.lfce_host")
  property(name="fromhost-ip")
  property(name="hostname" securepath="replace")
  property(name="programname" securepath="replace")
  property(name="$year")
  property(name="$month")
  property(name="$day")
  property(name="$year")
  constant(value="-")
  property(name="$month")
  constant(value="-")
  property(name="$day")
}
`,
    );
  });
});

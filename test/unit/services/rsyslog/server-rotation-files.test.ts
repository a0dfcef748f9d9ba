import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredStoreRule } from "../../../../src/services/rsyslog/desired.ts";
import { type FilePiece, parseFilePattern } from "../../../../src/services/rsyslog/server/file-tokens.ts";
import { globOf, renderRotation, rotationEntries } from "../../../../src/services/rsyslog/server/rotation.ts";
import { readStoreRules } from "../../../../src/services/rsyslog/server/store-rules.ts";
import { serverOf, storeRule } from "./server-host.ts";

function piecesOf(file: string): FilePiece[] {
  const parsed = parseFilePattern(file);
  assert.ok("pieces" in parsed, file);
  return parsed.pieces;
}

describe("rotation", () => {
  const rotate = { keepDays: 3, compress: true };
  const any = (file: string, more: Partial<DesiredStoreRule> = {}): DesiredStoreRule => ({
    from: [{ kind: "any" }],
    file,
    stop: true,
    rotate,
    ...more,
  });
  const entriesOf = (...store: DesiredStoreRule[]) => rotationEntries(readStoreRules(serverOf(store)).rules);
  const patterns = (...store: DesiredStoreRule[]) => {
    const { entries, errors } = entriesOf(...store);
    assert.deepEqual(errors, []);
    return entries.map((entry) => entry.patterns);
  };
  const codes = (...store: DesiredStoreRule[]) => entriesOf(...store).errors.map(({ code }) => code);

  it("finds files by patterns that match as little as they can", () => {
    assert.equal(globOf(piecesOf("/l/{host}-{address}-{hostname}-{program}")), "/l/*-*-*-*");
    assert.equal(globOf(piecesOf("/l/{date}")), "/l/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]");
    assert.equal(globOf(piecesOf("/{year}/{month}/{day}")), "/[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]");
  });

  it("names the files of known senders, each once and sorted, and no others", () => {
    const two = { web: "10.0.0.2", db: "10.0.0.1" };
    assert.deepEqual(patterns(storeRule(two, "/l/{host}.log", { rotate })), [["/l/db.log", "/l/web.log"]]);
    assert.deepEqual(patterns(storeRule(two, "/l/all.log", { rotate })), [["/l/all.log"]]);
    assert.deepEqual(patterns(storeRule(two, "/l/{address}.log", { rotate })), [["/l/*.log"]]);
    assert.deepEqual(patterns(storeRule(two, "/l/{host}.log")), []);
    assert.deepEqual(patterns(storeRule({ web: ["10.0.0.1", "10.0.0.2"] }, "/l/{host}.log", { rotate })), [
      ["/l/web.log"],
    ]);
  });

  it("has one entry for files that are treated alike", () => {
    const rule = (host: string, more: object) =>
      storeRule({ [host]: "10.0.0.1" }, `/l/${host}.log`, { rotate: { ...rotate, ...more } });
    const { entries } = entriesOf(
      rule("a", {}),
      rule("b", {}),
      rule("c", { keepDays: 9 }),
      rule("d", { compress: false }),
      storeRule({ e: "10.0.0.1" }, "/l/e-{date}.log", { rotate }),
    );
    assert.deepEqual(
      entries.map(({ patterns: [first], dated, keepDays, compress }) => [first, dated, keepDays, compress]),
      [
        ["/l/a.log", false, 3, true],
        ["/l/c.log", false, 9, true],
        ["/l/d.log", false, 3, false],
        ["/l/e-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].log", true, 3, true],
      ],
    );
    assert.deepEqual(entries[0]?.patterns, ["/l/a.log", "/l/b.log"]);
  });

  it("leaves out what another pattern covers, wherever it is declared", () => {
    const own = storeRule({ web: "10.0.0.1" }, "/l/{host}.log", { rotate });
    assert.deepEqual(patterns(own, any("/l/{hostname}.log")), [["/l/*.log"]]);
    assert.deepEqual(patterns(any("/l/{hostname}.log"), own), [["/l/*.log"]]);
    assert.deepEqual(patterns(own, own), [["/l/web.log"]]);
    assert.deepEqual(patterns(any("/l/{hostname}/x.log"), own), [["/l/*/x.log", "/l/web.log"]]);
    assert.deepEqual(patterns(any("/l/{hostname}.txt"), own), [["/l/*.txt", "/l/web.log"]]);
    assert.deepEqual(patterns(any("/l/{hostname}xlog"), own), [["/l/*xlog", "/l/web.log"]]);
  });

  it("refuses to treat one file in two ways", () => {
    const own = (more: object) =>
      storeRule({ web: "10.0.0.1" }, "/l/{host}.log", { rotate: { ...rotate, ...more } });
    assert.deepEqual(codes(own({ keepDays: 4 }), any("/l/{hostname}.log")), ["rotation-overlap"]);
    assert.deepEqual(codes(own({ compress: false }), any("/l/{hostname}.log")), ["rotation-overlap"]);
    assert.deepEqual(codes(any("/l/{date}.log"), any("/l/{hostname}.log")), ["rotation-overlap"]);
    assert.deepEqual(codes(any("/l/{hostname}.log"), any("/l/{date}.log")), ["rotation-overlap"]);
    assert.deepEqual(codes(own({}), any("/l/{hostname}.log")), []);
  });

  const pairs: [string, string, boolean][] = [
    ["/l/a{hostname}.log", "/l/{hostname}b.log", true],
    ["/l/a{hostname}.log", "/l/b{hostname}.log", false],
    ["/l/{hostname}a.log", "/l/{hostname}b.log", false],
    ["/l/{hostname}/x.log", "/l/a/{hostname}.log", true],
    ["/l/{hostname}/x.log", "/l/{hostname}.log", false],
    ["/l/a{hostname}.log", "/l/a.log", true],
    ["/l/a{hostname}b.log", "/l/a.log", false],
    ["/l/{year}.log", "/l/{month}{day}.log", true],
    ["/l/{year}.log", "/l/{month}.log", false],
    ["/l/{year}.log", "/l/2026.log", true],
    ["/l/2026.log", "/l/{year}.log", true],
    ["/l/{year}.log", "/l/x026.log", false],
    ["/l/{day}{hostname}.log", "/l/x{hostname}.log", false],
    ["/l/{day}{hostname}.log", "/l/1{hostname}2.log", true],
  ];
  for (const [one, other, expected] of pairs) {
    it(`${one} and ${other} ${expected ? "can" : "cannot"} mean one file`, () => {
      const later = { rotate: { ...rotate, keepDays: 9 } };
      assert.deepEqual(codes(any(one), any(other, later)), expected ? ["rotation-overlap"] : []);
    });
  }

  it("refuses two patterns that can mean one file where neither covers the other", () => {
    assert.deepEqual(codes(any("/l/a{hostname}.log"), any("/l/{hostname}b.log")), ["rotation-overlap"]);
    assert.deepEqual(codes(any("/l/a{hostname}.log"), any("/l/{hostname}.log")), []);
  });

  it("refuses names that end in a token, once a rule", () => {
    assert.deepEqual(codes(any("/l/{program}")), ["rotation-without-ending"]);
    assert.deepEqual(codes(any("/l/{date}")), []);
    assert.deepEqual(codes(storeRule({ a: "10.0.0.1", b: "10.0.0.2" }, "/l/{host}-{program}", { rotate })), [
      "rotation-without-ending",
    ]);
  });

  it("is one block for files with one name, two for dated ones that are compressed", () => {
    const renamed = { patterns: ["/l/a.log", "/l/b.log"], dated: false, keepDays: 3, compress: true };
    const dated = { patterns: ["/d/[0-9].log"], dated: true, keepDays: 3, compress: true };
    assert.equal(renderRotation([], "lab", "reopen"), undefined);
    assert.equal(
      renderRotation(
        [renamed, { ...renamed, compress: false }, dated, { ...dated, compress: false }],
        "lab",
        "reopen",
      ),
      `# lfce: file of syslog_server, playbook lab
"/l/a.log"
"/l/b.log"
{
    nomail
    noolddir
    daily
    rotate 3
    maxage 3
    missingok
    notifempty
    compress
    delaycompress
    create
    sharedscripts
    postrotate
        reopen
    endscript
}
"/l/a.log"
"/l/b.log"
{
    nomail
    noolddir
    daily
    rotate 3
    maxage 3
    missingok
    notifempty
    nocompress
    create
    sharedscripts
    postrotate
        reopen
    endscript
}
"/d/[0-9].log"
{
    nomail
    noolddir
    daily
    minage 1
    copy
    rotate 0
    nodateext
    nocompress
    missingok
    ifempty
    nosharedscripts
    postrotate
        find "$1" -mtime +2 -delete -o -mtime +0 -exec gzip '{}' ';'
    endscript
    lastaction
        reopen
    endscript
}
"/d/[0-9].log.gz"
{
    nomail
    noolddir
    daily
    minage 3
    copy
    rotate 0
    nodateext
    nocompress
    missingok
    ifempty
    nosharedscripts
    postrotate
        find "$1" -mtime +2 -delete
    endscript
}
"/d/[0-9].log"
{
    nomail
    noolddir
    daily
    minage 3
    copy
    rotate 0
    nodateext
    nocompress
    missingok
    ifempty
    nosharedscripts
    postrotate
        find "$1" -mtime +2 -delete
    endscript
    lastaction
        reopen
    endscript
}
`,
    );
  });
});

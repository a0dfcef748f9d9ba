import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyPatch } from "diff";
import { byteText, displayText, fromBytes, toBytes } from "../../../src/core/byte-text.ts";
import { redactSecrets } from "../../../src/core/redact.ts";
import { secret } from "../../../src/core/secrets.ts";
import { unifiedDiff } from "../../../src/core/unified-diff.ts";

describe("a diff for people", () => {
  it("shows changed lines with their surroundings", () => {
    assert.equal(
      unifiedDiff("/etc/a", "one\ntwo\n", "one\nthree\n"),
      "--- /etc/a\n+++ /etc/a\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n",
    );
  });

  it("shows a file that comes and one that goes", () => {
    assert.match(unifiedDiff("/etc/a", null, "x\n"), /^--- \/dev\/null\n\+\+\+ \/etc\/a$/m);
    assert.match(unifiedDiff("/etc/a", "x\n", null), /^--- \/etc\/a\n\+\+\+ \/dev\/null$/m);
  });

  it("shows UTF-8 as text, and line ends and escapes as what they are", () => {
    assert.match(unifiedDiff("/etc/a", null, byteText("größe\n")), /\+größe/);
    assert.match(unifiedDiff("/etc/a", "x\r\n", "x\n"), /-x\\x0d/);
    assert.match(unifiedDiff("/etc/a", null, "\u001b[2J\n"), /\\x1b\[2J/);
  });

  it("hides passwords in the lines around a change", () => {
    const before = 'action(type="ommysql" server="db" pwd="hunter2")\nx\n';
    const diff = unifiedDiff("/etc/a", before, before.replace("\nx\n", "\ny\n"));
    assert.ok(!diff.includes("hunter2"));
    assert.match(diff, /pwd="\[redacted\]"/);
  });
});

describe("a diff of thousands of lines", () => {
  const file = (count: number, line: (index: number) => string) =>
    `first\n${Array.from({ length: count }, (_, index) => line(index)).join("")}last\n`;
  const before = file(5000, (index) => `allow ${index}\n`);

  it("shows as replaced what lies between what stayed, and fits", () => {
    const after = file(5000, (index) => `#lfce# allow ${index}\n`);
    const diff = unifiedDiff("/etc/a", before, after);
    assert.match(diff, /^--- \/etc\/a\n\+\+\+ \/etc\/a\n@@ -1,5002 \+1,5002 @@\n first\n-allow 0\n/);
    assert.match(diff, /\n-allow 4999\n\+#lfce# allow 0\n(.|\n)*\+#lfce# allow 4999\n last\n$/);
    assert.equal(applyPatch(before, diff), after);
  });

  it("fits files that come, go, shrink, grow or end without a newline", () => {
    const other = file(4000, (index) => `deny ${index}\n`);
    for (const [one, two] of [
      [before, other.slice(0, -1)],
      [other, before],
      [before.slice(0, -1), other],
      [before, "first\n"],
      ["last\n", before],
    ] as const) {
      assert.equal(applyPatch(one, unifiedDiff("/etc/a", one, two)), two);
    }
    assert.match(unifiedDiff("/etc/a", null, before), /^--- \/dev\/null\n.*\n@@ -0,0 \+1,5002 @@\n\+first\n/);
  });
});

describe("redaction", () => {
  it("covers the spellings of passwords in rsyslog files", () => {
    for (const line of [
      'action(type="ommysql" pwd="hunter2" db="x")',
      'module(load="x" TLS.MyPassphrase = "hunter2")',
      "$ActionOmpgsqlPassword hunter2",
      "*.* :ommysql:db.example,syslog,writer,hunter2;Template",
    ]) {
      assert.ok(!redactSecrets(line).includes("hunter2"), line);
    }
  });

  it("leaves everything else alone", () => {
    const line = '*.* action(type="omfwd" target="log1" port="514")';
    assert.equal(redactSecrets(line), line);
  });
});

describe("a secret", () => {
  it("does not print itself", () => {
    const password = secret("hunter2");
    assert.equal(`${password} ${JSON.stringify({ password })}`, '[redacted] {"password":"[redacted]"}');
    assert.equal(password.reveal(), "hunter2");
  });
});

describe("byte text", () => {
  it("keeps every byte", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    assert.deepEqual([...toBytes(fromBytes(bytes))], [...bytes]);
  });

  it("is decoded for people only", () => {
    assert.equal(byteText("ü").length, 2);
    assert.equal(displayText(byteText("ü")), "ü");
  });
});

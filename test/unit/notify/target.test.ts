import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { LfceError } from "../../../src/core/errors.ts";
import { splitWords } from "../../../src/notify/split-words.ts";
import { parseTarget, targetName } from "../../../src/notify/target.ts";

const SECRET = "https://hooks.example.org/services/T000/B000/s3cr3tt0k3n";

describe("--notify", () => {
  it("knows commands, webhooks, Slack-compatible ones and mail", () => {
    assert.deepEqual(parseTarget(`command:/opt/page --team "ops & co" ''`), {
      kind: "command",
      program: "/opt/page",
      args: ["--team", "ops & co", ""],
    });
    assert.deepEqual(parseTarget("webhook:env:HOOK"), {
      kind: "webhook",
      url: { from: "environment", name: "HOOK" },
    });
    assert.deepEqual(parseTarget("slack:file:/etc/lfce/hook"), {
      kind: "slack",
      url: { from: "file", path: "/etc/lfce/hook" },
    });
    assert.deepEqual(parseTarget("mail:ops+ntp@example.org"), {
      kind: "mail",
      address: "ops+ntp@example.org",
    });
    assert.deepEqual(parseTarget("mail:root"), { kind: "mail", address: "root" });
  });

  it("refuses what is none", () => {
    const wrong = [
      "",
      "ops@example.org",
      "pager:x",
      "command:",
      "command: 'open",
      "webhook:",
      "webhook:ftp://example.org",
      "webhook:https://",
      "webhook:https://example.org/a b",
      "slack:env:",
      "slack:env:A-B",
      "webhook:file:",
      "mail:",
      "mail:-t",
      "mail:a@b\nBcc: c@d",
      "mail:a@b, c@d",
      "mail:<a@b>",
      "mail:a@-b",
    ];
    for (const text of wrong) {
      assert.throws(
        () => parseTarget(text),
        (error) => error instanceof LfceError && /^notify-(target|url)$/.test(error.code),
        text,
      );
    }
  });

  it("shows no URL: neither in names, nor when it is printed, nor in errors", () => {
    const target = parseTarget(`webhook:${SECRET}`);
    for (const shown of [targetName(target), inspect(target, { depth: 9 }), JSON.stringify(target)]) {
      assert.doesNotMatch(shown, /s3cr3t|T000|hooks/);
    }
    assert.equal(targetName(parseTarget("slack:env:HOOK")), "slack:env:HOOK");
    assert.equal(targetName(parseTarget("command:/opt/page --token abc")), "command:/opt/page");
    for (const wrong of [`webhook:${SECRET} x`, `hook:${SECRET}`, SECRET]) {
      assert.throws(
        () => parseTarget(wrong),
        (error) => error instanceof LfceError && !inspect(error.data).includes("s3cr3t"),
      );
    }
  });
});

describe("the words of a command", () => {
  it("are what stands between blanks, quotes taken away, nothing expanded", () => {
    assert.deepEqual(splitWords(" a  'b c'd \"e'f\" $HOME `x` \\n "), [
      "a",
      "b cd",
      "e'f",
      "$HOME",
      "`x`",
      "\\n",
    ]);
    assert.equal(splitWords("a 'b"), undefined);
  });

  it("come back from any words that are quoted", () => {
    const word = fc.string({ unit: "binary" }).map((text) => text.replaceAll("'", ""));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        assert.deepEqual(splitWords(words.map((one) => `'${one}'`).join(" ")), words);
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { mailMessage } from "../../../src/notify/mail.ts";
import { isWorthTelling, notificationOf } from "../../../src/notify/notification.ts";
import { slackMessage } from "../../../src/notify/slack.ts";
import { titleOf } from "../../../src/notify/text.ts";
import { ATTACKS } from "../hostile/strings.ts";
import { CHANGES, END, hostileNight, NIGHT, NOTHING } from "./night.ts";

/** What chats and mail programs make links of by themselves. */
const LINKS = "https://evil.example/ (http://evil.example) www.evil.example";

const hostile = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
);

describe("whether somebody is told", () => {
  const standing = notificationOf(END, { ...NOTHING, standing: CHANGES.standing });
  const clean = notificationOf({ ...END, exitCode: 0 }, NOTHING);

  it("a change always: something new, something gone, a host that is unknown now or no longer", () => {
    for (const kind of ["new", "resolved", "unknown", "knownAgain"] as const) {
      assert.ok(isWorthTelling(notificationOf(END, { ...NOTHING, [kind]: CHANGES[kind] }), "change"), kind);
    }
  });

  it("what stood the night before only if asked, and nothing at all only if asked for always", () => {
    const told = (one: typeof clean) =>
      (["change", "drift", "always"] as const).map((on) => isWorthTelling(one, on));
    assert.deepEqual(told(standing), [false, true, true]);
    assert.deepEqual(told(clean), [false, false, true]);
  });

  it("a run that could not do its work every time, an interrupted one never", () => {
    const broken = notificationOf(
      { ...END, exitCode: 64, error: { code: "yaml", message: "is wrong" } },
      NOTHING,
    );
    assert.ok(isWorthTelling(broken, "change"));
    assert.ok(!isWorthTelling(notificationOf({ ...END, exitCode: 130 }, CHANGES), "always"));
  });
});

describe("what is told", () => {
  it("counts everything and lists the first 500 of each kind", () => {
    const many = Array.from({ length: 700 }, (_, index) => ({
      host: `h${index}`,
      code: "c",
      item: "i",
      message: "m",
    }));
    const { counts, new: listed } = notificationOf(END, { ...NOTHING, new: many });
    assert.equal(counts.new, 700);
    assert.equal(listed.length, 500);
  });

  it("holds no line of an inventory, which may hold a password", () => {
    const at = { file: "hosts.yml", line: 3, column: 1, source: "ansible_password: hunter2" };
    const text = JSON.stringify(
      notificationOf({ ...END, error: { code: "yaml", message: "is wrong", at } }, NOTHING),
    );
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /hosts\.yml/);
  });

  it("has a title that says it all", () => {
    assert.equal(
      titleOf(NIGHT),
      "lfce drift site.yml: 1 new finding, 1 resolved, 1 standing, 1 host unknown, 1 host back",
    );
    assert.equal(
      titleOf(notificationOf({ ...END, exitCode: 0 }, NOTHING)),
      "lfce drift site.yml: all 20 hosts as declared",
    );
  });
});

describe("a mail", () => {
  it("is a whole message for sendmail -t", () => {
    const [head = "", body = ""] = mailMessage(NIGHT, "ops@example.org").split(/\n\n(.*)/s);
    assert.deepEqual(head.split("\n").slice(0, 3), [
      "To: ops@example.org",
      `Subject: ${titleOf(NIGHT)}`,
      "Auto-Submitted: auto-generated",
    ]);
    assert.match(body, /New\n {2}web1: source-undeclared: 192\.0\.2\.9 is not declared\n/);
    assert.match(
      body,
      /Standing\n {2}web2: unit-stopped: chrony\.service is not running, since 2026-11-20\n/,
    );
    assert.match(body, /Playbook site\.yml on ops1, 2026-11-23T02:31:07\.000Z, exit code 2, run r1\.\n/);
  });

  it("gets no header and no recipient from the words of a host, and no line that is too long", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.constant("ä".repeat(2000))), (text) => {
        const mail = mailMessage(hostileNight(text), "ops@example.org");
        const head = mail.slice(0, mail.indexOf("\n\n")).split("\n");
        const names = head.filter((line) => !line.startsWith(" ")).map((line) => line.split(":")[0]);
        assert.deepEqual(names, [
          "To",
          "Subject",
          "Auto-Submitted",
          "MIME-Version",
          "Content-Type",
          "Content-Transfer-Encoding",
        ]);
        assert.ok(mail.split("\n").every((line) => Buffer.byteLength(line) <= 998));
        assert.match(head.join("\n"), /^[\n -~]*$/);
      }),
    );
  });

  it("brings a subject that is not ASCII in encoded words", () => {
    const mail = mailMessage(
      notificationOf({ ...END, playbook: "zürich-äöü-日本語-site.yml" }, CHANGES),
      "ops",
    );
    const subject = /^Subject: (.*(?:\n .*)*)/m.exec(mail)?.[1] ?? "";
    const words = [...subject.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)].map(([, text = ""]) =>
      Buffer.from(text, "base64"),
    );
    assert.match(Buffer.concat(words).toString(), /^lfce drift zürich-äöü-日本語-site\.yml: 1 new/);
    assert.ok(
      subject.split("\n").every((line) => line.length <= 76),
      subject,
    );
  });
});

describe("a message for Slack and what is compatible with it", () => {
  it("says the same in its markup", () => {
    const { text } = slackMessage(NIGHT);
    assert.match(text, /^\*lfce drift site\.yml: 1 new finding/);
    assert.match(text, /\*New\*\n• `web1`: source-undeclared: 192\.0\.2\.9 is not declared\n/);
  });

  it("shows backticks as quotes: its code spans know no escape", () => {
    const found = { host: "web1", code: "c", item: "i", message: "say `x` *y* <!channel>" };
    const { text } = slackMessage(notificationOf(END, { ...NOTHING, new: [found] }));
    assert.match(text, /^• `web1`: c: say `'x' \*y\* &lt;!channel&gt;`$/m);
  });

  it("lets no word of a host or file act as markup, link or mention, and fits", () => {
    fc.assert(
      fc.property(hostile, (words) => {
        const { text } = slackMessage(hostileNight(words));
        assert.ok(text.length <= 3600);
        for (const line of text.split("\n")) {
          const outside = line.replaceAll(/`[^`]*`/g, "").replace(/^\*(.*)\*$/, "$1");
          assert.doesNotMatch(outside, /[`*_~<>@]|&(?!amp;|lt;|gt;)|:\/\/|www\./, line);
          assert.doesNotMatch(line, /<[!@#]/, line);
        }
      }),
      { examples: [[LINKS]] },
    );
  });
});

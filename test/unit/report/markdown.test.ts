import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LfceEvent } from "../../../src/core/events.ts";
import { markdownReporter } from "../../../src/report/markdown.ts";
import { codeSpan, markdownSentence } from "../../../src/report/markdown-text.ts";
import { ATTACKS } from "../hostile/strings.ts";
import { drifted, finished, hostileEvent, runOf, written } from "./drift-events.ts";

const markdown = (events: readonly LfceEvent[]) => written(markdownReporter, events);

/** A document without its code spans, read as CommonMark 6.1 says: equal runs of backticks open and close one. */
function withoutCode(text: string): string {
  let rest = text;
  let outside = "";
  for (;;) {
    const open = /`+/.exec(rest);
    if (!open) return outside + rest;
    const [fence] = open;
    const after = rest.slice(open.index + fence.length);
    const close = [...after.matchAll(/`+/g)].find(([run]) => run === fence);
    outside += rest.slice(0, open.index);
    if (!close) return `${outside}${fence}${after}`;
    rest = after.slice(close.index + fence.length);
  }
}

/** What chats and mail programs make links of by themselves. */
const LINKS = "https://evil.example/ (http://evil.example) www.evil.example";

describe("Markdown for chat and mail", () => {
  it("says what needs somebody first, and tells new, standing and resolved apart", () => {
    const text = markdown(
      runOf([
        drifted("web1"),
        drifted("web2"),
        drifted("web3", { looks: 3, since: "2026-11-20T02:30:00.000Z" }),
        finished("web4", {
          drift: [],
          resolved: [
            { code: "unit-stopped", item: "chrony.service", message: "chrony.service is not running" },
          ],
        }),
        finished("web5", {
          status: "unreachable",
          error: { code: "connect-timeout", message: "no answer in 10 s" },
        }),
        finished("web6", { drift: [] }),
      ]),
    );
    assert.equal(
      text,
      [
        "**lfce drift `site.yml`**: 1 unreachable · 3 drifted · 2 unchanged, 5.3 s",
        "**Unreachable, so nobody knows**",
        "- `web5`: no answer in 10 s",
        "**New**",
        "- `web1`, `web2`: `source-undeclared` 192.0.2.9 is not declared",
        "**Standing**",
        "- `web3`: `source-undeclared` 192.0.2.9 is not declared (since 2026-11-20)",
        "**Resolved**",
        "- `web4`: `unit-stopped` chrony.service is not running\n",
      ].join("\n\n"),
    );
  });

  it("stays short whatever the size of the fleet", () => {
    const same = Array.from({ length: 5000 }, (_, index) => drifted(`web${index}`));
    const different = Array.from({ length: 5000 }, (_, index) =>
      drifted(`db${index}`, { message: `finding ${index}` }),
    );
    const text = markdown(runOf([...same, ...different]));
    assert.ok(text.length < 3000, `${text.length} characters`);
    assert.match(text, /`web4` and 4995 more/);
    assert.match(text, /… and 4986 more/);
  });

  it("says where the playbook is wrong that kept a run from starting", () => {
    const at = { file: "site.yml", line: 7, column: 11, source: "secret: hunter2" };
    const text = markdown(
      runOf([], { exitCode: 64, error: { code: "x", message: "must be a list", at } }).slice(-1),
    );
    assert.equal(
      text,
      "**lfce**: no host was looked at\n\nThe run ended with an error at `site.yml:7:11`: must be a list\n",
    );
  });

  it("says a pending change of a plan, and nothing of hosts that are as declared", () => {
    const change = { kind: "restart", target: "chrony.service", reason: "its files changed" } as const;
    const text = markdown(
      runOf([finished("a", { status: "pending", changes: [change] }), finished("b")], {}, "plan"),
    );
    assert.match(text, /\*\*Pending\*\*\n\n- `a`: restart `chrony.service` its files changed\n$/);
  });

  it("lets no word of a host or file act as markup, link or mention", () => {
    const hostile = fc.oneof(
      fc.constantFrom(...ATTACKS),
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const lines = markdown(runOf([hostileEvent("web1", text)])).split("\n");
        for (const line of lines.filter((one) => one.startsWith("- "))) {
          const outside = withoutCode(line).replace(/^- : (failed: )?/, "");
          assert.doesNotMatch(outside, /[`*_[\]<>&@~#|\\!]|:\/\/|www\./, line);
        }
        assert.ok(
          lines.every((line) => /^($|- |\*\*)/.test(line)),
          lines.join("\n"),
        );
      }),
      { examples: [[LINKS]] },
    );
  });

  it("shows the words themselves in code spans", () => {
    assert.equal(codeSpan("a`b"), "``a`b``");
    assert.equal(codeSpan("`"), "`` ` ``");
    assert.equal(
      markdownSentence("the file /etc/my_file is @all gone"),
      "the file `/etc/my_file` is `@all` gone",
    );
  });
});

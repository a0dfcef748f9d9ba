import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { debian } from "../../../../src/distros/debian.ts";
import type { DesiredRsyslog } from "../../../../src/services/rsyslog/desired.ts";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { carriedOut, observedHost } from "./host.ts";

const main = debian.services.rsyslog.mainFile;

const desired: DesiredRsyslog = {
  playbook: "site",
  client: {
    state: "present",
    verifyTimeout: 60,
    forwards: [
      {
        address: "10.0.0.1",
        aliases: [],
        protocol: "udp",
        port: 514,
        selector: ["*.*"],
        retry: 0,
        queue: false,
      },
    ],
  },
};

/** The block of the forward as lfce writes it for rsyslog 5, in a few lines. */
const block = `# lfce: begin syslog_client, playbook site
$ActionResumeRetryCount 0
$ActionResumeInterval 10
*.* @10.0.0.1:514
$ActionResumeInterval 30
# lfce: end syslog_client`;

/** The main file after the plan, the block shortened to BLOCK, as in `text`. */
function planned(text: string, others: Record<string, string> = {}): string {
  const files = new Map([[main, text.replace("BLOCK", block)], ...Object.entries(others)]);
  const plan = planRsyslog(desired, observedHost(files, main, { versions: { rsyslog: "5.8.10" } }), debian);
  assert.deepEqual(plan.errors, []);
  const after = carriedOut(files, plan).get(main) ?? "";
  assert.ok(after.includes(block), "the block is there");
  return after.replace(block, "BLOCK");
}

describe("where the block of forwards goes", () => {
  const rows: [string, string, string][] = [
    ["to the end", "*.* /a\n", "*.* /a\nBLOCK\n"],
    ["to the end of a file without a final newline", "*.* /a", "*.* /a\nBLOCK"],
    ["before the ruleset changes", "*.* /a\n$RuleSet r\n*.* /b\n", "*.* /a\nBLOCK\n$RuleSet r\n*.* /b\n"],
    [
      "to the last place where the default ruleset is current",
      "$RuleSet r\n*.* /a\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /b\n$RuleSet r\n*.* /c\n",
      "$RuleSet r\n*.* /a\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /b\nBLOCK\n$RuleSet r\n*.* /c\n",
    ],
    [
      "to the end where the default ruleset is current again",
      "$RuleSet r\n*.* /a\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /b\n",
      "$RuleSet r\n*.* /a\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /b\nBLOCK\n",
    ],
    [
      "to where the ruleset of local messages is current",
      "$DefaultRuleset r\n*.* /a\n$RuleSet r\n*.* /b\n$RuleSet s\n*.* /c\n",
      "$DefaultRuleset r\n*.* /a\n$RuleSet r\n*.* /b\nBLOCK\n$RuleSet s\n*.* /c\n",
    ],
    ["before what discards everything", "*.* /a\n*.* ~\n*.* /b\n", "*.* /a\nBLOCK\n*.* ~\n*.* /b\n"],
    ["before the first such discard", "*.* /a\n*.* ~\n*.* stop\n", "*.* /a\nBLOCK\n*.* ~\n*.* stop\n"],
    ["before a discard without a filter", "*.* /a\nstop\n", "*.* /a\nBLOCK\nstop\n"],
    ["behind a discard of some messages", "mail.* ~\n*.* /a\n", "mail.* ~\n*.* /a\nBLOCK\n"],
    [
      "behind a discard in another ruleset",
      "$RuleSet r\n*.* ~\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /b\n*.* ~\n",
      "$RuleSet r\n*.* ~\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /b\nBLOCK\n*.* ~\n",
    ],
    [
      "before a discard that comes before the ruleset changes",
      "*.* /a\n*.* ~\n$RuleSet r\n*.* /b\n",
      "*.* /a\nBLOCK\n*.* ~\n$RuleSet r\n*.* /b\n",
    ],
    [
      "before a discard though the default ruleset comes again",
      "*.* ~\n$RuleSet r\n*.* /a\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /b\n",
      "BLOCK\n*.* ~\n$RuleSet r\n*.* /a\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /b\n",
    ],
    [
      "before the rule whose last action discards everything",
      "*.* /a\n*.* /b\n& ~\n*.* /c\n",
      "*.* /a\nBLOCK\n*.* /b\n& ~\n*.* /c\n",
    ],
    [
      "above the comments of the discard",
      "*.* /a\n# one\n\t# two\n*.* ~\n",
      "*.* /a\nBLOCK\n# one\n\t# two\n*.* ~\n",
    ],
    [
      "below a comment that an empty line parts from the discard",
      "*.* /a\n# one\n\n# two\n*.* ~\n",
      "*.* /a\n# one\n\nBLOCK\n# two\n*.* ~\n",
    ],
    ["above the comments at the start of the file", "# one\n*.* ~\n", "BLOCK\n# one\n*.* ~\n"],
    [
      "below a line that the log server's role switched off",
      '*.* /a\n#lfce# input(type="imtcp" port="1")\n*.* ~\n',
      '*.* /a\n#lfce# input(type="imtcp" port="1")\nBLOCK\n*.* ~\n',
    ],
    [
      "below another role's block",
      "# lfce: begin syslog_server, playbook site\n# lfce: end syslog_server\n*.* ~\n",
      "# lfce: begin syslog_server, playbook site\n# lfce: end syslog_server\nBLOCK\n*.* ~\n",
    ],
    [
      "below a comment that swallows the next line",
      "*.* /a\n# one \\\nmail.* /b\n*.* ~\n",
      "*.* /a\n# one \\\nmail.* /b\nBLOCK\n*.* ~\n",
    ],
    [
      "above the settings of the discard's action",
      "*.* /a\n$ActionQueueType Direct\n$ActionName x\n*.* ~\n",
      "*.* /a\nBLOCK\n$ActionQueueType Direct\n$ActionName x\n*.* ~\n",
    ],
    [
      "below other directives before the discard",
      "*.* /a\n$FileCreateMode 0640\n*.* ~\n",
      "*.* /a\n$FileCreateMode 0640\nBLOCK\n*.* ~\n",
    ],
    [
      "above settings that wait for an action at the end",
      "*.* /a\n$ActionQueueType Direct\n$ActionName x\n",
      "*.* /a\nBLOCK\n$ActionQueueType Direct\n$ActionName x\n",
    ],
    [
      "below another directive at the end",
      "*.* /a\n$FileCreateMode 0640\n",
      "*.* /a\n$FileCreateMode 0640\nBLOCK\n",
    ],
    ["above an open comment", "*.* /a\n/* open\n", "*.* /a\nBLOCK\n/* open\n"],
    ["above a comment that ends in a backslash", "*.* /a\n# note \\\n", "*.* /a\nBLOCK\n# note \\\n"],
    ["above a rule that ends in a backslash", "*.* /a\n*.* /b \\\n", "*.* /a\nBLOCK\n*.* /b \\\n"],
    [
      "above all lines that a last backslash continues",
      "*.* /a\n# b \\\n c \\ \n d \\",
      "*.* /a\nBLOCK\n# b \\\n c \\ \n d \\",
    ],
    ["above a selector without an action", "*.* /a\nmail.*\n", "*.* /a\nBLOCK\nmail.*\n"],
    ["above an open brace", "*.* /a\nif $x then {\n/b\n", "*.* /a\nBLOCK\nif $x then {\n/b\n"],
  ];
  for (const [name, text, expected] of rows) {
    it(name, () => {
      assert.equal(planned(text), expected);
      assert.equal(planned(expected), expected, "and stays there");
    });
  }

  it("before an include that discards everything, or leads to one that does", () => {
    const text = "*.* /a\n$IncludeConfig /etc/1.conf\n*.* /b\n";
    const deep = { "/etc/1.conf": "*.* /c\n$IncludeConfig /etc/2.conf\n", "/etc/2.conf": "*.* ~\n" };
    for (const others of [{ "/etc/1.conf": "*.* ~\n" }, deep])
      assert.equal(planned(text, others), text.replace("$Inc", "BLOCK\n$Inc"));
    assert.equal(planned(text, { "/etc/1.conf": "mail.* ~\n" }), `${text}BLOCK\n`);
  });

  it("before an include that changes the ruleset", () => {
    const text = "*.* /a\n$IncludeConfig /etc/1.conf\n*.* /b\n";
    assert.equal(planned(text, { "/etc/1.conf": "$RuleSet r\n" }), text.replace("$Inc", "BLOCK\n$Inc"));
  });
});

describe("where a block stays or moves to", () => {
  const rows: [string, string, string][] = [
    ["it stays between rules", "*.* /a\nBLOCK\n*.* /b\n", "*.* /a\nBLOCK\n*.* /b\n"],
    ["it stays at the start", "BLOCK\n*.* /b\n", "BLOCK\n*.* /b\n"],
    ["it stays far above a discard", "*.* /a\nBLOCK\n*.* /b\n*.* ~\n", "*.* /a\nBLOCK\n*.* /b\n*.* ~\n"],
    ["it stays between a discard and its comment", "# note\nBLOCK\n*.* ~\n", "# note\nBLOCK\n*.* ~\n"],
    ["it moves up before a new discard", "*.* ~\nBLOCK\n*.* /b\n", "BLOCK\n*.* ~\n*.* /b\n"],
    ["it moves up from the end", "*.* /a\n*.* ~\nBLOCK\n", "*.* /a\nBLOCK\n*.* ~\n"],
    ["it moves out of another ruleset", "$RuleSet r\nBLOCK\n*.* /b\n", "BLOCK\n$RuleSet r\n*.* /b\n"],
    [
      "it moves down where only later the ruleset is the default",
      "$RuleSet r\n*.* /a\nBLOCK\n*.* /b\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /c\n",
      "$RuleSet r\n*.* /a\n*.* /b\n$RuleSet RSYSLOG_DefaultRuleset\n*.* /c\nBLOCK\n",
    ],
    ["it moves out of a chain of actions", "*.* /a\nBLOCK\n& /b\n*.* /c\n", "*.* /a\n& /b\n*.* /c\nBLOCK\n"],
    [
      "it moves away from settings that would be its own",
      "*.* /a\n$ActionQueueType Direct\nBLOCK\n",
      "*.* /a\nBLOCK\n$ActionQueueType Direct\n",
    ],
  ];
  for (const [name, text, expected] of rows) it(name, () => assert.equal(planned(text), expected));
});

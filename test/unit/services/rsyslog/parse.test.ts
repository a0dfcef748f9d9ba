import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRsyslog } from "../../../../src/services/rsyslog/syntax/parse.ts";
import {
  childrenOf,
  parameterOf,
  type Statement,
} from "../../../../src/services/rsyslog/syntax/statements.ts";

/** What stands at a statement's range, by its kind: `kind: text`, children indented. */
function outline(text: string): string[] {
  const lines = (statements: readonly Statement[], indent: string): string[] =>
    statements.flatMap((statement) => [
      `${indent}${statement.kind}: ${text.slice(statement.range.start, statement.range.end)}`,
      ...lines(childrenOf(statement), `${indent}  `),
    ]);
  return lines(parseRsyslog(text).statements, "");
}

function only(text: string): Statement {
  const { statements } = parseRsyslog(text);
  assert.equal(statements.length, 1, `one statement in ${JSON.stringify(text)}`);
  return statements[0] as Statement;
}

describe("parseRsyslog", () => {
  it("reads a legacy directive, its name in lower case and its value without the comment", () => {
    const statement = only("  $ModLoad   imudp.so  # reception\n");
    assert.equal(statement.kind, "directive");
    if (statement.kind !== "directive") return;
    assert.equal(statement.name, "modload");
    assert.equal(statement.value, "imudp.so");
    assert.deepEqual(statement.range, { start: 2, end: 34 });
  });

  it("keeps a hash in the value of $template", () => {
    const statement = only('$template T,"a # b"');
    assert.equal(statement.kind === "directive" && statement.value, 'T,"a # b"');
  });

  it("goes on with statements behind the one word of $IncludeConfig", () => {
    assert.deepEqual(outline("$IncludeConfig /etc/a.conf *.* /b\n"), [
      "directive: $IncludeConfig /etc/a.conf",
      "legacy-action: *",
      "legacy-action: .* /b",
    ]);
  });

  it("joins a selector over continuation lines and keeps the range of all of them", () => {
    const text = "mail.*;\\\n  kern.err\\\n\t/var/log/x\n*.* /y\n";
    assert.deepEqual(outline(text), [
      "rule: mail.*;\\\n  kern.err\\\n\t/var/log/x",
      "  legacy-action: /var/log/x",
      "rule: *.* /y",
      "  legacy-action: /y",
    ]);
    const rule = parseRsyslog(text).statements[0];
    assert.equal(rule?.kind === "rule" && rule.filter.text, "mail.*;kern.err");
  });

  it("lets a comment that ends in a backslash swallow the next line", () => {
    assert.deepEqual(outline("# off \\\n*.* /never\n*.* /yes\n"), [
      "rule: *.* /yes",
      "  legacy-action: /yes",
    ]);
  });

  it("ends a continuation at a blank line", () => {
    assert.deepEqual(outline("# off \\\n\n*.* /yes\n"), ["rule: *.* /yes", "  legacy-action: /yes"]);
  });

  it("joins & actions to the filter before them, over directives too", () => {
    const text =
      'mail.* /a\n& @@b\n$ActionQueueType Direct\n  & stop\n&action(type="omfile"\n file="/c")\n*.* /d\n';
    assert.deepEqual(outline(text), [
      `rule: ${text.slice(0, text.indexOf("\n*.* /d"))}`,
      "  legacy-action: /a",
      "  legacy-action: & @@b",
      "  directive: $ActionQueueType Direct",
      "  stop: & stop",
      '  object: &action(type="omfile"\n file="/c")',
      "rule: *.* /d",
      "  legacy-action: /d",
    ]);
  });

  it("reads property filters with their quotes and negation", () => {
    const rule = only(':programname, !startswith, "a \\"b;:c" ~\n');
    assert.ok(rule.kind === "rule" && rule.filter.kind === "property");
    assert.equal(rule.filter.property, "programname");
    assert.equal(rule.filter.negated, true);
    assert.equal(rule.filter.operation, "startswith");
    assert.equal(rule.filter.value, 'a "b;:c');
    assert.equal(rule.body[0]?.kind, "stop");
  });

  it("reads objects over many lines, comments between their parameters, names in any case", () => {
    const text = 'Module ( Load="imtcp" # c )\n /* x) */ MaxSessions="5"\n  StreamDriver.Name="a\\"b")\n';
    const object = only(text);
    assert.ok(object.kind === "object");
    assert.equal(object.name, "module");
    assert.equal(parameterOf(object, "LOAD"), "imtcp");
    assert.equal(parameterOf(object, "maxSessions"), "5");
    assert.equal(parameterOf(object, "streamdriver.name"), 'a"b');
    assert.deepEqual(object.range, { start: 0, end: text.length - 1 });
    const sessions = object.parameters[1];
    assert.equal(text.slice(sessions?.range.start, sessions?.range.end), 'MaxSessions="5"');
    assert.equal(parseRsyslog(text).comments.length, 2);
  });

  it("reads arrays and escapes in strings", () => {
    const object = only('input(type="imudp" port=["514", "1\\x32\\n"])');
    assert.ok(object.kind === "object");
    assert.deepEqual(object.parameters[1]?.value, ["514", "12\n"]);
  });

  it("reads nested blocks of rulesets, filters and conditions", () => {
    const text = `ruleset(name="r") {
  if $msg contains "then {" then {
    :msg, contains, "x" { /a
      stop }
  } else if prifilt("mail.*") then /b
  else { call other }
}
`;
    assert.deepEqual(
      outline(text).map((line) => line.split("\n")[0]),
      [
        'object: ruleset(name="r") {',
        '  if: if $msg contains "then {" then {',
        '    rule: :msg, contains, "x" { /a',
        "      legacy-action: /a",
        "      stop: stop",
        '    if: if prifilt("mail.*") then /b',
        "      legacy-action: /b",
        "      call: call other",
      ],
    );
  });

  it("gives an action at the end of its line everything up to there, as rsyslogd does", () => {
    assert.deepEqual(outline("if $a == 1 then @@h:514;T # c\n& ~\n"), [
      "if: if $a == 1 then @@h:514;T # c\n& ~",
      "  legacy-action: @@h:514;T # c",
      "  stop: & ~",
    ]);
  });

  it("reads set, foreach, calls and several statements on a line", () => {
    assert.deepEqual(outline('set $.x = "a;b"; call_indirect $.x; action(type="x") stop'), [
      'assignment: set $.x = "a;b";',
      "call: call_indirect $.x;",
      'object: action(type="x")',
      "stop: stop",
    ]);
    assert.deepEqual(outline("foreach ($.i in $!a) do { stop }"), [
      "foreach: foreach ($.i in $!a) do { stop }",
      "  stop: stop",
    ]);
  });

  it("reads template blocks", () => {
    const object = only(
      'template(name="t" type="list") {\n  constant(value="a")\n  property(name="msg")\n}\n',
    );
    assert.ok(object.kind === "object");
    assert.deepEqual(
      object.body?.map((part) => part.kind === "object" && part.name),
      ["constant", "property"],
    );
  });

  it("knows BSD blocks and keeps what is no rsyslog line by line", () => {
    assert.deepEqual(outline("!prog\n+host\n%%% what\n*.* /a\n"), [
      "bsd-block: !prog",
      "bsd-block: +host",
      "unknown: %%% what",
      "rule: *.* /a",
      "  legacy-action: /a",
    ]);
  });

  it("keeps an object without its closing parenthesis to the end of its line", () => {
    assert.deepEqual(outline('module(load="x"\n'), ['unknown: module(load="x"']);
  });

  it("ends a block that is never closed at the end of the text", () => {
    assert.deepEqual(outline("*.* {\n /a\n"), ["rule: *.* {\n /a", "  legacy-action: /a"]);
  });

  it("reads CRLF files without the carriage returns", () => {
    const [first, second] = parseRsyslog("$ModLoad imudp\r\n*.* @h:514\r\n").statements;
    assert.equal(first?.kind === "directive" && first.value, "imudp");
    assert.equal(
      second?.kind === "rule" && second.body[0]?.kind === "legacy-action" && second.body[0].text,
      "@h:514",
    );
  });

  it("is not exhausted by deep nesting", () => {
    const depth = 50_000;
    const { statements } = parseRsyslog("if 1 then ".repeat(depth) + "{".repeat(depth));
    assert.ok(statements.length > 0);
  });

  it("notes a comment once that stands behind a `then` without an action", () => {
    const { comments } = parseRsyslog("if $x then\n# nothing\n");
    assert.deepEqual(
      comments.map(({ range }) => range),
      [{ start: 11, end: 20 }],
    );
  });
});

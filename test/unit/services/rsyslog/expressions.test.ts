import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expressionSet, propertySet } from "../../../../src/services/rsyslog/client/expression-set.ts";
import { type MessageSet, selectorSet } from "../../../../src/services/rsyslog/client/selector-set.ts";

const nothing = "*.none";

/** A set as a list of what is in it, for messages that say more than two arrays of numbers. */
function listed(set: MessageSet | undefined): string[] | undefined {
  return set?.flatMap((mask, facility) => (mask === 0 ? [] : [`${facility}: ${mask.toString(2)}`]));
}

/** Named facilities only: a selector cannot choose those that have no name. */
function named(set: MessageSet | undefined): MessageSet | undefined {
  return set?.map((mask, facility) => (facility === 13 || facility === 15 ? 0 : mask));
}

describe("an expression on facility and severity", () => {
  const rows: [string, string][] = [
    ['prifilt("mail.*")', "mail.*"],
    ["PRIFILT('mail.err')", "mail.err"],
    ['prifilt ( "mail,news.=crit" )', "mail,news.=crit"],
    ["$syslogfacility == 2", "mail.*"],
    ["$syslogfacility==2", "mail.*"],
    ['$syslogfacility == "2"', "mail.*"],
    ["$SyslogFacility == 2", "mail.*"],
    ["2 == $syslogfacility", "mail.*"],
    ["$syslogfacility-text == 'mail'", "mail.*"],
    ['$syslogfacility-text == "local7"', "local7.*"],
    ['$syslogfacility-text == "nonsense"', nothing],
    ["$syslogfacility != 2", "*.*;mail.none"],
    ["$syslogfacility <> 2", "*.*;mail.none"],
    ["$syslogseverity <= 3", "*.err"],
    ["$syslogseverity < 4", "*.err"],
    ["$syslogseverity > 3", "*.*;*.!err"],
    ["$syslogseverity >= 4", "*.*;*.!err"],
    ["$syslogseverity == 3", "*.=err"],
    ['$syslogseverity <= "3"', "*.err"],
    ["3 >= $syslogseverity", "*.err"],
    ["$syslogpriority <= 3", "*.err"],
    ["$syslogseverity-text == 'err'", "*.=err"],
    ["$syslogpriority-text == 'err'", "*.=err"],
    ["$syslogseverity-text startswith 'e'", "*.=emerg;*.=err"],
    ["$syslogseverity-text contains 'r'", "*.=emerg;*.=alert;*.=crit;*.=err;*.=warning"],
    ["$syslogfacility-text startswith 'local'", "local0,local1,local2,local3,local4,local5,local6,local7.*"],
    ["$syslogfacility-text startswith 'auth'", "auth,authpriv.*"],
    ["$syslogfacility-text == ['mail', 'news']", "mail,news.*"],
    ["$syslogfacility-text == ['mail']", "mail.*"],
    ["$syslogfacility-text != ['mail', 'news']", "*.*;mail,news.none"],
    ["$syslogfacility == [2, 7]", "mail,news.*"],
    ["$pri == 19", "mail.=err"],
    ["$pri < 8", "kern.*"],
    ["$pri-text == 'mail.err'", "mail.=err"],
    ["$pri-text startswith 'mail.'", "mail.*"],
    ["$syslogfacility == 2 and $syslogseverity <= 3", "mail.err"],
    ["$syslogfacility == 2 AND $syslogseverity <= 3", "mail.err"],
    ["$syslogfacility == 2 or $syslogfacility == 7", "mail,news.*"],
    ["$syslogfacility == 2 or $syslogfacility == 7 and $syslogseverity <= 3", "mail,news.err"],
    ["$syslogfacility == 2 or ($syslogfacility == 7 and $syslogseverity <= 3)", "mail.*;news.err"],
    ["not ($syslogfacility == 2)", "*.*;mail.none"],
    ["not prifilt('mail.*')", "*.*;mail.none"],
    ["not not prifilt('mail.*')", "mail.*"],
    ["not $syslogfacility == 0", "*.*;kern.none"],
    ["not $syslogfacility == 1", "kern.*"],
    ["$syslogfacility", "*.*;kern.none"],
    ["$syslogseverity", "*.*;*.!emerg"],
    ["'0'", nothing],
    ["'10'", "*.*"],
    ["'x1'", nothing],
    ["1", "*.*"],
    ["0", nothing],
    ["1 and 2", "*.*"],
    ["(((1)))", "*.*"],
    ["# note\n 1 /* more */", "*.*"],
    ['prifilt("mail.*") # note', "mail.*"],
    ["1 == 1", "*.*"],
    ["'a' == 'a'", "*.*"],
    ["'1' == 1", "*.*"],
    ["'a' != 'b'", "*.*"],
    ["1 == 2", nothing],
    ["'12' contains '2'", "*.*"],
    ["12 contains 2", "*.*"],
    ["'12' startswith '2'", nothing],
    ["'2' < '3'", "*.*"],
    ["10 < 9", nothing],
    ["9 <= 10", "*.*"],
    ["10 >= 10", "*.*"],
    ["10 > 10", nothing],
  ];
  for (const [expression, selector] of rows) {
    it(`${JSON.stringify(expression)} is ${selector}`, () => {
      const set = expressionSet(expression);
      assert.ok(set, "it can be said");
      assert.deepEqual(listed(named(set)), listed(named(selectorSet(selector))));
    });
  }

  const unknown = [
    "$msg contains 'x'",
    "$hostname == 'a'",
    "$!x == 1",
    "$syslogfacility == 2 and $msg == 'x'",
    "$syslogfacility-text == 'audit'",
    "$syslogfacility-text == 'alert'",
    "$syslogfacility-text == ['mail', 'clock']",
    "prifilt($x)",
    "prifilt('nonsense')",
    "prifilt('mail.*'",
    "prifilt'mail.*')",
    "prifilt(5)",
    "($syslogfacility == 2",
    "$syslogfacility == 2)",
    "$syslogfacility == [2, 7",
    "$syslogfacility == [2 7]",
    "$syslogfacility ==",
    "$syslogfacility = 2",
    "$syslogfacility-text < 'mail'",
    "$syslogfacility-text == 2",
    "'12' < '3'",
    "field($msg, 1, 2) == 1",
    "re_match($msg, 'x')",
    "'open",
    "1 1",
    "",
    "and 1",
    "%",
  ];
  for (const expression of unknown) {
    it(`${JSON.stringify(expression)} depends on more, or is none`, () =>
      assert.equal(expressionSet(expression), undefined));
  }

  it("holds for facilities without a name, too", () => {
    assert.deepEqual(listed(expressionSet("$syslogfacility == 13")), ["13: 11111111"]);
    assert.deepEqual(listed(expressionSet("$pri == 127")), ["15: 10000000"]);
  });
});

describe("a property filter on facility and severity", () => {
  const rows: [string, string, string, string | undefined][] = [
    ["syslogfacility", "isequal", "2", "mail.*"],
    ["$syslogfacility", "isequal", "2", "mail.*"],
    ["syslogfacility-text", "isequal", "mail", "mail.*"],
    ["syslogfacility-text", "startswith", "auth", "auth,authpriv.*"],
    ["syslogseverity-text", "contains", "rit", "*.=crit"],
    ["syslogseverity", "isequal", "3", "*.=err"],
    ["pri-text", "startswith", "mail.err", "mail.=err"],
    ["syslogfacility", "regex", "2", undefined],
    ["msg", "isequal", "2", undefined],
    ["x$syslogfacility", "isequal", "2", undefined],
  ];
  for (const [property, operation, value, selector] of rows) {
    it(`:${property}, ${operation}, "${value}" is ${selector ?? "about more"}`, () => {
      const expected = selector === undefined ? undefined : selectorSet(selector);
      assert.deepEqual(listed(propertySet(property, operation, value)), listed(expected));
    });
  }
});

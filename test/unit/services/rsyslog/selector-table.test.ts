import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  facilities,
  facilityTexts,
  parseSelector,
  severities,
} from "../../../../src/services/rsyslog/facilities.ts";
import { probePriority, selectorMask, selectorMatches } from "../../../../src/services/rsyslog/selector.ts";

/** RFC 5424, tables 1 and 2, under the names that rsyslog takes. */
const FACILITIES =
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp - console - local0 local1 local2 local3 local4 local5 local6 local7";
const SEVERITIES = "emerg alert crit err warning notice info debug";
const TEXTS =
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7";

describe("facilities and severities", () => {
  it("have the numbers of RFC 5424", () => {
    const numbered = FACILITIES.split(" ").flatMap((name, number) => (name === "-" ? [] : [[name, number]]));
    assert.deepEqual(Object.entries(facilities), numbered);
    assert.deepEqual(
      Object.entries(severities),
      SEVERITIES.split(" ").map((name, number) => [name, number]),
    );
    assert.deepEqual(facilityTexts, TEXTS.split(" "));
  });
});

describe("a selector", () => {
  /** `facilities severity =! ` of each part, or `none` for what is no selector. */
  const read = (text: string) => {
    const parts = parseSelector(text);
    if (!Array.isArray(parts)) return "none";
    return parts
      .map((one) => `${one.facilities} ${one.negated ? "!" : ""}${one.exact ? "=" : ""}${one.severity}`)
      .join("; ");
  };
  const rows: [string, string][] = [
    ["*.*", "* *"],
    ["mail.info", "mail info"],
    ["MAIL.Info", "mail info"],
    ["mail,news.=crit", "mail,news =crit"],
    ["mail.!err", "mail !err"],
    ["mail.!=err", "mail !=err"],
    ["mail.=!err", "none"],
    ["*.none", "* none"],
    ["*.*;mail.none", "* *; mail none"],
    [" *.* ; mail.none ", "* *; mail none"],
    ["security.panic", "auth emerg"],
    ["kern.error;kern.warn", "kern err; kern warning"],
    ["kern.0;kern.7", "kern emerg; kern debug"],
    ["kern.8", "none"],
    ["kern.07", "none"],
    ["mail.err,kern.info", "mail err; kern info"],
    ["mail,kern.err", "mail,kern err"],
    ["", "none"],
    ["*.*;", "none"],
    ["mail", "none"],
    ["mail.", "none"],
    [".info", "none"],
    ["mail.info.x", "none"],
    ["x mail.info", "none"],
    ["mail.info x", "none"],
    ["mailx.info", "none"],
    ["mail.infos", "none"],
    ["mail,.info", "none"],
    ["toString.info", "none"],
    ["mail.toString", "none"],
  ];
  for (const [text, expected] of rows)
    it(`${JSON.stringify(text)} is ${expected}`, () => assert.equal(read(text), expected));

  const problems: [string, RegExp, RegExp][] = [
    ["mail", /^mail is not/, /mail\.info/],
    ["", /^an empty text is not/, /mail\.info/],
    ["mails.info", /^mails is not a syslog facility/, /kern, user, .*local7/],
    ["mail.infos", /^infos is not a syslog severity/, /emerg, alert, .*debug, none/],
  ];
  for (const [text, message, hint] of problems) {
    it(`says of "${text}" what is wrong and what there is instead`, () => {
      const problem = parseSelector(text);
      assert.ok(!Array.isArray(problem));
      assert.match(problem.message, message);
      assert.match(problem.hint, hint);
    });
  }

  const masks: [string | string[], string, number][] = [
    ["mail.info", "mail", 0b0111_1111],
    ["mail.info", "news", 0],
    ["mail.emerg", "mail", 1],
    ["mail.=info", "mail", 0b0100_0000],
    ["mail.*", "mail", 0xff],
    ["mail.debug", "mail", 0xff],
    ["*.*;mail.none", "mail", 0],
    ["*.*;mail.none", "news", 0xff],
    ["mail.none;mail.err", "mail", 0b1111],
    ["*.*;mail.!err", "mail", 0b1111_0000],
    ["*.*;mail.!=err", "mail", 0b1111_0111],
    ["mail.!none", "mail", 0xff],
    [["mail.err", "mail.=debug"], "mail", 0b1000_1111],
    [["*.err", "mail.!crit"], "mail", 0b1000],
  ];
  for (const [text, facility, expected] of masks) {
    it(`${text} lets ${expected.toString(2)} of ${facility} through`, () =>
      assert.equal(selectorMask(text)?.[facility], expected));
  }

  it("that is none lets nobody say what passes", () => {
    assert.equal(selectorMask("mail"), undefined);
    assert.equal(selectorMatches("mail", "mail.info"), false);
    assert.equal(probePriority(["mail"]), undefined);
  });

  const matches: [string, string, boolean][] = [
    ["mail.info", "mail.info", true],
    ["mail.info", "MAIL.ERROR", true],
    ["mail.info", "mail.debug", false],
    ["auth.err", "security.panic", true],
    ["mail.info", "mailx.info", false],
    ["mail.info", "mail.infos", false],
    ["*.*", "mail", false],
    ["*.*", "", false],
  ];
  for (const [selector, priority, expected] of matches) {
    it(`${selector} ${expected ? "lets" : "does not let"} "${priority}" through`, () =>
      assert.equal(selectorMatches(selector, priority), expected));
  }

  const probes: [string[], string | undefined][] = [
    [["*.*"], "local6.info"],
    [["*.*", "local6.none"], "local5.info"],
    [["*.*;local6,local5,local4,local3,local2,local1,local0,local7.none"], "user.info"],
    [["local0.*;local7.*"], "local0.info"],
    [["local7.*;user.*"], "local7.info"],
    [["*.notice"], "local6.notice"],
    [["*.warning"], "local6.warning"],
    [["*.err"], "local6.err"],
    [["*.=debug"], "local6.debug"],
    [["*.=debug;*.=crit"], "local6.debug"],
    [["*.=alert;*.=crit"], "local6.crit"],
    [["*.=alert;*.=emerg"], "local6.alert"],
    [["*.=emerg"], "local6.emerg"],
    [["mail.*;news.*"], "mail.info"],
    [["daemon.*;syslog.*"], "daemon.info"],
    [["syslog.*;auth.*"], "syslog.info"],
    [["auth.*;authpriv.*"], "auth.info"],
    [["authpriv.*;cron.*"], "authpriv.info"],
    [["cron.*;ftp.*"], "cron.info"],
    [["ftp.*;lpr.*"], "ftp.info"],
    [["lpr.*;mail.*"], "lpr.info"],
    [["news.*;uucp.*"], "news.info"],
    [["uucp.*"], "uucp.info"],
    [["kern.*"], undefined],
    [["*.none"], undefined],
    [["local1.*;local2.*"], "local2.info"],
    [["local3.*;local2.*"], "local3.info"],
    [["local3.*;local4.*"], "local4.info"],
    [["local1.*;local0.*"], "local1.info"],
    [["mail.info", "local1.err"], "mail.info"],
  ];
  for (const [selectors, expected] of probes) {
    it(`${selectors.join(" and ")} is proven by ${expected ?? "no message"}`, () =>
      assert.equal(probePriority(selectors), expected));
  }
});

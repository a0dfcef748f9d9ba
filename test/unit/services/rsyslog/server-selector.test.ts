import assert from "node:assert/strict";
import { test } from "node:test";
import { probePriority, selectorMask, selectorMatches } from "../../../../src/services/rsyslog/selector.ts";

test("a severity means itself and everything graver", () => {
  assert.equal(selectorMatches("mail.warning", "mail.err"), true);
  assert.equal(selectorMatches("mail.warning", "mail.warn"), true);
  assert.equal(selectorMatches("mail.warning", "mail.info"), false);
  assert.equal(selectorMatches("mail.warning", "cron.err"), false);
});

test("= means one severity, ! takes away, none takes everything away", () => {
  assert.equal(selectorMatches("*.=info", "local0.notice"), false);
  assert.equal(selectorMatches("*.=info", "local0.info"), true);
  assert.equal(selectorMatches("*.*;*.!err", "local0.crit"), false);
  assert.equal(selectorMatches("*.*;*.!err", "local0.warning"), true);
  assert.equal(selectorMatches("*.*;kern.!=info", "kern.info"), false);
  assert.equal(selectorMatches("*.*;kern.!=info", "kern.notice"), true);
  assert.equal(selectorMatches("*.info;mail,authpriv.none", "authpriv.crit"), false);
  assert.equal(selectorMatches("*.info;mail,authpriv.none", "cron.info"), true);
});

test("later parts of a selector win over earlier ones", () => {
  assert.equal(selectorMatches("mail.none;*.*", "mail.info"), true);
  assert.equal(selectorMatches("*.*;mail.none", "mail.info"), false);
});

test("selectors that let the same messages through have one mask, however they are written", () => {
  assert.deepEqual(selectorMask("*.*"), selectorMask("*.debug"));
  assert.deepEqual(selectorMask("auth,authpriv.*"), selectorMask("security.*;authpriv.debug"));
  assert.deepEqual(selectorMask(["mail.*", "cron.*"]), selectorMask("cron,mail.*"));
  assert.notDeepEqual(selectorMask("*.info"), selectorMask("*.notice"));
  assert.equal(selectorMask("httpd.*"), undefined);
});

test("the probe travels by local6.info where it can", () => {
  assert.equal(probePriority(["*.*"]), "local6.info");
  assert.equal(probePriority(["*.info;authpriv.none"]), "local6.info");
});

test("otherwise the probe takes the quietest priority that the selectors let through", () => {
  assert.equal(probePriority(["mail.*"]), "mail.info");
  assert.equal(probePriority(["auth,authpriv.*"]), "auth.info");
  assert.equal(probePriority(["*.warning"]), "local6.warning");
  assert.equal(probePriority(["local3.=debug"]), "local3.debug");
  assert.equal(probePriority(["*.emerg"]), "local6.emerg");
});

test("what logger cannot send cannot be proven", () => {
  assert.equal(probePriority(["kern.*"]), undefined);
  assert.equal(probePriority(["*.none"]), undefined);
  assert.equal(probePriority(["httpd.*"]), undefined);
});

test("the priority that a probe takes is always one that the selectors let through", () => {
  for (const selector of ["*.*;local6.none", "user.crit", "*.*;*.!notice", "kern,mail.=alert"]) {
    const priority = probePriority([selector]);
    assert.ok(priority !== undefined && selectorMatches(selector, priority), selector);
  }
});

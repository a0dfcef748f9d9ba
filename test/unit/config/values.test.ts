import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contains, isAddress, isHostName, parseNetwork } from "../../../src/config/address.ts";
import { parseDuration } from "../../../src/config/duration.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { suggest } from "../../../src/config/suggestion.ts";
import type { LfceErrors } from "../../../src/core/errors.ts";
import { parseSelector } from "../../../src/services/rsyslog/facilities.ts";

describe("a length of time", () => {
  it("needs its unit", () => {
    const table: [string, number | undefined][] = [
      ["100ms", 0.1],
      ["30s", 30],
      ["1.5s", 1.5],
      ["5m", 300],
      ["2h", 7200],
      ["30d", 2_592_000],
      ["2w", 1_209_600],
      ["30", undefined],
      ["", undefined],
      ["-1s", undefined],
      ["1 s", undefined],
      ["s", undefined],
      ["1S", undefined],
    ];
    for (const [text, seconds] of table) assert.equal(parseDuration(text), seconds, text);
  });
});

describe("a network", () => {
  it("may be short, as in chrony", () => {
    const table: [string, string | undefined][] = [
      ["10.0.0.0/8", "10.0.0.0/8"],
      ["10/8", "10.0.0.0/8"],
      ["172.16/12", "172.16.0.0/12"],
      ["172.16", "172.16.0.0/16"],
      ["192.168.1", "192.168.1.0/24"],
      ["192.0.2.1", "192.0.2.1/32"],
      ["2001:db8::/32", "2001:db8::/32"],
      ["::1", "::1/128"],
      ["10.0.0.0/33", undefined],
      ["10.256/16", undefined],
      ["10.0.0.0/", undefined],
      ["10.0.0.0/8/8", undefined],
      ["10.0.0.0.0", undefined],
      ["example.org", undefined],
      ["0x7f.1", undefined],
    ];
    for (const [text, expected] of table) {
      const network = parseNetwork(text);
      assert.equal(network && `${network[0].toString()}/${network[1]}`, expected, text);
    }
  });

  it("contains addresses of its own kind", () => {
    const network = parseNetwork("10.0/16");
    assert.ok(network);
    assert.equal(contains(network, "10.0.255.1"), true);
    assert.equal(contains(network, "::ffff:10.0.0.1"), true);
    assert.equal(contains(network, "10.1.0.1"), false);
    assert.equal(contains(network, "2001:db8::1"), false);
    assert.equal(contains(network, "web1"), false);
  });
});

describe("an address or a name", () => {
  it("is told apart", () => {
    for (const text of ["10.0.0.1", "::1", "2001:db8::1"])
      assert.ok(isAddress(text) && !isHostName(text), text);
    for (const text of ["web1", "a.example.", "_x-1.example", "4u"])
      assert.ok(isHostName(text) && !isAddress(text), text);
    for (const text of ["10.0.0", "10.0.0.256", "-a", "a..b", "a b", "", "a:1", "x".repeat(64)]) {
      assert.ok(!isHostName(text) && !isAddress(text), text);
    }
  });
});

describe("a selector", () => {
  it("is facilities and a severity, with the spellings of rsyslog.conf(5)", () => {
    assert.deepEqual(parseSelector("*.*"), [
      { facilities: ["*"], severity: "*", exact: false, negated: false },
    ]);
    assert.deepEqual(parseSelector("auth,AUTHPRIV.*;mail.!=warn; cron.none"), [
      { facilities: ["auth", "authpriv"], severity: "*", exact: false, negated: false },
      { facilities: ["mail"], severity: "warning", exact: true, negated: true },
      { facilities: ["cron"], severity: "none", exact: false, negated: false },
    ]);
  });

  it("is refused when its facility or severity does not exist", () => {
    const message = (text: string) => {
      const parsed = parseSelector(text);
      return "message" in parsed ? parsed.message : "accepted";
    };
    assert.equal(message("httpd.*"), "httpd is not a syslog facility");
    assert.equal(message("mail,httpd.info"), "httpd is not a syslog facility");
    assert.equal(message("mail.loud"), "loud is not a syslog severity");
    assert.equal(message("constructor.info"), "constructor is not a syslog facility");
    for (const text of ["mail", "mail.", ".info", "mail info", "mail.info;", "mail.==info"]) {
      assert.notEqual(message(text), "accepted", text);
    }
  });
});

describe("a suggestion", () => {
  it("is made only for what is close", () => {
    const keys = ["local_stratum", "allow", "deny", "host"];
    assert.equal(suggest("local_stratm", keys), "local_stratum");
    assert.equal(suggest("Allow", keys), "allow");
    assert.equal(suggest("hots", keys), "host");
    assert.equal(suggest("gather_facts", keys), undefined);
    assert.equal(suggest("x", keys), undefined);
    assert.equal(suggest("", keys), undefined);
    assert.equal(suggest("a", []), undefined);
  });
});

describe("the name of a playbook, which marks lines on the hosts", () => {
  const text = "- hosts: all\n  roles: [{ role: ntp_client }]\n";
  const load = (path: string) => loadPlaybook({ path, text }).name;

  it("is the file's, without directory and ending", () => {
    assert.equal(load("playbooks/time and-logs_2.0.yml"), "time and-logs_2.0");
  });

  it("cannot hold what would not come back from a file as it went in", () => {
    for (const name of ["a\nserver evil", "a\rb", "\u65e5\u672c", "\u00fc", " a", "a ", "a  b", "#"]) {
      assert.throws(
        () => load(`playbooks/${name}.yml`),
        (error: LfceErrors) => {
          assert.deepEqual(
            error.errors.map(({ code }) => code),
            ["config.playbook-name"],
          );
          return true;
        },
      );
    }
  });
});

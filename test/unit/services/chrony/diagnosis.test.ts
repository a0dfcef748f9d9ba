import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NtpEvidence } from "../../../../src/core/evidence.ts";
import type { NtpServerView } from "../../../../src/services/chrony/diagnosis-server.ts";
import { judgeNtpSelected } from "../../../../src/services/chrony/probes.ts";
import {
  CLIENT,
  client,
  declared,
  evidence,
  line,
  ntpdata,
  SERVER,
  serving,
  tracking,
} from "./ntp-evidence-of.ts";

const silent = line("?", SERVER, { reach: "0" });
const drop = (hook: string): NtpEvidence["firewalls"] => [
  {
    kind: "nftables",
    rules: `table inet site {\n chain c {\n type filter hook ${hook} priority 0; policy accept;\n udp dport 123 drop\n }\n}\n`,
  },
];

interface Case {
  title: string;
  code: string;
  detail: RegExp;
  hint?: RegExp;
  evidence: Partial<NtpEvidence>;
  /** What the server says; undefined: it is outside the inventory. */
  server?: Partial<NtpEvidence>;
  address?: string;
}

const cases: Case[] = [
  {
    title: "a name that does not resolve",
    code: "name-not-resolved",
    detail: /the name clock\.example does not resolve/,
    hint: /getent ahosts clock\.example/,
    address: "clock.example",
    evidence: {
      sources: line("?", "ID#0000000001", { reach: "0" }),
      namedSources: line("?", "clock.example", { reach: "0" }),
      names: { "clock.example": [] },
    },
  },
  {
    title: "a name that only chronyd has not resolved yet",
    code: "name-not-resolved",
    detail: /has not resolved the name clock\.example yet/,
    hint: /chronyc refresh/,
    address: "clock.example",
    evidence: {
      sources: line("?", "ID#0000000001", { reach: "0" }),
      namedSources: line("?", "clock.example", { reach: "0" }),
      names: { "clock.example": [SERVER] },
    },
  },
  {
    title: "a source that the running daemon does not have",
    code: "source-not-loaded",
    detail: /does not have time1 \(10\.0\.0\.1\) among its sources/,
    hint: /systemctl restart chronyd/,
    evidence: { sources: line("?", "10.0.0.9") },
  },
  {
    title: "no answer from a server outside the inventory",
    code: "no-answer",
    detail: /no answer from .* \(reach 0\): it is down or unreachable, refuses this host, or a firewall/,
    evidence: { sources: silent, ntpdata: ntpdata(0, 0) },
  },
  {
    title: "no answer although the server says that all is well",
    code: "no-answer",
    detail: /something between the hosts drops UDP port 123/,
    hint: /chronyd -Q -t 3 'server 10\.0\.0\.1 iburst'/,
    evidence: { sources: silent, ntpdata: ntpdata(0, 0) },
    server: {},
  },
  {
    title: "a server whose daemon is down",
    code: "server-down",
    detail: /chronyd is not running there \(inactive\)/,
    hint: /^on time1: systemctl start chrony$/,
    evidence: { sources: silent },
    server: { unitState: "inactive", tracking: "", listeners: [] },
  },
  {
    title: "a server that refuses the client",
    code: "access-denied",
    detail: /time1 refuses this client: 10\.0\.0\.5 is not in its allow list/,
    hint: /add 10\.0\.0\.5 to `allow` of the ntp_server role of time1/,
    evidence: { sources: silent },
    server: { accessChecks: { [CLIENT]: "209 Access denied" } },
  },
  {
    title: "a server that does not listen",
    code: "not-listening",
    detail: /nothing there listens on UDP port 123/,
    evidence: { sources: silent },
    server: { listeners: [{ protocol: "udp", address: "127.0.0.1", port: 323 }] },
  },
  {
    title: "a firewall on the server",
    code: "firewall",
    detail: /nftables \(chain c of table inet site\) on time1 drops UDP port 123/,
    hint: /^on time1: nft insert rule inet site c udp dport 123 accept$/,
    evidence: { sources: silent },
    server: { firewalls: drop("input") },
  },
  {
    title: "firewalld on the server",
    code: "firewall",
    detail: /firewalld \(zone public\) on time1 drops/,
    hint: /firewall-cmd --permanent --add-service=ntp && firewall-cmd --reload$/,
    evidence: { sources: silent },
    server: {
      firewalls: [{ kind: "firewalld", rules: "default-zone: public\npublic (active)\n", allowed: ["ssh"] }],
    },
  },
  {
    title: "a firewall on the client",
    code: "firewall",
    detail: /on this host drops what it sends/,
    hint: /^on this host: nft insert rule inet site c udp dport 123 accept$/,
    evidence: { sources: silent, firewalls: drop("output") },
  },
  {
    title: "a server without time, as it says itself",
    code: "server-unsynchronised",
    detail: /time1 answers but has no time to give/,
    hint: /local_stratum: 10/,
    evidence: { sources: silent },
    server: { tracking: tracking({ leap: "Not synchronised", reference: "00000000" }) },
  },
  {
    title: "a server without time, by its answers",
    code: "server-unsynchronised",
    detail: /has no time to give/,
    evidence: { sources: silent, ntpdata: ntpdata(5, 0, "Not synchronised", 0) },
  },
  {
    title: "answers that are not accepted",
    code: "answers-not-accepted",
    detail: /accepts none of its answers/,
    hint: /authdata/,
    evidence: { sources: silent, ntpdata: ntpdata(5, 0) },
  },
  {
    title: "sources that are switched offline",
    code: "source-offline",
    detail: /switched offline/,
    hint: /chronyc online/,
    evidence: { sources: silent, ntpdata: ntpdata(0, 0), activity: "0,1,0,0,0\n" },
  },
  {
    title: "a falseticker",
    code: "falseticker",
    detail: /disagrees with the other sources about the time \(falseticker, off by 5\.00 s\)/,
    evidence: { sources: line("x", SERVER, { offset: "5.0" }) + line("x", "10.0.0.9") },
  },
  {
    title: "a source that varies too much",
    code: "too-variable",
    detail: /vary too much/,
    evidence: { sources: line("~") },
  },
  {
    title: "a source that is not selectable, with chronyd's reason",
    code: "not-selectable",
    detail: /its root distance is beyond maxdistance/,
    evidence: { sources: line("?"), selectdata: `d,${SERVER},N,-,-\n` },
  },
  {
    title: "a clock too far from the selected source",
    code: "offset-too-large",
    detail: /the clock is 250\.0 ms off time1 \(10\.0\.0\.1\), more than max_offset allows \(100\.0 ms\)/,
    hint: /chronyc makestep/,
    evidence: { tracking: tracking({ systemTime: "0.25" }) },
  },
  {
    title: "a measurement too far from the selected source",
    code: "offset-too-large",
    detail: /the clock is 2\.00 s off/,
    evidence: { sources: line("*", SERVER, { offset: "-2.0" }) },
  },
  {
    title: "a clock that is not synchronised although a source is selected",
    code: "not-synchronised",
    detail: /has not set the clock/,
    evidence: { tracking: tracking({ leap: "Not synchronised" }) },
  },
  {
    title: "a selected source that is not declared",
    code: "undeclared-source",
    detail: /has selected 10\.0\.0\.9, which the playbook does not declare/,
    evidence: { sources: line("*", "10.0.0.9") + line("-") },
  },
  {
    title: "an undeclared source selected because the declared one is silent",
    code: "no-answer",
    detail: /has selected 10\.0\.0\.9, which the playbook does not declare; no answer from/,
    evidence: { sources: line("*", "10.0.0.9") + silent, ntpdata: ntpdata(0, 0) },
  },
  {
    title: "time that was too short",
    code: "not-selected-yet",
    detail: /no source is selected after 30 s/,
    evidence: { sources: line("-") },
  },
  {
    title: "a daemon that is down",
    code: "daemon-inactive",
    detail: /chronyd is not running \(failed\): Fatal error : Could not open/,
    hint: /systemctl restart chronyd; journalctl/,
    evidence: {
      unitState: "failed",
      tracking: "",
      journal: ["Fatal error : Could not open /etc/chrony.conf"],
    },
  },
  {
    title: "a directive that the daemon rejects",
    code: "directive-rejected",
    detail: /Invalid directive at line 3 in file \/etc\/chrony\.conf/,
    hint: /correct that line/,
    evidence: {
      unitState: "failed",
      tracking: "",
      journal: [
        "chronyd version 4.3 starting",
        "Fatal error : Invalid directive at line 3 in file /etc/chrony.conf",
      ],
    },
  },
  {
    title: "a daemon that cannot be asked",
    code: "daemon-silent",
    detail: /does not answer chronyc/,
    evidence: { tracking: "" },
  },
];

describe("why no declared time source is selected", () => {
  for (const { title, code, detail, hint, evidence: change, server, address } of cases) {
    it(`${title}: ${code}`, () => {
      const host = address === undefined ? { host: "time1" } : {};
      const views: NtpServerView[] = server
        ? [{ host: "time1", state: "seen", evidence: serving(server), unit: "chrony" }]
        : [];
      const context = { unit: "chronyd", clientAddresses: [CLIENT], servers: views };
      const check = judgeNtpSelected(client(declared(address ?? SERVER, host)), evidence(change), context);
      assert.deepEqual(
        [check.name, check.result, check.code],
        ["ntp.selected", "failed", code],
        check.detail,
      );
      assert.match(check.detail, detail);
      assert.match(check.hint ?? "", hint ?? /./);
    });
  }
});

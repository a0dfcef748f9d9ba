import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SyslogEvidence } from "../../../../src/core/evidence.ts";
import type { DesiredForward } from "../../../../src/services/rsyslog/desired.ts";
import { judgeSyslogMissing } from "../../../../src/services/rsyslog/proof/probes.ts";
import type { Delivery } from "../../../../src/services/rsyslog/proof/probes-delivery.ts";
import {
  delivery,
  forward,
  NONCE,
  REFUSED,
  RESUMED,
  receiving,
  SERVER,
  SUSPENDED,
  said,
  sending,
} from "./delivery-of.ts";

const unreached = (outcome: SyslogEvidence["reachable"][number]["outcome"]): Partial<SyslogEvidence> => ({
  connections: [],
  reachable: [{ address: SERVER, port: 514, outcome }],
});
const elsewhere = {
  found: [{ nonce: NONCE, path: "/var/log/syslog" }],
  mentions: [{ path: "/var/log/syslog", file: "/etc/rsyslog.conf", line: 61, text: "*.* -/var/log/syslog" }],
};
const dropping = (hook: string): SyslogEvidence["firewalls"] => [
  {
    kind: "nftables",
    rules: `table inet filter {\n chain c {\n type filter hook ${hook} priority 0; policy drop;\n }\n}\n`,
  },
];

interface Case {
  title: string;
  code: string;
  detail: RegExp;
  hint?: RegExp;
  client?: Partial<SyslogEvidence>;
  server?: Partial<SyslogEvidence>;
  forward?: Partial<DesiredForward>;
  change?: Partial<Delivery>;
}

const cases: Case[] = [
  {
    title: "the client's daemon is down",
    code: "daemon-inactive",
    detail: /rsyslogd is not running on web1 \(inactive\)/,
    hint: /systemctl restart rsyslog/,
    client: { unitState: "inactive" },
  },
  {
    title: "the target's name does not resolve",
    code: "name-not-resolved",
    detail: /the name log\.example does not resolve on web1/,
    hint: /getent ahosts log\.example/,
    forward: { address: "log.example" },
    client: { names: { "log.example": [] } },
  },
  {
    title: "the message is in another file, by a rule that is named",
    code: "wrong-file",
    detail:
      /arrived on log1, but in \/var\/log\/syslog instead of .*; probably by \/etc\/rsyslog\.conf:61: \*\.\* -\/var\/log\/syslog/,
    hint: /declared: 10\.0\.0\.5/,
    server: elsewhere,
  },
  {
    title: "the message is in another file and nothing names that",
    code: "wrong-file",
    detail: /instead of \/var\/log\/remote\/web1-%Y-%m-%d\.log$/,
    hint: /service_address/,
    server: { ...elsewhere, mentions: [] },
  },
  {
    title: "the server's daemon is down",
    code: "server-down",
    detail: /rsyslogd is not running on log1 \(failed\)/,
    hint: /^on log1: systemctl restart rsyslog/,
    client: unreached("refused"),
    server: { unitState: "failed", listeners: [] },
  },
  {
    title: "nothing listens on the port",
    code: "port-closed",
    detail: /nothing on log1 listens on tcp port 514$/,
    client: unreached("refused"),
    server: { listeners: [{ protocol: "udp", address: "0.0.0.0", port: 514 }] },
  },
  {
    title: "nothing listens, and the server's daemon said why",
    code: "port-closed",
    detail: /listens on tcp port 514; rsyslogd says: error during parsing .* parameter 'prot' not known/,
    client: unreached("refused"),
    server: {
      listeners: [{ protocol: "tcp", address: "0.0.0.0", port: 22 }],
      journal: [
        said(
          "error during parsing file /etc/rsyslog.conf, on or before line 2: parameter 'prot' not known",
          2207,
        ),
      ],
    },
  },
  {
    title: "the server listens only for itself",
    code: "port-closed",
    detail: /only for itself \(127\.0\.0\.1\)/,
    client: unreached("refused"),
    server: { listeners: [{ protocol: "tcp", address: "127.0.0.1", port: 514 }] },
  },
  {
    title: "nothing listens for UDP",
    code: "port-closed",
    detail: /listens on udp port 514/,
    forward: { protocol: "udp" },
    server: { listeners: [{ protocol: "tcp", address: "0.0.0.0", port: 514 }] },
  },
  {
    title: "a firewall on the server",
    code: "firewall",
    detail: /nftables \(chain c of table inet filter\) on log1 drops tcp port 514/,
    hint: /^on log1: nft add rule inet filter c tcp dport 514 accept$/,
    client: unreached("timeout"),
    server: { firewalls: dropping("input") },
  },
  {
    title: "ufw on the server, for UDP",
    code: "firewall",
    detail: /ufw on log1 drops udp port 514/,
    hint: /^on log1: ufw allow 514\/udp$/,
    forward: { protocol: "udp" },
    server: { firewalls: [{ kind: "ufw", rules: "Status: active\n" }] },
  },
  {
    title: "a firewall on the client",
    code: "firewall",
    detail: /on web1 drops tcp port 514/,
    hint: /^on web1: nft add rule inet filter c tcp dport 514 accept$/,
    client: { ...unreached("timeout"), firewalls: dropping("output") },
  },
  {
    title: "a refused connection that the server does not explain",
    code: "connection-refused",
    detail: /log1 \(10\.0\.0\.1\) tcp port 514 refuses the connection/,
    client: unreached("refused"),
  },
  {
    title: "no answer and no reason",
    code: "no-answer",
    detail: /does not answer/,
    client: unreached("timeout"),
  },
  {
    title: "no route",
    code: "no-answer",
    detail: /does not answer/,
    client: unreached("unreachable"),
  },
  {
    title: "a selector that lets nothing of the probe through",
    code: "selector-mismatch",
    detail: /the selector mail\.\* lets no message of local6\.info through/,
    forward: { selector: ["mail.*"] },
    client: { connections: [] },
  },
  {
    title: "a server that does not read",
    code: "message-stuck",
    detail: /4096 bytes wait in web1's connection/,
    client: {
      connections: [{ protocol: "tcp", state: "ESTAB", address: SERVER, port: 514, sendQueue: 4096 }],
    },
  },
  {
    title: "a suspended action",
    code: "action-suspended",
    detail: /has suspended its action action-0-builtin:omfwd: cannot connect to .*: Connection refused/,
    hint: /systemctl restart rsyslog/,
    client: { connections: [], journal: [REFUSED, SUSPENDED] },
  },
  {
    title: "messages in the disk queue",
    code: "message-stuck",
    detail: /300 bytes wait in the disk queue on web1 \(\/var\/spool\/rsyslog\/q\.00000001\)/,
    client: {
      connections: [],
      queueFiles: [
        { path: "/var/spool/rsyslog/q.00000001", size: 200 },
        { path: "/var/spool/rsyslog/q.qi", size: 100 },
        { path: "/var/spool/rsyslog/imjournal.state", size: 122 },
        { path: "/var/spool/rsyslog/q-2.00000001", size: 9 },
      ],
    },
  },
  {
    title: "a directive that the client's daemon rejects",
    code: "directive-rejected",
    detail: /rsyslogd on web1 does not take a part of its configuration: .*'targett' not known/,
    client: {
      connections: [],
      journal: [said("error during parsing file /etc/rsyslog.d/1.conf: parameter 'targett' not known", 2207)],
    },
  },
  {
    title: "a message that never reached the forward",
    code: "not-forwarded",
    detail: /has no connection to .* never reached the forward \(it did reach \/var\/log\/syslog there\)/,
    client: { connections: [], found: [{ nonce: NONCE, path: "/var/log/syslog" }] },
  },
  {
    title: "an action that has resumed counts as healthy",
    code: "not-forwarded",
    detail: /no connection/,
    client: { connections: [], journal: [REFUSED, SUSPENDED, RESUMED] },
  },
  {
    title: "a file that the server cannot write",
    code: "cannot-write",
    detail:
      /rsyslogd on log1 cannot write its file: file '\/var\/log\/remote\/web1-2026-11-23\.log': open error: Permission denied \(.* belongs to bob, mode 0400\)/,
    server: {
      journal: [said("file '/var/log/remote/web1-2026-11-23.log': open error: Permission denied", 2433)],
      files: [
        {
          path: "/var/log/remote/web1-2026-11-23.log",
          exists: true,
          size: 1,
          mtime: 1,
          owner: "bob",
          mode: "0400",
        },
      ],
    },
  },
  {
    title: "a directive that the server's daemon rejects",
    code: "directive-rejected",
    detail:
      /rsyslogd on log1 does not take a part of its configuration: invalid or yet-unknown config file command/,
    server: {
      journal: [
        said("invalid or yet-unknown config file command 'Foo' - have you forgotten to load a module?", 3003),
      ],
    },
  },
  {
    title: "a rate limit on the server",
    code: "rate-limited",
    detail: /drops messages because too many come/,
    server: { journal: ["imtcp from <web1>: begin to drop messages due to rate-limiting"] },
  },
  {
    title: "a server that stores the message nowhere",
    code: "not-stored",
    detail: /leave for log1 \(10\.0\.0\.1\) tcp port 514, but log1 writes them to no file/,
    hint: /without --limit/,
  },
];

describe("why no message arrived", () => {
  for (const one of cases) {
    it(`${one.title}: ${one.code}`, () => {
      const check = judgeSyslogMissing(
        delivery({
          forward: forward(one.forward),
          evidence: sending(one.client),
          server: { state: "seen", host: "log1", unit: "rsyslog", evidence: receiving(one.server) },
          ...one.change,
        }),
        60_000,
      );
      assert.deepEqual(
        [check.name, check.result, check.code, check.ms],
        ["syslog.arrived", "failed", one.code, 60_000],
        check.detail,
      );
      assert.match(check.detail, one.detail);
      assert.match(check.hint ?? "", one.hint ?? /./);
    });
  }
});

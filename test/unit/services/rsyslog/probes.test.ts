import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredSyslogServer } from "../../../../src/services/rsyslog/desired.ts";
import {
  bindFailure,
  plainMessage,
  rejectedDirective,
  suspendedActions,
} from "../../../../src/services/rsyslog/proof/diagnosis-journal.ts";
import { isDeclaredPath } from "../../../../src/services/rsyslog/proof/diagnosis-receiver.ts";
import {
  deliveryRequest,
  judgeSyslogMissing,
  receptionRequest,
  syslogArrived,
} from "../../../../src/services/rsyslog/proof/probes.ts";
import { judgeSyslogListening } from "../../../../src/services/rsyslog/proof/probes-listening.ts";
import {
  delivery,
  forward,
  NONCE,
  PATH,
  REFUSED,
  RESUMED,
  receiving,
  SERVER,
  SUSPENDED,
  said,
  sending,
} from "./delivery-of.ts";

const server: DesiredSyslogServer = {
  state: "present",
  listen: [
    { protocol: "tcp", port: 514 },
    { protocol: "udp", port: 514 },
  ],
  store: [{ from: [{ kind: "any" }], file: "/srv/logs/{host}/{date}.log", stop: true }],
};

describe("the proof syslog.arrived", () => {
  it("passes with the file in which the message stands and the time that it took", () => {
    const arrival = { path: "/var/log/remote/web1-2026-11-23.log", ms: 1234 };
    assert.deepEqual(syslogArrived(forward(), arrival), {
      name: "syslog.arrived",
      result: "passed",
      detail: "arrived at log1 (10.0.0.1) tcp port 514 in /var/log/remote/web1-2026-11-23.log",
      ms: 1234,
    });
  });

  it("passes, and says so, when the message came after the time was up", () => {
    const found = [{ nonce: NONCE, path: "/var/log/remote/web1-2026-11-23.log" }];
    const view = { state: "seen", host: "log1", unit: "rsyslog", evidence: receiving({ found }) } as const;
    const check = judgeSyslogMissing(delivery({ server: view }), 60_000);
    assert.deepEqual([check.result, /later than verify_timeout/.test(check.detail)], ["passed", true]);
  });

  it("is unproven when nobody could look", () => {
    const unproven = (change: Parameters<typeof delivery>[0]) => judgeSyslogMissing(delivery(change), 1);
    for (const state of ["unreachable", "failed"] as const) {
      const check = unproven({ server: { state, host: "log1" } });
      assert.deepEqual([check.result, check.code], ["unproven", "server-not-checked"]);
    }
    const kernel = unproven({ forward: forward({ selector: ["kern.*"] }), priority: undefined });
    assert.deepEqual([kernel.result, kernel.code], ["unproven", "selector-not-provable"]);
    assert.deepEqual(
      [unproven({ path: undefined }).result, unproven({ path: undefined }).code],
      ["unproven", "file-not-known"],
    );
  });

  it("is the client's failure when its own daemon is down, whatever is known of the server", () => {
    const evidence = sending({ unitState: "failed" });
    for (const view of [{ state: "outside" }, { state: "unreachable", host: "log1" }] as const) {
      assert.equal(judgeSyslogMissing(delivery({ server: view, evidence }), 1).result, "failed");
    }
  });

  describe("to a server outside the inventory", () => {
    const outside = (evidence: Parameters<typeof sending>[0], change: Parameters<typeof forward>[0] = {}) =>
      judgeSyslogMissing(
        delivery({
          server: { state: "outside" },
          evidence: sending(evidence),
          forward: forward({ host: undefined, ...change }),
        }),
        1,
      );

    it("is delivered with a live connection and an empty queue", () => {
      assert.deepEqual(
        [outside({}).result, /outside the inventory/.test(outside({}).detail)],
        ["passed", true],
      );
      const mapped = {
        protocol: "tcp" as const,
        state: "ESTAB",
        address: `::ffff:${SERVER}`,
        port: 514,
        sendQueue: 0,
      };
      assert.equal(outside({ connections: [mapped] }).result, "passed");
    });

    it("takes no other file of the spool directory for the queue", () => {
      const queueFiles = ["imjournal.state", "q-2.00000001", "qx"].map((name) => ({
        path: `/spool/${name}`,
        size: 9,
      }));
      assert.equal(outside({ queueFiles }).result, "passed");
    });

    it("is unproven otherwise, with the reason", () => {
      assert.equal(outside({ queueFiles: [{ path: "/spool/q.00000001", size: 9 }] }).code, "message-stuck");
      assert.equal(outside({ connections: [], journal: [SUSPENDED] }).code, "action-suspended");
      const refused = outside({
        connections: [],
        reachable: [{ address: SERVER, port: 514, outcome: "refused" }],
      });
      assert.deepEqual([refused.result, refused.code], ["unproven", "connection-refused"]);
      assert.equal(outside({}, { protocol: "udp" }).result, "unproven");
    });
  });
});

describe("the proof syslog.listening", () => {
  const judge = (change: Parameters<typeof receiving>[0] = {}, declared = server) =>
    judgeSyslogListening(declared, receiving(change), "rsyslog", 5);

  it("passes when rsyslogd holds every declared port", () => {
    assert.deepEqual(judge(), {
      name: "syslog.listening",
      result: "passed",
      detail: "rsyslogd listens on tcp port 514, udp port 514",
      ms: 5,
    });
  });

  it("takes a declared address, and a listener for all addresses as well", () => {
    const declared = { ...server, listen: [{ protocol: "tcp" as const, port: 514, address: "10.0.0.1" }] };
    assert.equal(judge({}, declared).result, "passed");
    const other = [{ protocol: "tcp" as const, address: "10.0.0.2", port: 514, process: "rsyslogd" }];
    assert.equal(judge({ listeners: other }, declared).code, "not-listening");
  });

  it("fails with the reason: down, taken, refused by the system, or rejected", () => {
    assert.equal(judge({ unitState: "failed" }).code, "daemon-inactive");
    const taken = judge({ listeners: [{ protocol: "tcp", address: "::", port: 514, process: "syslog-ng" }] });
    assert.deepEqual([taken.code, /held by syslog-ng/.test(taken.detail)], ["port-taken", true]);
    const refused = judge({
      listeners: [],
      journal: [said("Error while binding tcp socket: Permission denied", 2077)],
    });
    assert.match(refused.hint ?? "", /semanage port -a -t syslogd_port_t -p tcp 514/);
    const rejected = judge({ listeners: [], journal: [said("could not load module 'imtcp'", 2066)] });
    assert.deepEqual(
      [rejected.code, /could not load module/.test(rejected.detail)],
      ["directive-rejected", true],
    );
  });

  it("says when a firewall closes the port", () => {
    const check = judge({
      firewalls: [{ kind: "ufw", rules: "Status: active\n514/tcp ALLOW IN Anywhere\n" }],
    });
    assert.deepEqual([check.result, /ufw allow 514\/udp/.test(check.detail)], ["passed", true]);
  });
});

describe("rsyslogd's own messages", () => {
  it("know what is suspended now, and why", () => {
    assert.deepEqual(suspendedActions([REFUSED, SUSPENDED]), [
      { action: "action-0-builtin:omfwd", reason: `cannot connect to ${SERVER}:514: Connection refused` },
    ]);
    assert.deepEqual(suspendedActions([REFUSED, SUSPENDED, RESUMED]), []);
    assert.equal(suspendedActions([SUSPENDED, RESUMED, REFUSED, SUSPENDED]).length, 1);
  });

  it("about reaching a target are not about the configuration", () => {
    assert.equal(rejectedDirective([REFUSED, SUSPENDED, RESUMED]), undefined);
    assert.equal(bindFailure([REFUSED, SUSPENDED, RESUMED]), undefined);
  });

  it("about the configuration are shown without the reference, the first two of them", () => {
    const journal = ["one", "two", "three"].map((name) =>
      said(
        `error during parsing file /etc/rsyslog.conf, on or before line 2: parameter '${name}' not known`,
        2207,
      ),
    );
    assert.match(
      rejectedDirective(journal) ?? "",
      /'one' not known \/ error during parsing .*'two' not known$/,
    );
    assert.equal(plainMessage("rsyslogd[12]: x [v8.2302.0 try https://www.rsyslog.com/e/2207 ]"), "x");
  });
});

it("compares a real path with a declared one whose date is filled in", () => {
  assert.equal(isDeclaredPath("/var/log/remote/web1-2026-11-23.log", PATH), true);
  assert.equal(isDeclaredPath("/var/log/remote/web1-2026-11-23xlog", PATH), false);
  assert.equal(isDeclaredPath("/var/log/remote/web1-2026-11-23.log.1", PATH), false);
  assert.equal(isDeclaredPath("/x", undefined), false);
});

it("asks a client for its targets, and a server where a message may have gone", () => {
  const desired = {
    state: "present" as const,
    forwards: [forward(), forward({ address: "log.example", protocol: "udp" })],
    verifyTimeout: 60,
  };
  const request = deliveryRequest(desired, "rsyslog", "/var/spool/rsyslog", [NONCE]);
  assert.deepEqual(request.names, ["log.example"]);
  assert.deepEqual(request.targets[1], { address: "log.example", protocol: "udp", port: 514 });
  const asked = receptionRequest(server, "rsyslog", "/var/spool/rsyslog", [NONCE], [PATH, PATH]);
  assert.deepEqual(asked.searchDirectories, ["/var/log", "/srv/logs"]);
  assert.deepEqual(asked.files, [PATH]);
  assert.deepEqual(receptionRequest(server, "rsyslog", "/x", [], []).searchDirectories, []);
});

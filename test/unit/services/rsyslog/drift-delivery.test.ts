import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SyslogEvidence } from "../../../../src/core/evidence.ts";
import type { ObservedConnection, ObservedHost } from "../../../../src/core/observed.ts";
import {
  deliveryFinding,
  isSuspicious,
  linkOf,
  lookAtForwards,
  spoolPatterns,
} from "../../../../src/services/rsyslog/drift-delivery.ts";
import { appliedFiles, client, hostOf, main, toLog1 } from "./drift-scene.ts";
import { silentEvidence } from "./silent-evidence.ts";

const spool = "/var/spool/rsyslog";
const MEBIBYTE = 1_048_576;

/** A client with this connection, and with so many files of its forward's queue. */
function clientHost(connection?: Partial<ObservedConnection>, spooled = 0, queue = "site"): ObservedHost {
  const observed = hostOf(appliedFiles(client));
  const established = {
    protocol: "tcp",
    state: "established",
    address: "10.0.0.1",
    port: 514,
    sendQueue: 0,
  } as const;
  observed.connections = connection ? [{ ...established, ...connection }] : [];
  const paths = Array.from({ length: spooled }, (_, index) => `${spool}/${queue}.0000000${index + 1}`);
  for (const path of paths) observed.files[path] = { path, kind: "file", size: MEBIBYTE };
  observed.lists = { [spoolPatterns([spool])[0] as string]: paths };
  return observed;
}

function lookOf(observed: ObservedHost, forward = toLog1) {
  const [look] = lookAtForwards([forward], observed, main);
  assert.ok(look);
  return look;
}

const reached = (outcome: SyslogEvidence["reachable"][number]["outcome"]): SyslogEvidence => ({
  ...silentEvidence,
  reachable: [{ address: "10.0.0.1", port: 514, outcome }],
});
const suspended = [
  "cannot connect to 10.0.0.1:514: Connection refused [v8.2302.0 try https://www.rsyslog.com/e/2027 ]",
  "action 'action-7-builtin:omfwd' suspended (module 'builtin:omfwd'), retry 0. [v8.2302.0 try https://www.rsyslog.com/e/2007 ]",
];

describe("what one look says of a forward's delivery", () => {
  it("has no suspicion of a connection that is up, of UDP, or where connections are not told", () => {
    assert.equal(isSuspicious(lookOf(clientHost({}))), false);
    assert.equal(isSuspicious(lookOf(clientHost({ address: "::ffff:10.0.0.1" }))), false);
    assert.equal(isSuspicious(lookOf(clientHost(), { ...toLog1, protocol: "udp" })), false);
    const { connections: _, ...untold } = clientHost();
    assert.equal(isSuspicious(lookOf(untold)), false);
  });

  it("has one of no connection, of one that goes elsewhere or ends, and of one whose bytes nobody takes", () => {
    for (const connection of [
      undefined,
      { port: 22 },
      { address: "10.0.0.9" },
      { state: "close-wait" },
      { sendQueue: 9 },
    ]) {
      assert.equal(isSuspicious(lookOf(clientHost(connection))), true, JSON.stringify(connection));
    }
  });

  it("knows the target by what its name resolves to", () => {
    const observed = clientHost({ address: "10.0.0.77" });
    observed.names = { log1: ["10.0.0.77"] };
    assert.equal(lookOf(observed).connection, "up");
  });

  it("takes the last file of a queue that was worked off for silentEvidence, and three for a backlog", () => {
    assert.equal(isSuspicious(lookOf(clientHost({}, 1))), false);
    assert.equal(isSuspicious(lookOf(clientHost({}, 2))), false);
    assert.equal(isSuspicious(lookOf(clientHost({}, 3))), true);
    assert.equal(isSuspicious(lookOf(clientHost({}, 3, "somebody-elses"))), false);
  });
});

describe("what the evidence says of a forward's delivery", () => {
  const found = (observed: ObservedHost, evidence: SyslogEvidence) => {
    const finding = deliveryFinding(lookOf(observed), evidence);
    return finding && `${finding.code} ${finding.item}`;
  };

  it("finds nothing where the target can be reached: rsyslogd connects when it has something to send", () => {
    assert.equal(found(clientHost(), reached("open")), undefined);
    assert.equal(found(clientHost(undefined, 1), reached("open")), undefined);
    assert.equal(found(clientHost(), reached("unknown")), undefined);
  });

  it("finds no connection under one code, whatever the journal says of it meanwhile", () => {
    for (const outcome of ["refused", "timeout", "unreachable", "unresolved"] as const) {
      assert.equal(found(clientHost(), reached(outcome)), "forward-not-connected tcp/10.0.0.1:514");
      const evidence = { ...reached(outcome), journal: suspended };
      assert.equal(found(clientHost(undefined, 1), evidence), "forward-not-connected tcp/10.0.0.1:514");
    }
  });

  it("finds an action that stays suspended although the target can be reached", () => {
    const evidence = { ...reached("open"), journal: suspended };
    assert.equal(found(clientHost(), evidence), "action-suspended tcp/10.0.0.1:514");
    const finding = deliveryFinding(lookOf(clientHost()), evidence);
    assert.match(finding?.detail ?? "", /Connection refused/);
    const up = { protocol: "tcp", state: "ESTAB", address: "10.0.0.1", port: 514, sendQueue: 0 } as const;
    assert.equal(found(clientHost(), { ...evidence, connections: [up] }), undefined);
  });

  it("finds a queue that spools: two files without a way out, or three in any case", () => {
    assert.equal(found(clientHost(undefined, 2), reached("refused")), "queue-spooling tcp/10.0.0.1:514");
    assert.equal(found(clientHost(undefined, 2), reached("open")), undefined);
    assert.equal(found(clientHost({}, 3), reached("open")), "queue-spooling tcp/10.0.0.1:514");
    const finding = deliveryFinding(lookOf(clientHost({}, 3)), reached("open"));
    assert.equal(
      finding?.message,
      "messages for log1 (10.0.0.1) tcp port 514 wait on disk (3072 KiB in 3 files)",
    );
  });
});

describe("links of clients to log servers", () => {
  it("are in use, broken with the reason, or unknown", () => {
    const state = (observed: ObservedHost, fault?: string, forward = toLog1) => {
      const { to, state, detail } = linkOf(lookOf(observed, forward), fault);
      return `${to} ${state}: ${detail}`;
    };
    assert.equal(state(clientHost({})), "log1 in-use: tcp port 514");
    assert.equal(state(clientHost({}), "it is masked"), "log1 broken: tcp port 514: it is masked");
    assert.equal(state(clientHost()), "log1 unknown: tcp port 514: no connection just now");
    const udp = { ...toLog1, protocol: "udp" as const };
    assert.equal(state(clientHost(), undefined, udp), "log1 unknown: udp port 514: UDP does not tell");
  });
});

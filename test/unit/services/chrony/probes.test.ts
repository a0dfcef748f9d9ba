import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DesiredNtpServer } from "../../../../src/services/chrony/desired.ts";
import { judgeNtpSelected, ntpSelectedRequest } from "../../../../src/services/chrony/probes.ts";
import { judgeNtpServing, ntpServingRequest } from "../../../../src/services/chrony/probes-serving.ts";
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

const alone = { unit: "chrony", clientAddresses: [CLIENT], servers: [] };

describe("the proof ntp.selected", () => {
  it("passes with the declared source, its offset and the time that it took", () => {
    assert.deepEqual(judgeNtpSelected(client(), evidence(), alone), {
      name: "ntp.selected",
      result: "passed",
      detail: "time1 (10.0.0.1) is selected, offset 12 µs",
      ms: 4200,
    });
  });

  it("knows a declared source under another spelling, by its configured name, or by what the name resolves to", () => {
    const passes = (source: ReturnType<typeof declared>, change: Parameters<typeof evidence>[0] = {}) =>
      judgeNtpSelected(client(source), evidence(change), alone).result;
    assert.equal(passes(declared("clock.example", { aliases: [SERVER] })), "passed");
    assert.equal(passes(declared("Clock.example"), { namedSources: line("*", "clock.example") }), "passed");
    assert.equal(passes(declared("clock.example"), { names: { "clock.example": [SERVER] } }), "passed");
    assert.equal(passes(declared("other.example")), "failed");
  });

  it("does not trust configured names when the two listings do not fit", () => {
    const namedSources = line("*", "clock.example") + line("?", "new.example");
    const check = judgeNtpSelected(client(declared("clock.example")), evidence({ namedSources }), alone);
    assert.equal(check.result, "failed");
  });

  it("passes with one of several and says what is wrong with the others", () => {
    const sources = line("*") + line("?", "10.0.0.2", { reach: "0" });
    const check = judgeNtpSelected(
      client(declared(), declared("10.0.0.2")),
      evidence({ sources, ntpdata: ntpdata(4, 4) }),
      alone,
    );
    assert.equal(check.result, "passed");
    assert.match(check.detail, /is selected.*; but no answer from 10\.0\.0\.2/);
  });

  it("passes with a reference clock when a declared source is usable, and fails when none is", () => {
    const clock = line("*", "PPS0", { mode: "#" });
    const check = judgeNtpSelected(client(), evidence({ sources: clock + line("-") }), alone);
    assert.deepEqual([check.result, /PPS0 is selected/.test(check.detail)], ["passed", true]);
    const far = line("-", SERVER, { offset: "0.5" });
    assert.equal(
      judgeNtpSelected(client(), evidence({ sources: clock + far }), alone).code,
      "offset-too-large",
    );
    const silent = line("?", SERVER, { reach: "0" });
    assert.equal(judgeNtpSelected(client(), evidence({ sources: clock + silent }), alone).result, "failed");
  });

  it("is unproven only when no declared server could be checked in this run", () => {
    const silent = evidence({ sources: line("?", SERVER, { reach: "0" }), ntpdata: ntpdata(0, 0) });
    for (const state of ["unreachable", "failed"] as const) {
      const servers = [{ host: "time1", state, unit: "chrony" }];
      const check = judgeNtpSelected(client(), silent, { ...alone, servers });
      assert.deepEqual([check.result, /time1/.test(check.detail)], ["unproven", true]);
      const both = client(declared(SERVER, { host: "time1" }), declared("10.0.0.9"));
      assert.equal(judgeNtpSelected(both, silent, { ...alone, servers }).result, "failed");
    }
  });

  it("asks for the declared sources under all their names, and resolves those that are names", () => {
    const desired = client(
      declared("clock.example", { aliases: ["time1", "10.0.0.1"] }),
      declared("10.0.0.1", { options: { iburst: false } }),
    );
    assert.deepEqual(ntpSelectedRequest(desired, "chronyd"), {
      unit: "chronyd",
      waitSeconds: 30,
      acceptable: ["clock.example", "time1", "10.0.0.1"],
      maxOffset: 0.1,
      burst: true,
      accessChecks: [],
      names: ["clock.example"],
    });
  });
});

describe("the proof ntp.serving", () => {
  const server: DesiredNtpServer = {
    state: "present",
    allow: ["10.0.0.0/24"],
    deny: [],
    localStratum: 10,
    orphan: false,
    exclusive: false,
    directives: [],
  };
  const judge = (change: Parameters<typeof serving>[0] = {}, desired = server) =>
    judgeNtpServing(desired, serving(change), [CLIENT], "chrony", 7);

  it("passes with the host's own clock, or with a source", () => {
    assert.deepEqual(judge(), {
      name: "ntp.serving",
      result: "passed",
      detail: "serves its own clock at stratum 10 to 1 client address",
      ms: 7,
    });
    assert.match(judge({ tracking: tracking() }).detail, /the time of 10\.0\.0\.1 at stratum 11/);
  });

  it("says when a firewall closes the port, because clients will not get through", () => {
    const rules = "table inet f {\n chain i {\n type filter hook input priority 0; policy drop;\n }\n}\n";
    const check = judge({ firewalls: [{ kind: "nftables", rules }] });
    assert.equal(check.result, "passed");
    assert.match(check.detail, /but nftables .*\(open it: nft add rule inet f i udp dport 123 accept\)/);
  });

  it("fails for each thing that keeps clients from the time", () => {
    assert.equal(judge({ unitState: "inactive", tracking: "" }).code, "daemon-inactive");
    assert.equal(judge({ accessChecks: { [CLIENT]: "209 Access denied" } }).code, "access-denied");
    assert.equal(judge({ tracking: tracking({ leap: "Not synchronised" }) }).code, "server-unsynchronised");
    assert.equal(judge({ listeners: [{ protocol: "tcp", address: "::", port: 123 }] }).code, "not-listening");
  });

  it("is unproven where chronyd did not say of every client whether it allows it", () => {
    const answers: Record<string, string>[] = [
      {},
      { [CLIENT]: "501 Not authorised" },
      { "10.0.0.99": "208 Access allowed" },
    ];
    for (const accessChecks of answers) {
      const check = judge({ accessChecks });
      assert.deepEqual([check.result, check.code], ["unproven", "access-not-told"]);
      assert.match(check.detail, new RegExp(CLIENT));
    }
    assert.equal(judge({ accessChecks: {}, unitState: "inactive" }).result, "failed");
  });

  it("looks at the port that the playbook sets, and not at sockets that nobody could list", () => {
    const desired = { ...server, directives: [{ name: "port", values: ["11123"] }] };
    assert.equal(judge({}, desired).code, "not-listening");
    assert.equal(judge({ listeners: [] }).result, "passed");
  });

  it("waits for a source only where the server has no time of its own", () => {
    assert.equal(ntpServingRequest(server, "chrony", [CLIENT, CLIENT]).waitSeconds, 0);
    const { localStratum: _, ...without } = server;
    const request = ntpServingRequest(without, "chrony", [CLIENT, CLIENT]);
    assert.deepEqual([request.waitSeconds, request.accessChecks], [30, [CLIENT]]);
  });
});

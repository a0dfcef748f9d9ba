import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Reference, wavesOf } from "../../../src/plan/waves.ts";

const ntp = (client: string, server: string): Reference => ({ client, server, kind: "ntp" });
const syslog = (client: string, server: string): Reference => ({ client, server, kind: "syslog" });
const hostsOf = (hosts: string[], references: Reference[]) =>
  wavesOf(hosts, references).map((wave) => wave.hosts);

describe("waves", () => {
  it("puts servers before their clients, stratum by stratum", () => {
    assert.deepEqual(hostsOf(["web", "edge", "core"], [ntp("web", "edge"), ntp("edge", "core")]), [
      ["core"],
      ["edge"],
      ["web"],
    ]);
  });

  it("works on unrelated hosts in one wave, in inventory order", () => {
    assert.deepEqual(hostsOf(["c", "a", "b"], []), [["c", "a", "b"]]);
  });

  it("refuses a circle of time servers and names the path", () => {
    assert.throws(() => wavesOf(["a", "b", "c"], [ntp("a", "b"), ntp("b", "c"), ntp("c", "a")]), {
      code: "ntp-cycle",
      message: /a → b → c → a/,
    });
  });

  it("lets a time server and a log server that serve each other share a wave", () => {
    const waves = wavesOf(
      ["time", "log", "web"],
      [ntp("log", "time"), syslog("time", "log"), syslog("web", "log")],
    );
    assert.deepEqual(waves, [
      { hosts: ["time", "log"], internalReferences: true },
      { hosts: ["web"], internalReferences: false },
    ]);
  });

  it("ignores references to hosts that are not part of the run", () => {
    assert.deepEqual(hostsOf(["web"], [ntp("web", "elsewhere")]), [["web"]]);
  });

  it("never puts a client before its server, whatever the graph of logs", () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const reference = fc.record({ client: fc.constantFrom(...names), server: fc.constantFrom(...names) });
    fc.assert(
      fc.property(fc.array(reference), (pairs) => {
        const references = pairs.map(({ client, server }) => syslog(client, server));
        const waves = wavesOf(names, references);
        assert.deepEqual(waves.flatMap((wave) => wave.hosts).sort(), names);
        const waveOf = (host: string) => waves.findIndex((wave) => wave.hosts.includes(host));
        for (const { client, server } of references) assert.ok(waveOf(server) <= waveOf(client));
      }),
    );
  });
});

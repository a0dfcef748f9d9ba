import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "../../../src/core/events.ts";
import type { HostDeclaration } from "../../../src/plan/declaration.ts";
import { proofRequest } from "../../../src/run/proof-request.ts";
import { declare, inventoryText } from "../../scale/fake-fleet.ts";

const fleet = declare(inventoryText(6));
const declaration = (host: string) => fleet.hosts.get(host) as HostDeclaration;
const client = declaration("host00001.example.org");
const asked = (command: Command, changed: { verify?: boolean; probe?: boolean } = {}, host = client) =>
  proofRequest(host, { command, fleet, verify: true, ...changed });

describe("what a look keeps for the proofs", () => {
  it("is a shell for messages where a client's proofs follow", () => {
    assert.equal(asked("apply").keepForMessages, true);
    assert.equal(asked("verify").keepForMessages, true);
    assert.equal(asked("drift", { probe: true }).keepForMessages, true);
  });

  it("is nothing where no proof follows, or none that sends a message", () => {
    assert.deepEqual(asked("plan"), {});
    assert.deepEqual(asked("drift"), {});
    assert.deepEqual(asked("apply", { verify: false }), {});
    assert.equal(asked("apply", {}, declaration("log1")).keepForMessages, undefined);
    assert.equal(asked("apply", {}, declaration("time1")).keepForMessages, undefined);
  });

  it("is nothing where a role goes, or where no message could pass its selector", () => {
    const { rsyslog } = client;
    const changed = (part: object) =>
      ({ ...client, rsyslog: { ...rsyslog, client: { ...rsyslog?.client, ...part } } }) as HostDeclaration;
    const [forward] = rsyslog?.client?.forwards ?? [];
    assert.deepEqual(asked("apply", {}, changed({ state: "absent" })), {});
    assert.deepEqual(asked("apply", {}, changed({ forwards: [{ ...forward, selector: ["*.none"] }] })), {});
  });
});

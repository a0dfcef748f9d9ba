import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "../../../src/core/events.ts";
import type { HostSession, ObserveRequest } from "../../../src/core/host-session.ts";
import type { HostDeclaration } from "../../../src/plan/declaration.ts";
import { lookAt } from "../../../src/run/look.ts";
import { proofRequest } from "../../../src/run/proof-request.ts";
import { declare, fakeFleet, inventoryText } from "../../scale/fake-fleet.ts";

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

  /** What a host is asked that is as declared, but that its chrony.conf ends with `more`. */
  async function asksOf(more: string): Promise<ObserveRequest[]> {
    const host = await fakeFleet(fleet).connect(client.connection, new AbortController().signal);
    const requests: ObserveRequest[] = [];
    const session: HostSession = {
      ...host,
      observe: async (request) => {
        requests.push(request);
        const answer = await host.observe(request);
        const file = answer.files["/etc/chrony/chrony.conf"];
        if (file?.content !== undefined) file.content += more;
        return answer;
      },
    };
    const sessions = { get: async () => session } as unknown as Parameters<typeof lookAt>[2];
    await lookAt(client, fleet, sessions, asked("apply"));
    return requests;
  }

  it("stays through a closer look, unless something is to be changed", async () => {
    assert.deepEqual(
      (await asksOf("")).map(({ keepForMessages }) => keepForMessages),
      [true],
    );
    assert.deepEqual(
      (await asksOf("server 192.0.2.77\n")).map(({ keepForMessages }) => keepForMessages),
      [true, false],
    );
  });
});

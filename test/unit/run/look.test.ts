import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostSession, ObserveRequest } from "../../../src/core/host-session.ts";
import type { HostDeclaration } from "../../../src/plan/declaration.ts";
import { lookAt } from "../../../src/run/look.ts";
import { declare, fakeFleet, inventoryText } from "../../scale/fake-fleet.ts";

const fleet = declare(inventoryText(6));
const client = fleet.hosts.get("host00001.example.org") as HostDeclaration;
/** Lines at the end of a file, and what becomes of the plan by them. */
const NOTHING = { path: "", text: "" };
const CHANGE = { path: "/etc/chrony/chrony.conf", text: "server 192.0.2.77\n" };
const WARNING = { path: "/etc/rsyslog.conf", text: "*.* @@192.0.2.9:514\n" };

/** What a host is asked that is as declared but for these lines, and what its plan warns of. */
async function look({ path, text }: typeof NOTHING, declaration = client) {
  const host = await fakeFleet(fleet).connect(client.connection, new AbortController().signal);
  const requests: ObserveRequest[] = [];
  const session: HostSession = {
    ...host,
    observe: async (request) => {
      requests.push(request);
      const answer = await host.observe(request);
      const file = answer.files[path];
      if (file?.content !== undefined) file.content += text;
      return answer;
    },
  };
  const sessions = { get: async () => session } as unknown as Parameters<typeof lookAt>[2];
  const { plan } = await lookAt(declaration, fleet, sessions, { keepForMessages: true });
  return { requests, warnings: plan.services.flatMap(({ warnings }) => warnings) };
}

/** The client, with these other names of its time servers, and none of its log server. */
function knowing(...aliases: string[]): HostDeclaration {
  const { chrony, rsyslog } = client;
  const sources = chrony?.client?.sources.map((source) => ({ ...source, aliases }));
  const forwards = rsyslog?.client?.forwards.map((forward) => ({ ...forward, aliases: [] }));
  return {
    ...client,
    chrony: { ...chrony, client: { ...chrony?.client, sources } },
    rsyslog: { ...rsyslog, client: { ...rsyslog?.client, forwards } },
  } as HostDeclaration;
}

describe("a closer look", () => {
  it("is not needed by a host that is as declared", async () => {
    assert.equal((await look(NOTHING)).requests.length, 1);
  });

  it("asks for the room that a change needs", async () => {
    const { requests } = await look(CHANGE);
    assert.deepEqual(
      requests.map(({ space }) => space ?? false),
      [false, true],
    );
  });

  it("is not needed for a warning, unless another name of a server could end it", async () => {
    const { requests, warnings } = await look(WARNING, knowing());
    assert.notEqual(warnings.length, 0);
    assert.equal(requests.length, 1);
    assert.deepEqual((await look(WARNING, knowing("time1.example.org"))).requests[1]?.names, [
      "time1.example.org",
    ]);
  });

  it("keeps the shell for messages where nothing is to be changed", async () => {
    const kept = async (more: typeof NOTHING, declaration?: HostDeclaration) =>
      (await look(more, declaration)).requests.map(({ keepForMessages }) => keepForMessages);
    assert.deepEqual(await kept(WARNING, knowing("time1.example.org")), [true, true]);
    assert.deepEqual(await kept(CHANGE), [true, false]);
  });
});

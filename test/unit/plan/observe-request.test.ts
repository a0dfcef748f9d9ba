import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { closerRequest, observeRequestFor } from "../../../src/plan/observe-request.ts";
import { simulatedFleet } from "../run/simulated-fleet.ts";

const playbook = `
- hosts: time1
  roles:
    - role: ntp_server
      allow: [server.example]
      local_stratum: 10
    - role: syslog_server
      store: { file: "/var/log/remote/{host}.log" }
- hosts: web1
  roles:
    - role: ntp_client
    - role: syslog_client
`;

describe("what a look at a host asks for", () => {
  const { hosts } = simulatedFleet(playbook, ["time1", "web1"]).declaration;
  const [time1, web1] = [hosts.get("time1"), hosts.get("web1")];
  assert.ok(time1 && web1);

  it("is what the plan cannot do without: names of aliases and room only come with a closer look", () => {
    const first = observeRequestFor(web1);
    assert.deepEqual(first.names, []);
    assert.equal(first.space, undefined);
    const closer = closerRequest(web1, ["/etc"]);
    assert.deepEqual(closer.names, ["time1"]);
    assert.deepEqual([closer.places, closer.space, closer.follow], [["/etc"], true, []]);
  });

  it("takes in names that must become addresses from the beginning", () => {
    assert.deepEqual(observeRequestFor(time1).names, ["server.example"]);
  });

  it("takes in packet filters and sockets only where others connect to", () => {
    const [server, client] = [observeRequestFor(time1), observeRequestFor(web1)];
    assert.deepEqual([server.firewalls, server.socketPrograms], [true, true]);
    assert.deepEqual(
      [client.firewalls, client.socketPrograms, client.sockets],
      [undefined, undefined, undefined],
    );
  });
});

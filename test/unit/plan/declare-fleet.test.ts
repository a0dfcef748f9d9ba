import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expandPlaybook } from "../../../src/config/host-roles.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import type { LfceErrors } from "../../../src/core/errors.ts";
import { declareFleet } from "../../../src/plan/declare-fleet.ts";
import { resolveNames } from "../../../src/plan/resolve-names.ts";

const inventoryText = `
all:
  children:
    servers:
      hosts:
        time1: { ansible_host: 192.0.2.1 }
        log1: { ansible_host: 192.0.2.2, service_address: 198.51.100.2 }
    clients:
      hosts:
        web1: { ansible_host: 192.0.2.11 }
        web2: { service_address: web2.example }
`;

function declare(playbookText: string, inventory = inventoryText) {
  const loaded = loadInventory({
    inventories: [{ file: { path: "hosts.yml", text: inventory }, variableFiles: [] }],
    extraVariables: {},
    environment: { home: "/home/tester", connectTimeoutMs: 1000 },
  });
  const playbook = loadPlaybook({ path: "books/site.yml", text: playbookText });
  return declareFleet(playbook.name, expandPlaybook(playbook, loaded), loaded);
}

const timeServers = `
- hosts: servers
  roles: [{ role: ntp_server, allow: [192.0.2.0/24], local_stratum: 10 }]
`;
const logServer = `
- hosts: log1
  roles: [{ role: syslog_server, listen: [{ protocol: udp, port: 5140 }] }]
`;

describe("what a playbook declares of its hosts", () => {
  it("lets a client follow every ntp_server, at its service address", () => {
    const { hosts, references } = declare(`${timeServers}
- hosts: web1
  roles: [{ role: ntp_client }]
`);
    const sources = hosts.get("web1")?.chrony?.client?.sources;
    assert.deepEqual(
      sources?.map(({ address, host }) => [address, host]),
      [
        ["192.0.2.1", "time1"],
        ["198.51.100.2", "log1"],
      ],
    );
    assert.deepEqual(sources?.[1]?.aliases, ["198.51.100.2", "192.0.2.2", "log1"]);
    assert.deepEqual(references, [
      { client: "web1", server: "time1", kind: "ntp" },
      { client: "web1", server: "log1", kind: "ntp" },
    ]);
  });

  it("leaves a server alone that is its own only server, and says so", () => {
    const { hosts } = declare(`
- hosts: time1
  roles: [{ role: ntp_server, allow: all, local_stratum: 10 }, { role: ntp_client }]
`);
    const time1 = hosts.get("time1");
    assert.equal(time1?.chrony?.client, undefined);
    assert.match(time1?.warnings[0]?.message ?? "", /ntp_client does nothing on time1/);
  });

  it("lets a server follow others only where they are named, and never itself", () => {
    const { hosts } = declare(`${timeServers}
- hosts: servers
  roles: [{ role: ntp_client, servers: [{ group: servers }] }]
`);
    assert.deepEqual(
      hosts.get("time1")?.chrony?.client?.sources.map(({ host }) => host),
      ["log1"],
    );
  });

  it("takes a name of the inventory for the host, whichever of its addresses is written", () => {
    const { hosts } = declare(`
- hosts: web1
  roles: [{ role: ntp_client, servers: [log1, 192.0.2.2, { peer: 198.51.100.2, minpoll: 4 }] }]
`);
    const sources = hosts.get("web1")?.chrony?.client?.sources;
    assert.deepEqual(
      sources?.map(({ kind, address, host }) => [kind, address, host]),
      [
        ["server", "198.51.100.2", "log1"],
        ["server", "198.51.100.2", "log1"],
        ["peer", "198.51.100.2", "log1"],
      ],
    );
    assert.deepEqual(sources?.[2]?.options, { minpoll: 4 });
  });

  for (const target of ["host: log1", "address: log1", "address: 198.51.100.2", "address: 192.0.2.2"]) {
    it(`refuses a host that is named as its own log server: ${target}`, () => {
      const book = `${logServer}\n- hosts: servers\n  roles: [{ role: syslog_client, servers: [{ ${target} }] }]\n`;
      assert.throws(
        () => declare(book),
        ({ errors }: LfceErrors) => {
          assert.deepEqual(
            errors.map(({ code, at }) => [code, at && "line" in at && at.line]),
            [["forward-to-self", 6]],
          );
          return true;
        },
      );
    });
  }

  it("leaves the host itself out of a group of log servers, and of what is taken away", () => {
    const { hosts } = declare(`${logServer}
- hosts: servers
  roles: [{ role: syslog_client, servers: [{ group: servers }] }]
- hosts: web1
  roles: [{ role: syslog_client, state: absent, servers: [{ host: web1 }] }]
`);
    const targets = (name: string) => hosts.get(name)?.rsyslog?.client?.forwards.map(({ host }) => host);
    assert.deepEqual([targets("time1"), targets("log1"), targets("web1")], [["log1"], ["time1"], []]);
  });

  it("sends logs to a server's first listener, with a queue on disk for ever", () => {
    const { hosts } = declare(`${logServer}
- hosts: web1
  roles: [{ role: syslog_client }]
`);
    assert.deepEqual(hosts.get("web1")?.rsyslog?.client?.forwards, [
      {
        address: "198.51.100.2",
        aliases: ["198.51.100.2", "192.0.2.2", "log1"],
        host: "log1",
        protocol: "udp",
        port: 5140,
        selector: ["*.*"],
        queue: { file: "lfce-forward", maxDisk: "1g", saveOnShutdown: true, written: [] },
        retry: -1,
      },
    ]);
  });

  it("numbers the queue files of several servers", () => {
    const { hosts } = declare(`
- hosts: web1
  roles:
    - role: syslog_client
      servers: [{ address: 203.0.113.1 }, { address: 203.0.113.2 }]
      queue: { file: out }
`);
    const queues = hosts
      .get("web1")
      ?.rsyslog?.client?.forwards.map(({ queue }) => (queue ? queue.file : undefined));
    assert.deepEqual(queues, ["out-1", "out-2"]);
  });

  it("stores by default what every client of the server sends, a file each", () => {
    const { hosts } = declare(`${logServer}
- hosts: clients
  roles: [{ role: syslog_client }]
`);
    const store = hosts.get("log1")?.rsyslog?.server?.store;
    assert.equal(store?.length, 1);
    assert.deepEqual(store?.[0]?.from, [
      {
        kind: "senders",
        senders: [
          { host: "web1", addresses: ["192.0.2.11"] },
          { host: "web2", addresses: ["web2.example"] },
        ],
      },
    ]);
    assert.equal(store?.[0]?.file, "/var/log/remote/{host}.log");
  });

  it("asks the host that needs a name to resolve it, and takes all its addresses", () => {
    const fleet = declare(`${logServer}
- hosts: clients
  roles: [{ role: syslog_client }]
`);
    const log1 = fleet.hosts.get("log1");
    assert.ok(log1);
    assert.deepEqual(log1.names, ["web2.example"]);
    const resolved = resolveNames(log1, fleet, { "web2.example": ["192.0.2.12", "2001:db8::12"] });
    assert.deepEqual(resolved.errors, []);
    const from = resolved.rsyslog?.server?.store[0]?.from[0];
    assert.deepEqual(from?.kind === "senders" && from.senders[1]?.addresses, ["192.0.2.12", "2001:db8::12"]);
  });

  it("refuses a client that does not resolve on its server, and two clients with one address", () => {
    const fleet = declare(`${logServer}
- hosts: clients
  roles: [{ role: syslog_client }]
`);
    const log1 = fleet.hosts.get("log1");
    assert.ok(log1);
    assert.deepEqual(
      resolveNames(log1, fleet, {}).errors.map(({ code }) => code),
      ["name-unresolved"],
    );
    assert.deepEqual(
      resolveNames(log1, fleet, { "web2.example": ["192.0.2.11"] }).errors.map(({ code }) => code),
      ["shared-address"],
    );
  });

  const relays = (stop: boolean) => `
- hosts: servers
  roles:
    - { role: syslog_server, store: { from: any, file: /var/log/remote/all.log, stop: ${stop} } }
    - { role: syslog_client, servers: [{ group: servers }] }
`;

  it("refuses log servers that would send a message round for ever, and names the path", () => {
    assert.throws(
      () => declare(relays(false)),
      (error: LfceErrors) => {
        assert.equal(error.errors[0]?.code, "syslog-loop");
        assert.match(error.errors[0]?.message ?? "", /time1 → log1 → time1/);
        return true;
      },
    );
  });

  it("lets log servers send their own messages to each other when received ones stop", () => {
    assert.deepEqual([...declare(relays(true)).hosts.keys()], ["time1", "log1"]);
  });

  it("says of a log server that it sends on what it receives", () => {
    const { hosts } = declare(`
- hosts: log1
  roles:
    - { role: syslog_server, store: { from: any, file: /var/log/remote/all.log, stop: false } }
    - { role: syslog_client, servers: [{ address: 203.0.113.1 }] }
`);
    assert.deepEqual(
      hosts.get("log1")?.warnings.map(({ code, message }) => [code, message]),
      [
        [
          "relays-received-messages",
          "log1 sends on to 203.0.113.1 what it receives, besides its own messages",
        ],
      ],
    );
  });

  it("does not mind variables that it cannot evaluate on a host that the playbook does not use", () => {
    const other = `${inventoryText}        web9: { ansible_host: "{{ lookup('env', 'X') }}" }\n`;
    const { hosts } = declare(
      `- hosts: web1\n  roles: [{ role: ntp_client, servers: [192.0.2.1] }]\n`,
      other,
    );
    assert.deepEqual([...hosts.keys()], ["web1"]);
  });
});

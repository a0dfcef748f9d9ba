import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advise } from "../../../src/config/advice.ts";
import { expandPlaybook } from "../../../src/config/host-roles.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { inventoryOf } from "./sources.ts";

const inventory = inventoryOf(`
time:
  hosts:
    time1: {ansible_host: 10.0.0.1}
    time2: {ansible_host: 10.0.0.2}
    time3: {ansible_host: 10.0.0.3}
log:
  hosts:
    log1: {ansible_host: 10.0.0.9}
clients:
  hosts:
    web1: {ansible_host: 10.0.1.1}
    web2: {ansible_host: 10.0.2.1}
    named: {ansible_host: named.example}
`);

/** Advice as `LINE CODE message`. */
function advice(text: string): string[] {
  const playbook = loadPlaybook({ path: "lab.yml", text });
  return advise(playbook, expandPlaybook(playbook, inventory), inventory).map((warning) => {
    const line = warning.at && "line" in warning.at ? warning.at.line : 0;
    return `${line} ${warning.code.replace("advice.", "")} ${warning.message}`;
  });
}

describe("advice about time", () => {
  it("counts sources: hosts of the playbook, of groups, and of pools", () => {
    const few = (servers: string) =>
      advice(`- {hosts: web1, roles: [{role: ntp_client, servers: ${servers}}]}`).filter((line) =>
        line.includes("few"),
      );
    assert.match(few("[a.example]")[0] ?? "", /web1: one time source: when it is wrong, nothing shows it/);
    assert.match(few("[a.example, {server: b.example}]")[0] ?? "", /two time sources/);
    assert.match(
      few("[a.example, b.example, {server: c.example, noselect: true}]")[0] ?? "",
      /two time sources/,
    );
    assert.deepEqual(few("[a.example, b.example, c.example]"), []);
    assert.deepEqual(few("[{pool: p.example}]"), []);
    assert.match(few("[{pool: p.example, maxsources: 2}]")[0] ?? "", /two time sources/);
    assert.deepEqual(few("[{group: time}]"), []);
  });

  it("counts the playbook's own servers where none are named, and is given once for many hosts", () => {
    assert.deepEqual(
      advice(`
- {hosts: time1, roles: [{role: ntp_server, allow: [10.0.0.0/8, named.example]}]}
- {hosts: clients, roles: [{role: ntp_client}]}
`),
      ["3 few-sources web1, web2, named: one time source: when it is wrong, nothing shows it"],
    );
  });

  it("says when a server serves everyone, or a network other than the one written", () => {
    assert.deepEqual(
      advice(`
- {hosts: time1, roles: [{role: ntp_server, allow: all}]}
- {hosts: time2, roles: [{role: ntp_server, allow: [10.0.0.5/8, 10/8, "2001:db8::1/32", 172.16.0.0/12]}]}
`),
      [
        "2 allow-all time1: allow: all serves time to everyone who can reach this server",
        "3 host-bits time2: 10.0.0.5/8 means the whole network 10.0.0.0/8",
        "3 host-bits time2: 2001:db8::1/32 means the whole network 2001:db8::/32",
      ],
    );
  });

  it("finds clients that their server would refuse, as far as addresses are written out", () => {
    const refused = (allow: string) =>
      advice(`
- {hosts: time1, roles: [{role: ntp_server, allow: ${allow}}]}
- {hosts: clients, roles: [{role: ntp_client, servers: [{host: time1}]}]}
`).filter((line) => line.includes("not-allowed"));
    assert.deepEqual(refused("[10.0.1.0/24]"), [
      "3 not-allowed web2: time1 does not serve 10.0.2.1: its allow leaves this client out",
    ]);
    assert.deepEqual(refused("[10/8]"), []);
    assert.deepEqual(refused("[{group: clients}]"), []);
    assert.deepEqual(
      refused("[10.0.1.1, {host: web2}]"),
      ["3 not-allowed named: time1 does not serve named.example: its allow leaves this client out"].slice(1),
    );
    assert.deepEqual(refused("[some.name.example]"), []);
  });

  it("finds clients that deny names more closely than allow", () => {
    const refused = (access: string) =>
      advice(`
- {hosts: time1, roles: [{role: ntp_server, ${access}}]}
- {hosts: clients, roles: [{role: ntp_client, servers: [{host: time1}]}]}
`).filter((line) => line.includes("not-allowed"));
    const web2 = ["3 not-allowed web2: time1 does not serve 10.0.2.1: its deny names this client"];
    assert.deepEqual(refused("allow: [10/8], deny: [10.0.2.0/24]"), web2);
    assert.deepEqual(refused("allow: [10/8], deny: [{host: web2}]"), web2);
    assert.deepEqual(refused("allow: all, deny: [10.0.2.1]"), web2);
    assert.deepEqual(refused("allow: [10.0.2.0/24, 10.0.1.0/24], deny: [10/8]"), []);
    assert.deepEqual(refused("allow: [{group: clients}], deny: all"), []);
    assert.deepEqual(refused("allow: [some.name.example], deny: [10.0.2.0/24]"), []);
  });

  it("says when a host is followed that the playbook does not make a time server", () => {
    const lines = advice("- {hosts: web1, roles: [{role: ntp_client, servers: [{group: time}]}]}");
    assert.deepEqual(
      lines.map((line) => line.split(" ").slice(1, 4).join(" ")),
      ["no-server web1: time1", "no-server web1: time2", "no-server web1: time3"],
    );
  });

  it("names options that do nothing on a peer", () => {
    const lines = advice(
      "- {hosts: time1, roles: [{role: ntp_client, servers: [{peer: p.example, iburst: true}]}]}",
    );
    assert.match(lines.join("\n"), /iburst has no effect on the peer p.example/);
  });
});

describe("advice about logs", () => {
  it("says at each rule that nothing rotates its file", () => {
    assert.deepEqual(
      advice(`
- hosts: log1
  roles:
    - role: syslog_server
      store:
        - {from: web1, file: "/var/log/web/{date}.log"}
        - {from: web2, file: /var/log/web2.log, rotate: {keep: 30d}}
`),
      ["6 no-rotate log1: nothing cleans up /var/log/web/{date}.log: the disk will fill"],
    );
    assert.deepEqual(advice("- {hosts: log1, roles: [{role: syslog_server}]}"), [
      "1 no-rotate log1: nothing cleans up /var/log/remote/{host}.log: the disk will fill",
    ]);
  });

  it("finds rules that no message reaches", () => {
    const lines = advice(`
- hosts: log1
  roles:
    - role: syslog_server
      store:
        - {from: any, file: /var/log/all.log, rotate: {keep: 30d}}
        - {from: web1, file: /var/log/web1.log, rotate: {keep: 30d}}
`);
    assert.deepEqual(lines, [
      "7 dead-rule log1: an earlier rule takes every message and stops, so this rule gets none",
    ]);
  });

  it("warns of UDP, of targets that do not listen there, and of hosts that are no log server", () => {
    const lines = advice(`
- {hosts: log1, roles: [{role: syslog_server, listen: [{protocol: tcp, port: 6514}], store: {rotate: {keep: 30d}}}]}
- hosts: web1
  roles:
    - role: syslog_client
      servers: [{host: log1, protocol: udp}, {host: time1}, {address: 192.0.2.1}]
`);
    assert.deepEqual(
      lines.map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["6 udp", "6 no-listener", "6 no-server"],
    );
  });

  it("is silent about roles that are taken away", () => {
    assert.deepEqual(
      advice(
        "- {hosts: log1, roles: [{role: syslog_server, state: absent}, {role: ntp_server, state: absent, allow: all}]}",
      ),
      [],
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expandPlaybook } from "../../../src/config/host-roles.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { errorLine, errorsOf, inventoryOf } from "./sources.ts";

const fleet = `
all:
  vars: {site: north, poll: 5, nets: [10.0.0.0/8], flag: true}
  children:
    time:
      hosts:
        time1: {ansible_host: 10.0.0.1}
        time2: {ansible_host: 10.0.0.2}
    clients:
      hosts:
        web1: {ansible_host: 10.0.1.1, ansible_become: false}
        web2: {ansible_host: 10.0.1.2, site: south}
`;

function expand(text: string, extra: Record<string, unknown> = {}) {
  const playbook = loadPlaybook({ path: "playbooks/lab.yml", text });
  return expandPlaybook(playbook, inventoryOf(fleet, {}, extra));
}

describe("a playbook", () => {
  it("is named after its file, and keeps what a play says", () => {
    const playbook = loadPlaybook({
      path: "playbooks/site.lab.yml",
      text: "- {hosts: [web, 'db:!dbx'], become: yes, serial: 10%, max_fail_percentage: 5, inventory: lab.yml, roles: [{role: ntp_client}]}",
    });
    const [play] = playbook.plays;
    assert.equal(playbook.name, "site.lab");
    assert.deepEqual(
      [play?.name, play?.hosts, play?.become, play?.serial, play?.maxFailPercentage, play?.inventory],
      ["web,db:!dbx", "web,db:!dbx", true, ["10%"], 5, "lab.yml"],
    );
  });

  it("gives every host its roles, in inventory order, with the first play that names it", () => {
    const roles = expand(`
- {name: second, hosts: clients, roles: [{role: ntp_client}]}
- {name: first, hosts: all, serial: 2, roles: [{role: syslog_client, servers: [{host: time1}]}]}
`);
    assert.deepEqual([...roles.keys()], ["time1", "time2", "web1", "web2"]);
    assert.deepEqual(Object.keys(roles.get("web1")?.roles ?? {}), ["ntp_client", "syslog_client"]);
    assert.equal(roles.get("web1")?.firstPlay.name, "second");
    assert.deepEqual(roles.get("time1")?.firstPlay.serial, [2]);
  });

  it("does not fill in defaults", () => {
    const client = expand("- {hosts: web1, roles: [{role: ntp_client}]}").get("web1")?.roles.ntp_client;
    assert.deepEqual([client?.state, client?.parameters, client?.positions], ["present", {}, {}]);
  });

  it("remembers where each parameter stands", () => {
    const server = expand(`
- hosts: time1
  roles:
    - role: ntp_server
      allow: all
      local_stratum: 10
`).get("time1")?.roles.ntp_server;
    assert.deepEqual([server?.at.line, server?.at.column], [4, 13]);
    assert.deepEqual(server?.positions.local_stratum, {
      file: "playbooks/lab.yml",
      line: 6,
      column: 22,
      source: "      local_stratum: 10",
      length: 2,
    });
  });
});

describe("variables in a playbook", () => {
  it("are replaced by the host's, and keep their type when they stand alone", () => {
    const roles = expand(`
- hosts: all
  roles:
    - role: ntp_server
      allow: "{{ nets }}"
      orphan: "{{ flag }}"
      local_stratum: "{{poll}}"
      sources: [{server: "ntp.{{ site }}.example", minpoll: "{{ poll }}"}, "{{ inventory_hostname }}.example"]
`);
    assert.deepEqual(roles.get("web2")?.roles.ntp_server?.parameters, {
      allow: ["10.0.0.0/8"],
      orphan: true,
      local_stratum: 5,
      sources: [{ server: "ntp.south.example", minpoll: 5 }, "web2.example"],
    });
  });

  it("come from the command line before the play, and from the play before the inventory", () => {
    const text =
      '- {hosts: web2, vars: {site: play, both: play}, roles: [{role: ntp_client, servers: ["{{ site }}.{{ both }}"]}]}';
    const servers = (extra: Record<string, unknown>) =>
      expand(text, extra).get("web2")?.roles.ntp_client?.parameters.servers;
    assert.deepEqual(servers({}), ["play.play"]);
    assert.deepEqual(servers({ both: "extra" }), ["play.extra"]);
  });

  it("may choose the hosts of a play", () => {
    const text = '- {hosts: "{{ target }}", roles: [{role: ntp_client}]}';
    assert.deepEqual([...expand(text, { target: "web1:time2" }).keys()], ["time2", "web1"]);
  });

  it("may choose the state of a role", () => {
    const text = '- {hosts: web1, roles: [{role: ntp_client, state: "{{ wanted }}"}]}';
    assert.equal(expand(text, { wanted: "absent" }).get("web1")?.roles.ntp_client?.state, "absent");
    const [error] = errorsOf(() => expand(text, { wanted: "gone" }));
    assert.match(error?.message ?? "", /state must be present or absent, not "gone"/);
  });

  it("cannot bring a line break into a configuration file", () => {
    const text = '- {hosts: web1, roles: [{role: ntp_client, servers: ["{{ bad }}"]}]}';
    for (const bad of ["a\nallow all", "a\u0000", "a\r", "a\u2028b"]) {
      const [error] = errorsOf(() => expand(text, { bad }));
      assert.equal(error?.code, "config.control-character", JSON.stringify(bad));
    }
  });

  it("that are wrong bring no second error about what they would have given", () => {
    const errors = errorsOf(() =>
      expand('- {hosts: time1, roles: [{role: ntp_server, allow: "{{ missing }}"}]}'),
    );
    assert.deepEqual(
      errors.map((error) => error.code),
      ["config.unknown-variable"],
    );
  });

  it("that are wrong for every host are reported once", () => {
    const errors = errorsOf(() =>
      expand('- {hosts: all, roles: [{role: ntp_client, max_offset: "{{ missing }}"}]}'),
    );
    assert.deepEqual(errors.map(errorLine), [
      "1:55+15 the variable missing is not set (host time1 and 3 more) | set missing in the inventory, in vars: or with -e missing=…",
    ]);
  });
});

describe("a role that reaches a host twice", () => {
  it("merges parameter by parameter; equal values are fine", () => {
    const server = expand(`
- {hosts: time, roles: [{role: ntp_server, allow: [10.0.0.0/8], local_stratum: 10}]}
- {hosts: time1, roles: [{role: ntp_server, allow: [10.0.0.0/8], orphan: true}]}
`).get("time1")?.roles.ntp_server;
    assert.deepEqual(server?.parameters, { allow: ["10.0.0.0/8"], local_stratum: 10, orphan: true });
    assert.deepEqual([server?.positions.allow?.line, server?.positions.orphan?.line], [2, 3]);
  });

  it("does not merge lists", () => {
    const [error] = errorsOf(() =>
      expand(`
- {hosts: time, roles: [{role: ntp_server, allow: [10.0.0.0/8]}]}
- {hosts: time1, roles: [{role: ntp_server, allow: [10.1.0.0/16]}]}
`),
    );
    assert.equal(
      error?.message,
      'allow of ntp_server is ["10.1.0.0/16"] here, but ["10.0.0.0/8"] at playbooks/lab.yml:2:51 (host time1)',
    );
  });

  it("does not change what another host has", () => {
    const roles = expand(`
- {hosts: time, roles: [{role: ntp_server, allow: all}]}
- {hosts: time1, roles: [{role: ntp_server, local_stratum: 10}]}
`);
    assert.deepEqual(roles.get("time2")?.roles.ntp_server?.parameters, { allow: "all" });
  });

  it("may be absent without allow, with its parameters still there", () => {
    const roles = expand("- {hosts: time, roles: [{role: ntp_server, state: absent, local_stratum: 10}]}");
    assert.equal(roles.get("time1")?.roles.ntp_server?.state, "absent");
  });
});

describe("a host that is time server and client", () => {
  const both = (server: string, client: string) =>
    expand(
      `- {hosts: time1, roles: [{role: ntp_server, allow: all${server}}, {role: ntp_client${client}}]}`,
    ).get("time1")?.roles;

  it("has one setting in sources and servers, whichever gives it", () => {
    const fromServer = both(", sources: [a.example], exclusive: false", "");
    assert.deepEqual(fromServer?.ntp_client?.parameters, { servers: ["a.example"], exclusive: false });
    const fromClient = both("", ", servers: [b.example]");
    assert.deepEqual(fromClient?.ntp_server?.parameters, { allow: "all", sources: ["b.example"] });
    assert.deepEqual(both("", "")?.ntp_server?.parameters, { allow: "all" });
  });

  it("cannot have both with different values", () => {
    const errors = errorsOf(() => both(", sources: [a.example]", ", servers: [b.example]"));
    assert.match(
      errors[0]?.message ?? "",
      /servers of ntp_client, the same setting as sources of ntp_server/,
    );
  });
});

describe("become", () => {
  it("is what the plays say, unless the inventory says it of the host", () => {
    const roles = expand("- {hosts: clients, become: true, roles: [{role: ntp_client}]}");
    assert.deepEqual([roles.get("web1")?.become, roles.get("web2")?.become], [false, true]);
    assert.equal(expand("- {hosts: web2, roles: [{role: ntp_client}]}").get("web2")?.become, undefined);
  });
});

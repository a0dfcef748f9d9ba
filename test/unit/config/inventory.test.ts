import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { vaultValue } from "../../../src/config/vault.ts";
import { errorsOf, inventoriesOf, inventoryOf } from "./sources.ts";

const nested = `
all:
  vars: {v: all, w: all, base: all}
  hosts:
    lonely: {x: host}
  children:
    web:
      hosts:
        web[01:03]: {r: range}
        web01: {r: own}
      vars: {v: web}
    db:
      vars: {v: db, deep: db}
      children:
        mysql:
          hosts:
            dba:
          vars: {deep: mysql}
east:
  hosts:
    web01:
  vars: {v: east, p: east}
west:
  hosts:
    web01:
  vars: {p: west}
`;

function variables(inventory: ReturnType<typeof inventoryOf>, host: string, ...names: string[]) {
  const given = inventory.hosts.get(host)?.variables ?? {};
  return names.map((name) => given[name]);
}

describe("groups", () => {
  const inventory = inventoryOf(nested);

  it("hold the hosts of their children, in inventory order", () => {
    assert.deepEqual(inventory.groups.get("all")?.hosts, ["lonely", "web01", "web02", "web03", "dba"]);
    assert.deepEqual(inventory.groups.get("db")?.hosts, ["dba"]);
    assert.deepEqual(inventory.groups.get("db")?.children, ["mysql"]);
  });

  it("of a host are all of them but all, sorted", () => {
    assert.deepEqual(inventory.hosts.get("web01")?.groups, ["east", "web", "west"]);
    assert.deepEqual(inventory.hosts.get("dba")?.groups, ["db", "mysql"]);
  });

  it("take hosts without a group into ungrouped", () => {
    assert.deepEqual(inventory.groups.get("ungrouped")?.hosts, ["lonely"]);
    assert.deepEqual(inventory.hosts.get("lonely")?.groups, ["ungrouped"]);
  });
});

describe("variables", () => {
  it("of a child win over its parent, of a host over its groups, later ranges over earlier ones", () => {
    const inventory = inventoryOf(nested);
    assert.deepEqual(variables(inventory, "dba", "v", "w", "deep"), ["db", "all", "mysql"]);
    assert.deepEqual(variables(inventory, "web01", "r"), ["own"]);
    assert.deepEqual(variables(inventory, "web02", "r", "v"), ["range", "web"]);
  });

  it("of a child win over its parent whatever their names are", () => {
    const inventory = inventoryOf("z: {vars: {v: z}, children: {a: {hosts: {h: }, vars: {v: a}}}}");
    assert.deepEqual(variables(inventory, "h", "v"), ["a"]);
  });

  it("of groups at the same depth follow the alphabet, unless ansible_group_priority says otherwise", () => {
    assert.deepEqual(variables(inventoryOf(nested), "web01", "v", "p"), ["web", "west"]);
    const raised = nested.replace("{v: east, p: east}", "{v: east, p: east, ansible_group_priority: 10}");
    const inventory = inventoryOf(raised);
    assert.deepEqual(variables(inventory, "web01", "v", "p", "ansible_group_priority"), [
      "east",
      "east",
      undefined,
    ]);
  });

  it("come in Ansible's order: inventory groups, group_vars/all, group_vars, inventory hosts, host_vars", () => {
    const text =
      "all: {vars: {a: 1, b: 1, c: 1, d: 1, e: 1}, children: {g: {hosts: {h: {d: 4, e: 4}}, vars: {b: 2}}}}";
    const beside = {
      "group_vars/all.yml": "{b: all, c: all, d: all, e: all}",
      "group_vars/g.yml": "{c: g, d: g, e: g}",
      "host_vars/h.yml": "{e: h}",
    };
    assert.deepEqual(variables(inventoryOf(text, beside), "h", "a", "b", "c", "d", "e"), [
      1,
      "all",
      "g",
      4,
      "h",
    ]);
    const extra = inventoryOf(text, beside, { a: "x", e: "x" });
    assert.deepEqual(variables(extra, "h", "a", "b", "e"), ["x", "all", "x"]);
  });

  it("are read from NAME, NAME.yml, NAME.yaml, or every file of the directory NAME in name order", () => {
    const text = "all: {children: {g: {hosts: {h: }}, k: {hosts: {h: }}}}";
    const inventory = inventoryOf(text, {
      "group_vars/g/b.yml": "{order: b}",
      "group_vars/g/a.yml": "{order: a, first: a}",
      "group_vars/g/sub/c.yaml": "{order: c}",
      "group_vars/g/.hidden.yml": "{order: hidden, first: hidden, hidden: yes}",
      "group_vars/g/z.txt": "{order: text}",
      "group_vars/g/z.yml~": "{order: backup}",
      "group_vars/k": "{plain: k}",
      "host_vars/other.yml": "this file is for no host and is not read: [",
    });
    assert.deepEqual(variables(inventory, "h", "order", "first", "plain", "hidden"), [
      "c",
      "a",
      "k",
      undefined,
    ]);
  });

  it("are taken from the first file as in Ansible, with a warning about the others", () => {
    const inventory = inventoryOf("all: {hosts: {h: }}", {
      "host_vars/h.yml": "{x: yml}",
      "host_vars/h.yaml": "{x: yaml}",
    });
    assert.deepEqual(variables(inventory, "h", "x"), ["yml"]);
    assert.deepEqual(
      inventory.warnings.map((warning) => warning.message),
      ["inv/host_vars/h.yaml is not read, because host_vars/h.yml is there"],
    );
  });

  it("of a later inventory win, step by step", () => {
    const inventory = inventoriesOf(
      {
        path: "one/hosts.yml",
        text: "g: {hosts: {h: {z: 1}}, vars: {x: 1, y: 1}}",
        beside: { "group_vars/g.yml": "{y: one}" },
      },
      {
        path: "two/hosts.yml",
        text: "g: {hosts: {i: }, vars: {x: 2, y: 2}}",
        beside: { "group_vars/all.yml": "{y: two}" },
      },
    );
    assert.deepEqual(variables(inventory, "h", "x", "y", "z", "inventory_dir"), [2, "one", 1, "one"]);
    assert.deepEqual(inventory.groups.get("g")?.hosts, ["h", "i"]);
  });

  it("include Ansible's magic ones", () => {
    const inventory = inventoryOf("all: {children: {g: {hosts: {web1.example.org: }}}}");
    const magic = ["inventory_hostname", "inventory_hostname_short", "inventory_file", "inventory_dir"];
    assert.deepEqual(variables(inventory, "web1.example.org", ...magic, "group_names", "groups"), [
      "web1.example.org",
      "web1",
      "inv/hosts.yml",
      "inv",
      ["g"],
      { all: ["web1.example.org"], g: ["web1.example.org"], ungrouped: [] },
    ]);
  });

  it("that lfce does not use may hold anything: expressions, vault texts, unknown tags", () => {
    const inventory = inventoryOf(`
all:
  hosts:
    h:
      a: "{{ lookup('file', 'x') | default(omit) }}"
      b: !vault |
        $ANSIBLE_VAULT;1.1;AES256
        3132
      c: !unsafe "{{ raw }}"
      d: !custom {x: 1}
`);
    assert.equal(inventory.hosts.get("h")?.connection.address, "h");
    assert.equal(inventory.hosts.get("h")?.variables.b, vaultValue);
    assert.equal(JSON.stringify(inventory.hosts.get("h")?.variables.b), '"[vault]"');
  });

  it("cannot reach the prototype of an object", () => {
    const inventory = inventoryOf("all: {hosts: {h: {__proto__: {polluted: 1}, constructor: 2}}}");
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.equal(inventory.hosts.get("h")?.variables.constructor, 2);
  });
});

describe("an inventory", () => {
  it("reads yes and no as Ansible does", () => {
    const inventory = inventoryOf("all: {hosts: {h: {a: yes, b: No, c: on, d: 'yes'}}}");
    assert.deepEqual(variables(inventory, "h", "a", "b", "c", "d"), [true, false, true, "yes"]);
  });

  it("knows merge keys and the position of what they bring", () => {
    const inventory = inventoryOf(
      "base: {vars: &b {ansible_port: zero}}\nall:\n  hosts:\n    h:\n      <<: *b\n",
    );
    const [error] = errorsOf(() => inventory.hosts.get("h")?.connection);
    assert.deepEqual(error?.at && "line" in error.at && [error.at.line, error.at.column], [1, 32]);
  });

  it("warns of keys that Ansible skips", () => {
    const inventory = inventoryOf("g:\n  hosts: {h: }\n  web_servers: {hosts: {i: }}\n");
    assert.deepEqual(
      inventory.warnings.map((warning) => warning.message),
      ["unknown key web_servers in the group g, skipped"],
    );
  });

  it("reports every file that is wrong, and what is wrong in it", () => {
    const errors = errorsOf(() =>
      inventoryOf("all: {hosts: {h: }}", { "host_vars/h.yml": "- a\n- b\n", "group_vars/all.yml": "a: [\n" }),
    );
    assert.deepEqual(
      errors.map((error) => error.at && "file" in error.at && error.at.file),
      ["inv/group_vars/all.yml", "inv/host_vars/h.yml"],
    );
  });

  it("points at a file in group_vars whose name is probably misspelt", () => {
    const inventory = inventoryOf("all: {children: {clients: {hosts: {h: }}}}", {
      "group_vars/cleints.yml": "{a: 1}",
      "group_vars/another_team.yml": "{a: 1}",
    });
    assert.deepEqual(
      inventory.warnings.map((warning) => warning.hint),
      ["did you mean clients?"],
    );
  });

  it("of two thousand hosts with their own variables loads in a moment", () => {
    const hosts = Array.from(
      { length: 2000 },
      (_, index) => `    h${index}: {ansible_host: 10.0.${index >> 8}.${index & 255}}`,
    );
    const started = performance.now();
    const inventory = inventoryOf(`all:\n  hosts:\n${hosts.join("\n")}\n  vars: {ansible_user: root}\n`);
    for (const host of inventory.hosts.values()) assert.equal(host.connection.user, "root");
    assert.ok(performance.now() - started < 5000, "took longer than 5 s");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { Host } from "../../../src/config/inventory-model.ts";
import { errorsOf, inventoryOf } from "./sources.ts";

function host(variables: string, extra: Record<string, unknown> = {}): Host {
  const found = inventoryOf(`all:\n  hosts:\n    h: {${variables}}\n`, {}, extra).hosts.get("h");
  assert.ok(found);
  return found;
}

describe("how a host is reached", () => {
  it("is by its name, and by what ssh_config says of it, when nothing else is said", () => {
    assert.deepEqual(host("").connection, {
      host: "h",
      address: "h",
      become: false,
      connectTimeoutMs: 10_000,
    });
    assert.equal(host("").serviceAddress, "h");
  });

  it("follows Ansible's variables, also in their older spelling", () => {
    const { connection } = host(
      "ansible_host: 10.0.0.1, ansible_port: '2222', ansible_user: admin, ansible_become: 'yes', ansible_become_method: sudo",
    );
    assert.deepEqual(
      [connection.address, connection.port, connection.user, connection.become],
      ["10.0.0.1", 2222, "admin", true],
    );
    const older = host("ansible_ssh_host: 10.0.0.2, ansible_ssh_port: 23, ansible_ssh_user: old").connection;
    assert.deepEqual([older.address, older.port, older.user], ["10.0.0.2", 23, "old"]);
  });

  it("replaces variables in variables", () => {
    const { connection } = host(
      'ansible_host: "{{ inventory_hostname }}.{{ domain }}", domain: "{{ site }}.example", site: north, ansible_port: "{{ port }}", port: 2200',
    );
    assert.deepEqual([connection.address, connection.port], ["h.north.example", 2200]);
  });

  it("takes service_address, else ansible_host, for the address that others see", () => {
    assert.equal(host("ansible_host: 192.0.2.1").serviceAddress, "192.0.2.1");
    assert.equal(host("ansible_host: 192.0.2.1, service_address: 10.0.0.1").serviceAddress, "10.0.0.1");
    const [error] = errorsOf(() => host("service_address: 10.0.0.0/8").serviceAddress);
    assert.match(error?.message ?? "", /neither an address/);
  });

  it("finds keys beside the inventory, in the home directory, and from the command line where it stands", () => {
    const key = (path: string) => host(`ansible_ssh_private_key_file: ${path}`).connection.privateKeyFile;
    assert.equal(key("keys/id"), "inv/keys/id");
    assert.equal(key("../id"), "id");
    assert.equal(key("~/.ssh/id"), "/home/operator/.ssh/id");
    assert.equal(key("/etc/id"), "/etc/id");
    const extra = host("", { ansible_ssh_private_key_file: "keys/id" }).connection.privateKeyFile;
    assert.equal(extra, "keys/id");
  });

  it("reads jump hosts and known_hosts from the ssh arguments", () => {
    const of = (text: string) => {
      const { proxyJump, knownHostsFiles } = host(`ansible_ssh_common_args: '${text}'`).connection;
      return { proxyJump, knownHostsFiles };
    };
    assert.deepEqual(of("-J admin@bastion:2222,inner"), {
      proxyJump: ["admin@bastion:2222", "inner"],
      knownHostsFiles: undefined,
    });
    assert.deepEqual(of("-Jbastion -oUserKnownHostsFile=known"), {
      proxyJump: ["bastion"],
      knownHostsFiles: ["inv/known"],
    });
    assert.deepEqual(of('-o ProxyJump=bastion -o "UserKnownHostsFile ~/a /etc/b"'), {
      proxyJump: ["bastion"],
      knownHostsFiles: ["/home/operator/a", "/etc/b"],
    });
  });

  it("takes ssh's options over in their order, files beside the inventory", () => {
    const options = (variables: string) => {
      const { sshOptions = [], sshConfigFile } = host(variables).connection;
      return [...sshOptions.map(({ option, from }) => `${option} (${from})`), sshConfigFile];
    };
    const variables = [
      "ansible_ssh_extra_args: -i 'keys/my id' -F ssh.cfg",
      "ansible_ssh_common_args: -vp22 -l admin -4 -o ServerAliveInterval=7 -o CertificateFile=c.pub",
      "ansible_ssh_args: -C -o ControlMaster=auto -o StrictHostKeyChecking=accept-new",
    ];
    assert.deepEqual(options(variables.map((one) => one.replace(": ", ': "').concat('"')).join(", ")), [
      "StrictHostKeyChecking accept-new (ansible_ssh_args)",
      "Port 22 (ansible_ssh_common_args)",
      "User admin (ansible_ssh_common_args)",
      "AddressFamily inet (ansible_ssh_common_args)",
      "ServerAliveInterval 7 (ansible_ssh_common_args)",
      'CertificateFile "inv/c.pub" (ansible_ssh_common_args)',
      'IdentityFile "inv/keys/my id" (ansible_ssh_extra_args)',
      "inv/ssh.cfg",
    ]);
  });

  it("takes the first jump host and the first known_hosts that are given, none among them", () => {
    const of = (text: string) => host(`ansible_ssh_common_args: "${text}"`).connection;
    assert.deepEqual(of("-J a -o ProxyJump=b").proxyJump, ["a"]);
    assert.deepEqual(of("-J none -o ProxyJump=b").proxyJump, []);
    assert.deepEqual(of("-o UserKnownHostsFile=/a -o UserKnownHostsFile=/b").knownHostsFiles, ["/a"]);
  });

  it("reads the jump host out of a ProxyCommand that is one", () => {
    const of = (command: string) =>
      host(`ansible_ssh_common_args: '-o ProxyCommand="${command}"'`).connection.proxyJump;
    assert.deepEqual(of("ssh -W %h:%p -q admin@bastion"), ["admin@bastion"]);
    assert.deepEqual(of("/usr/bin/ssh -A bastion -l me -p 2222 -W [%h]:%p"), ["me@bastion:2222"]);
    assert.deepEqual(of("none"), []);
  });

  const commands = [
    "nc %h %p",
    "ssh -W %h:%p -i key bastion",
    "ssh bastion nc %h %p",
    "ssh -W x:22 b",
    "ssh -W %h:%p b; id",
  ];
  for (const command of commands) {
    it(`refuses to run \`${command}\`, which an inventory wants for a ProxyCommand`, () => {
      const used = host(`ansible_ssh_common_args: '-o ProxyCommand="${command}"'`);
      const [error] = errorsOf(() => used.connection);
      assert.match(error?.message ?? "", /nothing of an inventory runs as a command/);
      assert.match(error?.hint ?? "", /ProxyJump/);
    });
  }

  it("says which ssh arguments have no effect, host key checking above all", () => {
    const inventory = inventoryOf(`
all:
  vars:
    ansible_ssh_common_args: -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o Compression=yes -C -B eth0 -o Bogus=1 -o KnownHostsCommand=x
  hosts: {a: , b: }
`);
    for (const one of inventory.hosts.values()) assert.equal(one.connection.knownHostsFiles, undefined);
    assert.deepEqual(
      inventory.warnings.map((warning) =>
        warning.message.replace(" in ansible_ssh_common_args is ignored", ""),
      ),
      [
        "-o StrictHostKeyChecking=no: lfce always checks host keys",
        "-o UserKnownHostsFile=/dev/null: lfce always checks host keys",
        "-B eth0: lfce does not know it",
        "-o Bogus=1: lfce does not know it",
        "-o KnownHostsCommand=x: nothing of an inventory runs as a command",
      ],
    );
  });

  // What ssh_config's quotes, blanks and comments make of a value must not hide it from the check.
  for (const option of [
    `'StrictHostKeyChecking="no"'`,
    `"StrictHostKeyChecking no "`,
    `"StrictHostKeyChecking=no # yes"`,
    `StrictHostKeyChecking==no`,
    `'UserKnownHostsFile="/dev/null"'`,
    `"UserKnownHostsFile /dev/null /dev/../dev/null"`,
    `UserKnownHostsFile=none`,
  ]) {
    it(`host key checking stays on with -o ${option}`, () => {
      const inventory = inventoryOf(`
all:
  hosts:
    a:
      ansible_ssh_common_args: ${JSON.stringify(`-o ${option}`)}
`);
      const connection = inventory.hosts.get("a")?.connection;
      assert.deepEqual([connection?.sshOptions, connection?.knownHostsFiles], [undefined, undefined]);
      assert.match(inventory.warnings[0]?.message ?? "", /is ignored: lfce always checks host keys/);
    });
  }

  it("a value of StrictHostKeyChecking that keeps the check may stand in quotes", () => {
    const given = JSON.stringify(`-o 'StrictHostKeyChecking="accept-new"'`);
    const { connection } = host(`ansible_ssh_common_args: ${given}`);
    assert.deepEqual(
      connection.sshOptions?.map(({ option }) => option),
      ["StrictHostKeyChecking accept-new"],
    );
  });

  const refused: [variables: string, message: RegExp][] = [
    ["ansible_become_method: su", /is "su", which lfce does not use/],
    ["ansible_become_user: postgres", /only root can change/],
    ["ansible_connection: docker", /lfce reaches hosts by ssh only/],
    ["ansible_password: [hunter2]", /ansible_password of h must be a text/],
    ['ansible_ssh_pass: "hunter2 {{ a | b }}"', /the value of ansible_ssh_pass is a Jinja expression/],
    ['ansible_become_password: "hunter2\\n"', /ansible_become_password of h has a line break/],
    ["ansible_port: 70000", /must be a port from 1 to 65535, not 70000/],
    ["ansible_become: perhaps", /must be true or false/],
    ["ansible_host: [10.0.0.1]", /must be a text, not a list/],
    ["ansible_user: \"{{ lookup('env', 'USER') }}\"", /is a Jinja expression/],
    ['ansible_user: "{{ nobody }}"', /the variable nobody is not set/],
    ['ansible_host: "{{ a }}", a: "{{ b }}", b: "{{ a }}"', /leads back to itself: a → b → a/],
    ['ansible_user: "{{ vaulted }}", vaulted: !vault "3132"', /the variable vaulted is encrypted/],
    ['ansible_host: "a\\nb"', /line break or control character/],
  ];
  for (const [variables, message] of refused) {
    it(`refuses ${variables}, at its place and without showing a secret`, () => {
      const used = host(variables);
      const [error] = errorsOf(() => used.connection);
      assert.match(error?.message ?? "", message);
      assert.equal(error?.at && "line" in error.at && error.at.line, 3);
      assert.ok(error?.hint);
      assert.doesNotMatch(JSON.stringify(error), /hunter2/);
    });
  }

  it("evaluates passwords like any variable, and keeps them out of everything that prints", () => {
    const { connection } = host(
      'ansible_become_password: hunter2, ansible_password: "{{ store }}", store: hunter3',
    );
    assert.equal(connection.becomePassword?.reveal(), "hunter2");
    assert.equal(connection.password?.reveal(), "hunter3");
    const printed = JSON.stringify(connection) + inspect(connection) + String(connection.password);
    assert.doesNotMatch(printed, /hunter/);
  });

  it("takes the password under each name that Ansible has had for it", () => {
    for (const name of ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"]) {
      assert.equal(host(`${name}: 12345`).connection.password?.reveal(), "12345");
    }
  });

  it("becomes root by sudo unless doas is asked for", () => {
    assert.equal(host("ansible_become_method: sudo").connection.becomeMethod, undefined);
    assert.equal(host("ansible_become_method: doas").connection.becomeMethod, "doas");
  });

  it("is not evaluated for hosts that nobody asks about", () => {
    const inventory = inventoryOf(
      'all: {hosts: {a: {ansible_connection: winrm}, b: {ansible_host: "{{ x | y }}"}, c: }}',
    );
    assert.equal(inventory.hosts.get("c")?.connection.address, "c");
  });
});

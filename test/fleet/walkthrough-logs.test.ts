import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { contentOf } from "./host-state.ts";
import { inventoryOf, type LfceRun, type Workplace, workplace } from "./lfce.ts";

const groups = { servers: ["log1", "time1"], clients: ["web1", "db1"] };

/** A playbook with log servers and clients. */
function logs(server: string, client = "", hosts = { servers: "log1", clients: "clients" }): string {
  const indent = (text: string) => text.replace(/^(?=.)/gm, "      ");
  return `- name: Servers
  hosts: ${hosts.servers}
  roles:
    - role: syslog_server
${indent(server)}
- name: Clients
  hosts: ${hosts.clients}
  roles:
    - role: syslog_client
${indent(client)}
`;
}

function assertProven(run: LfceRun): void {
  assert.equal(run.code, 0, run.trouble);
  assert.equal(run.summary.checks.failed + run.summary.checks.unproven, 0, run.trouble);
  assert.ok(run.summary.checks.passed > 0);
}

describe("a syslog server and its clients", () => {
  let lab: Lab;
  let place: Workplace;
  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, groups));
    for (const machine of ["log1", "time1", "web1", "db1"]) await lab.reset(machine);
  });
  after(() => place.remove());

  const say = (machine: string, text: string, priority = "local6.info") =>
    lab.run(machine, ["logger", "-p", priority, "-t", "walkthrough", text]);

  /** Waits until a text stands in a file of the server (`%Y` and the like in the server's date). */
  async function arrives(text: string, path: string, server = "log1"): Promise<void> {
    const { code } = await lab.run(server, [
      "timeout",
      "20",
      "sh",
      "-c",
      'until grep -qF -- "$1" "$(date +"$2")" 2>/dev/null; do sleep 0.1; done',
      "sh",
      text,
      path,
    ]);
    assert.equal(code, 0, `${text} did not arrive in ${path} on ${server}`);
  }

  it("receives by TCP on a port other than 514, one file of rules a client, a new file every day", async () => {
    const run = await place.json(
      "apply",
      logs('listen: [{ protocol: tcp, port: 10514 }]\nstore: { file: "/var/log/remote/{host}/{date}.log" }'),
    );
    assertProven(run);
    const rules = await contentOf(lab, "log1", "/etc/rsyslog.d/00-lfce-172.31.96.13.conf");
    assert.match(rules, /\$fromhost-ip == "172\.31\.96\.13"/);
    assert.match(rules, /\bstop\b/);
    await say("web1", "dated-message");
    await arrives("dated-message", "/var/log/remote/web1/%Y-%m-%d.log");
  });

  it("keeps a client's messages out of the server's own files (stop)", async () => {
    const { stdout } = await lab.run("log1", ["sh", "-c", "grep -c dated-message /var/log/syslog; true"]);
    assert.equal(stdout.trim(), "0");
  });

  it("receives by UDP as well", async () => {
    const run = await place.json(
      "apply",
      logs("listen: [{ protocol: udp, port: 514 }]", "servers: [{ host: log1, protocol: udp }]"),
    );
    assertProven(run);
    const { stdout } = await lab.run("log1", ["ss", "-Hlnu", "sport", "=", ":514"]);
    assert.match(stdout, /:514\b/);
    assert.match(await contentOf(lab, "web1", "/etc/rsyslog.conf"), /protocol="udp"/);
  });

  it("makes sure of the include of /etc/rsyslog.d", async () => {
    await lab.reset("log1");
    await lab.run("log1", ["sed", "-i", "/IncludeConfig/d", "/etc/rsyslog.conf"]);
    const run = await place.json("apply", logs(""));
    assertProven(run);
    assert.match(await contentOf(lab, "log1", "/etc/rsyslog.conf"), /rsyslog\.d\/\*\.conf/);
  });

  it("tells clients apart by the host name that they report", async () => {
    const run = await place.json(
      "apply",
      logs(
        "store:\n  - { from: { hostname: web1 }, file: /var/log/remote/by-name.log }\n  - { from: any, file: /var/log/remote/others.log }",
      ),
    );
    assertProven(run);
    await say("web1", "named-message");
    await say("db1", "other-message");
    await arrives("named-message", "/var/log/remote/by-name.log");
    await arrives("other-message", "/var/log/remote/others.log");
  });

  it("stores several clients at once by one rule", async () => {
    const run = await place.json(
      "apply",
      logs("store: { from: [{ group: clients }, 198.51.100.0/24], file: /var/log/remote/together.log }"),
    );
    assertProven(run);
    await say("web1", "first-of-two");
    await say("db1", "second-of-two");
    await arrives("first-of-two", "/var/log/remote/together.log");
    await arrives("second-of-two", "/var/log/remote/together.log");
  });

  it("gives a client its queue on disk: name, 1g, saved on shutdown, retried for ever", async () => {
    const run = await place.json(
      "apply",
      logs("", "queue: { file: to-central, max_disk: 1g, save_on_shutdown: true }"),
    );
    assertProven(run);
    for (const machine of ["web1", "db1"]) {
      const text = await contentOf(lab, machine, "/etc/rsyslog.conf");
      assert.match(text, /queue\.filename="to-central"/);
      assert.match(text, /queue\.maxDiskSpace="1g"/i);
      assert.match(text, /queue\.saveOnShutdown="on"/i);
      assert.match(text, /action\.resumeRetryCount="-1"/i);
    }
  });

  it("keeps messages while the server is away, and sends them when it is back", async () => {
    await lab.run("log1", ["systemctl", "stop", "rsyslog"]);
    await say("web1", "while-away");
    await lab.run("log1", ["systemctl", "start", "rsyslog"]);
    const { code } = await lab.run("log1", [
      "timeout",
      "100",
      "sh",
      "-c",
      "until grep -qrF while-away /var/log/remote; do sleep 0.2; done",
    ]);
    assert.equal(code, 0, "the message was lost");
  });

  it("sends only some facilities", async () => {
    const run = await place.json("apply", logs("", 'selector: ["mail.*", "local6.info"]'));
    assertProven(run);
    await say("web1", "from-cron", "cron.info");
    await say("web1", "from-mail", "mail.info");
    await arrives("from-mail", "/var/log/remote/web1.log");
    const { stdout } = await lab.run("log1", [
      "sh",
      "-c",
      "grep -c from-cron /var/log/remote/web1.log; true",
    ]);
    assert.equal(stdout.trim(), "0");
  });

  it("refuses a facility that does not exist, and says which do, before any host is contacted", async () => {
    const run = await place.json("apply", logs("", 'selector: "httpd.*"'));
    assert.equal(run.code, 64);
    assert.match(run.stderr, /httpd/);
    assert.match(run.stderr, /local6/);
    assert.ok(!run.events.some((event) => event.event === "host-started"));
  });

  it("sends to several servers, each with a queue of its own", async () => {
    await lab.reset("time1");
    const run = await place.json(
      "apply",
      logs("", "queue: { file: both }", { servers: "servers", clients: "clients" }),
    );
    assertProven(run);
    const text = await contentOf(lab, "web1", "/etc/rsyslog.conf");
    assert.match(text, /both-1/);
    assert.match(text, /both-2/);
    await say("web1", "to-both");
    await arrives("to-both", "/var/log/remote/web1.log", "log1");
    await arrives("to-both", "/var/log/remote/web1.log", "time1");
  });

  it("sends to an address outside the inventory's roles", async () => {
    const run = await place.json(
      "apply",
      logs("", "servers: [{ address: 172.31.96.12, port: 514, protocol: tcp }]"),
    );
    assertProven(run);
  });
});

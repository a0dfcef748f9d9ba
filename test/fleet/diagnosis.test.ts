import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Check, CheckName } from "../../src/core/checks.ts";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { inventoryOf, type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { onHost, restartUnits } from "./proof-hosts.ts";

/** Time and logs for a Debian and an EL client, from one server; proofs that will fail give up after `patience`. */
function playbook(change: { ntp?: string; syslog?: string; patience?: string } = {}): string {
  const patience = change.patience ?? "3s";
  return `- name: Server
  hosts: servers
  roles:
    - role: ntp_server
      allow: [172.31.96.0/20]
      local_stratum: 10
    - role: syslog_server
      store: { file: "/var/log/remote/{host}/{date}.log" }
- name: Clients
  hosts: clients
  roles:
    - role: ntp_client
      verify_timeout: ${patience}
      ${change.ntp ?? "exclusive: true"}
    - role: syslog_client
      verify_timeout: ${patience}
      ${change.syslog ?? "retry: -1"}
`;
}

/** What breaks on the server, what mends it, and what `lfce verify` then says of the clients. */
interface Breakage {
  title: string;
  breaks: string;
  mends: string;
  check: CheckName;
  code: string;
  detail: RegExp;
  hint: RegExp;
}

const breakages: Breakage[] = [
  {
    title: "chronyd on the server refuses the clients",
    breaks: "echo 'deny 172.31.96.0/20' >>/etc/chrony/chrony.conf; systemctl restart chrony",
    mends: "sed -i '$d' /etc/chrony/chrony.conf; systemctl restart chrony",
    check: "ntp.selected",
    code: "access-denied",
    detail: /time1 refuses this client: 172\.31\.96\.\d+ is not in its allow list/,
    hint: /add 172\.31\.96\.\d+ to `allow` of the ntp_server role of time1/,
  },
  {
    title: "chronyd on the server is stopped",
    breaks: "systemctl stop chrony",
    mends: "systemctl start chrony",
    check: "ntp.selected",
    code: "server-down",
    detail: /chronyd is not running there \(inactive\)/,
    hint: /^on time1: systemctl start chrony$/,
  },
  {
    title: "the server has no time to give",
    breaks: "sed -i 's/^local /#&/' /etc/chrony/chrony.conf; systemctl restart chrony",
    mends: "sed -i 's/^#local /local /' /etc/chrony/chrony.conf; systemctl restart chrony",
    check: "ntp.selected",
    code: "server-unsynchronised",
    detail: /time1.* answers but has no time to give/,
    hint: /local_stratum/,
  },
  {
    title: "a packet filter on the server drops NTP",
    breaks:
      "nft add table inet site; nft add chain inet site guard '{ type filter hook input priority 0; policy accept; }'; nft add rule inet site guard udp dport 123 drop",
    mends: "nft delete table inet site",
    check: "ntp.selected",
    code: "firewall",
    detail: /nftables \(chain guard of table inet site\) on time1 drops UDP port 123/,
    hint: /^on time1: nft insert rule inet site guard udp dport 123 accept$/,
  },
  {
    title: "a packet filter on the server drops syslog",
    breaks:
      "nft add table inet site; nft add chain inet site guard '{ type filter hook input priority 0; policy accept; }'; nft add rule inet site guard tcp dport 514 drop",
    mends: "nft delete table inet site",
    check: "syslog.arrived",
    code: "firewall",
    detail: /nftables \(chain guard of table inet site\) on time1 drops tcp port 514/,
    hint: /^on time1: nft insert rule inet site guard tcp dport 514 accept$/,
  },
  {
    title: "rsyslogd on the server is stopped",
    breaks: "systemctl stop syslog.socket rsyslog",
    mends: "systemctl start syslog.socket rsyslog",
    check: "syslog.arrived",
    code: "server-down",
    detail: /rsyslogd is not running on time1 \(inactive\)/,
    hint: /^on time1: systemctl restart rsyslog/,
  },
  {
    title: "the server listens on another port",
    breaks: 'sed -i \'s/"514"/"10514"/\' /etc/rsyslog.conf; systemctl restart rsyslog',
    mends: 'sed -i \'s/"10514"/"514"/\' /etc/rsyslog.conf; systemctl restart rsyslog',
    check: "syslog.arrived",
    code: "port-closed",
    detail: /nothing on time1 listens on tcp port 514/,
    hint: /syslog_server/,
  },
  {
    title: "another rule takes the message into another file",
    breaks:
      "printf 'local6.* /var/log/taken.log\\n& stop\\n' >/etc/rsyslog.d/00-aaa.conf; systemctl restart rsyslog",
    mends: "rm /etc/rsyslog.d/00-aaa.conf; systemctl restart rsyslog",
    check: "syslog.arrived",
    code: "wrong-file",
    detail:
      /in \/var\/log\/taken\.log instead of .*; probably by \/etc\/rsyslog\.d\/00-aaa\.conf:1: local6\.\*/,
    hint: /move or change that rule/,
  },
];

describe("lfce verify says why, on real machines", () => {
  let lab: Lab;
  let place: Workplace;

  before(async () => {
    lab = await fleetLab();
    place = workplace(inventoryOf(lab, { servers: ["time1"], clients: ["web1", "db1"] }));
    for (const machine of ["time1", "web1", "db1"]) await lab.reset(machine);
    // These proofs must succeed, on a busy machine too.
    const run = await place.json("apply", playbook({ patience: "60s" }));
    assert.equal(run.code, 0, run.trouble);
  });
  after(() => place.remove());

  /** Both clients must tell the same cause: what is wrong is the same for both. */
  function checksOf(run: LfceRun, name: CheckName): Check[] {
    return ["web1", "db1"].map((host) => {
      const check = run.host(host).checks.find((one) => one.name === name);
      assert.ok(check, run.trouble);
      return check;
    });
  }

  /** Restarts what keeps state about the server, so that the clients notice the change now. */
  async function restartClients(): Promise<void> {
    await restartUnits(lab, "web1", "chrony", "rsyslog");
    await restartUnits(lab, "db1", "chronyd", "rsyslog");
  }

  for (const { title, breaks, mends, check: name, code, detail, hint } of breakages) {
    it(`${title}: ${code}`, async () => {
      await onHost(lab, "time1", `systemctl reset-failed; ${breaks}`);
      try {
        await restartClients();
        // The server is outside the limit: it is only read, and its own failed proof makes no client unproven.
        const run = await place.json("verify", playbook(), "--limit", "clients");
        assert.equal(run.code, 3, run.trouble);
        for (const check of checksOf(run, name)) {
          assert.deepEqual([check.result, check.code], ["failed", code], run.trouble);
          assert.match(check.detail, detail);
          assert.match(check.hint ?? "", hint);
        }
      } finally {
        await onHost(lab, "time1", `systemctl reset-failed; ${mends}`);
      }
    });
  }

  it("a target's name that does not resolve: name-not-resolved", async () => {
    const wrong = playbook({
      ntp: "servers: [clock.nosuch.invalid]",
      syslog: "servers: [{ address: log.nosuch.invalid, port: 514 }]",
    });
    const run = await place.json("apply", wrong, "--keep-failed");
    assert.equal(run.code, 3, run.trouble);
    for (const name of ["ntp.selected", "syslog.arrived"] as const) {
      for (const check of checksOf(run, name)) {
        assert.deepEqual([check.result, check.code], ["failed", "name-not-resolved"], run.trouble);
      }
    }
  });

  it("all is well again once everything is mended", async () => {
    const run = await place.json("apply", playbook({ patience: "30s" }));
    assert.equal(run.code, 0, run.trouble);
    assert.equal(run.summary.checks.failed, 0, run.trouble);
  });

  it("a log server outside the inventory is delivered to, also by a selector that nothing else matches", async () => {
    await lab.reset("log1");
    await lab.write(
      "log1",
      "/etc/rsyslog.d/10-foreign.conf",
      'module(load="imtcp")\ninput(type="imtcp" port="514")\n:msg, contains, "lfce-" /var/log/foreign.log\n',
    );
    await onHost(lab, "log1", "systemctl restart rsyslog");
    const { address } = lab.machine("log1");
    const run = await place.json(
      "apply",
      playbook({ syslog: `servers: [{ address: ${address}, port: 514, selector: "mail.*" }]` }),
    );
    assert.equal(run.code, 0, run.trouble);
    for (const check of checksOf(run, "syslog.arrived")) {
      assert.equal(check.result, "passed", run.trouble);
      assert.match(check.detail, /outside the inventory/);
    }
    assert.match(await onHost(lab, "log1", "cat /var/log/foreign.log"), /web1 lfce: lfce-/);
  });

  it("a plan names the port that the server's own packet filter closes, and the command that opens it", async () => {
    await onHost(
      lab,
      "time1",
      `nft add table inet filter
       nft add chain inet filter input '{ type filter hook input priority 0; policy drop; }'
       nft add rule inet filter input ct state established,related accept
       nft add rule inet filter input tcp dport { 22, 514 } accept`,
    );
    const run = await place.json("plan", playbook());
    await onHost(lab, "time1", "nft delete table inet filter");
    assert.deepEqual(
      run
        .host("time1")
        .warnings.filter(({ code }) => code === "firewall-closes-port")
        .map(({ hint }) => hint),
      ["to open it, run on that host: nft add rule inet filter input udp dport 123 accept"],
    );
  });
});

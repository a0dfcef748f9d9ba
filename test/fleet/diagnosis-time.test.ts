import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Check } from "../../src/core/checks.ts";
import type { HostSession } from "../../src/core/host-session.ts";
import type { DesiredNtpClient, DesiredNtpServer, DesiredSource } from "../../src/services/chrony/desired.ts";
import type { NtpServerView } from "../../src/services/chrony/diagnosis-server.ts";
import { judgeNtpSelected, ntpSelectedRequest } from "../../src/services/chrony/probes.ts";
import { judgeNtpServing, ntpServingRequest } from "../../src/services/chrony/probes-serving.ts";
import type { Lab } from "../lab/lab.ts";
import { type FakeNtpResponder, startFakeNtpResponder } from "./fake-ntp-responder.ts";
import { fleetLab } from "./fleet-lab.ts";
import { onHost, openHost, restartUnits } from "./proof-hosts.ts";

/** The controller's own address in the lab, where responders that are no machine listen. */
const CONTROLLER = "172.31.96.1";
/** An address of the lab's network that no machine has. */
const NOBODY = "172.31.96.250";

let lab: Lab;
let server: HostSession;
let client: HostSession;

before(async () => {
  lab = await fleetLab();
  await Promise.all(["time1", "db1"].map((machine) => lab.reset(machine)));
  await serverFile("allow 172.31.96.0/24", "local stratum 10");
  server = await openHost(lab, "time1");
  client = await openHost(lab, "db1");
});

after(async () => {
  await Promise.all([server?.close(), client?.close()]);
});

const address = (machine: string): string => lab.machine(machine).address;

/** Restarts the server with exactly these lines, in addition to what keeps chronyd quiet. */
async function serverFile(...lines: string[]): Promise<void> {
  await lab.write(
    "time1",
    "/etc/chrony/chrony.conf",
    `driftfile /var/lib/chrony/drift\n${lines.join("\n")}\n`,
  );
  await restartUnits(lab, "time1", "chrony");
}

async function clientFile(...lines: string[]): Promise<void> {
  await lab.write("db1", "/etc/chrony.conf", `driftfile /var/lib/chrony/drift\n${lines.join("\n")}\n`);
  await restartUnits(lab, "db1", "chronyd");
}

function source(given: string, host?: string): DesiredSource {
  return { kind: "server", address: given, aliases: [], options: {}, ...(host ? { host } : {}) };
}

function declaring(sources: DesiredSource[], verifyTimeout = 12): DesiredNtpClient {
  return { state: "present", sources, exclusive: true, maxOffset: 0.1, verifyTimeout, directives: [] };
}

/** Proves `ntp.selected` on the client; a failed first look brings in what the server says, as a run does. */
async function prove(declared: DesiredNtpClient, view?: "outside" | "unreachable"): Promise<Check> {
  const evidence = await client.ntpEvidence(ntpSelectedRequest(declared, "chronyd"));
  const clientAddresses = [address("db1")];
  const servers: NtpServerView[] = [];
  if (view === "unreachable") servers.push({ host: "time1", state: "unreachable", unit: "chrony" });
  else if (view !== "outside") {
    const seen = await server.ntpEvidence({
      unit: "chrony",
      waitSeconds: 0,
      acceptable: ["*"],
      burst: false,
      accessChecks: clientAddresses,
      names: [],
    });
    servers.push({ host: "time1", state: "seen", evidence: seen, unit: "chrony" });
  }
  return judgeNtpSelected(declared, evidence, { unit: "chronyd", clientAddresses, servers });
}

describe("why a client has no declared time source, on real machines", () => {
  it("passes when a declared server is selected, and says the offset", async () => {
    await clientFile(`server ${address("time1")} iburst`);
    const check = await prove(declaring([source(address("time1"), "time1")]));
    assert.equal(check.result, "passed", check.detail);
    assert.match(check.detail, /^time1 \(.*\) is selected, offset \d/);
    assert.ok(check.ms < 12_000);
  });

  it("gets a source without iburst selected in time by a burst", async () => {
    await clientFile(`server ${address("time1")}`);
    const check = await prove(declaring([source(address("time1"), "time1")], 40));
    assert.equal(check.result, "passed", check.detail);
  });

  it("finds the declared name among chronyd's addresses", async () => {
    await onHost(lab, "db1", `echo '${address("time1")} clock.lab' >>/etc/hosts`);
    await clientFile("server clock.lab iburst");
    const check = await prove(declaring([source("clock.lab", "time1")]));
    assert.equal(check.result, "passed", check.detail);
  });

  it("tells a name that does not resolve", async () => {
    await clientFile("server nosuch.invalid iburst");
    const check = await prove(declaring([source("nosuch.invalid")], 1));
    assert.deepEqual([check.result, check.code], ["failed", "name-not-resolved"], check.detail);
    assert.match(check.hint ?? "", /getent ahosts nosuch\.invalid/);
  });

  it("tells a source that the running chronyd does not have", async () => {
    await clientFile(`server ${NOBODY} iburst`);
    const check = await prove(declaring([source(address("time1"), "time1")], 1));
    assert.equal(check.code, "source-not-loaded", check.detail);
  });

  it("tells a server outside the inventory that does not answer", async () => {
    await clientFile(`server ${NOBODY} iburst`);
    const check = await prove(declaring([source(NOBODY)], 1), "outside");
    assert.equal(check.code, "no-answer", check.detail);
    assert.match(check.detail, /reach 0/);
  });

  it("is unproven when the declared server could not be reached by the run either", async () => {
    await clientFile(`server ${NOBODY} iburst`);
    const check = await prove(declaring([source(NOBODY, "time1")], 1), "unreachable");
    assert.equal(check.result, "unproven", check.detail);
  });

  it("tells a server that refuses this client", async () => {
    await serverFile("allow 172.31.96.0/24", `deny ${address("db1")}`, "local stratum 10");
    await clientFile(`server ${address("time1")} iburst`);
    const check = await prove(declaring([source(address("time1"), "time1")], 2));
    assert.equal(check.code, "access-denied", check.detail);
    assert.match(check.hint ?? "", new RegExp(`add ${address("db1")} to \`allow\``));
  });

  it("tells a server whose chronyd is stopped", async () => {
    await serverFile("allow 172.31.96.0/24", "local stratum 10");
    await onHost(lab, "time1", "systemctl stop chrony");
    await clientFile(`server ${address("time1")} iburst`);
    const check = await prove(declaring([source(address("time1"), "time1")], 1));
    assert.equal(check.code, "server-down", check.detail);
    assert.equal(check.hint, "on time1: systemctl start chrony");
  });

  it("tells a server that listens nowhere", async () => {
    await serverFile("local stratum 10");
    await clientFile(`server ${address("time1")} iburst`);
    // Without any `allow` chronyd refuses everyone, which is what an administrator must mend.
    const check = await prove(declaring([source(address("time1"), "time1")], 1));
    assert.equal(check.code, "access-denied", check.detail);
    await serverFile("allow 172.31.96.0/24", "local stratum 10", "port 0");
    await clientFile(`server ${address("time1")} iburst`);
    const portless = await prove(declaring([source(address("time1"), "time1")], 1));
    assert.equal(portless.code, "not-listening", portless.detail);
  });

  it("tells a server that has no time to give", async () => {
    await serverFile("allow 172.31.96.0/24");
    await clientFile(`server ${address("time1")} iburst`);
    const check = await prove(declaring([source(address("time1"), "time1")], 4), "outside");
    assert.equal(check.code, "server-unsynchronised", check.detail);
    assert.match(check.hint ?? "", /local_stratum/);
  });

  it("tells a packet filter on the server, and the command that opens it works", async () => {
    await serverFile("allow 172.31.96.0/24", "local stratum 10");
    const rules =
      "nft add table inet site; nft add chain inet site guard '{ type filter hook input priority 0; policy accept; }'; nft add rule inet site guard udp dport 123 drop";
    await onHost(lab, "time1", rules);
    await clientFile(`server ${address("time1")} iburst`);
    const declared = declaring([source(address("time1"), "time1")], 1);
    const check = await prove(declared);
    assert.equal(check.code, "firewall", check.detail);
    assert.equal(check.hint, "on time1: nft insert rule inet site guard udp dport 123 accept");
    await onHost(lab, "time1", (check.hint ?? "").replace("on time1: ", ""));
    await restartUnits(lab, "db1", "chronyd");
    const opened = await prove({ ...declared, verifyTimeout: 12 });
    assert.equal(opened.result, "passed", opened.detail);
    await onHost(lab, "time1", "nft delete table inet site");
  });

  it("tells a packet filter on the client itself", async () => {
    const rules =
      "nft add table inet site; nft add chain inet site out '{ type filter hook output priority 0; policy accept; }'; nft add rule inet site out udp dport 123 drop";
    await onHost(lab, "db1", rules);
    await clientFile(`server ${address("time1")} iburst`);
    const check = await prove(declaring([source(address("time1"), "time1")], 1));
    assert.equal(check.code, "firewall", check.detail);
    assert.match(check.hint ?? "", /^on this host: nft insert rule inet site out udp dport 123 accept$/);
    await onHost(lab, "db1", "nft delete table inet site");
  });

  it("tells a directive that chronyd rejects, in chronyd's words", async () => {
    await assert.rejects(clientFile(`server ${address("time1")} iburst`, "makestepp 1 3"));
    const check = await prove(declaring([source(address("time1"), "time1")], 1));
    assert.equal(check.code, "directive-rejected", check.detail);
    assert.match(check.detail, /makestepp|line 3/);
  });
});

describe("a source that lies about the time, on real machines", () => {
  const liars: FakeNtpResponder[] = [];
  after(() => {
    for (const liar of liars) liar.close();
  });

  async function liar(offset: number): Promise<string> {
    const responder = await startFakeNtpResponder(CONTROLLER, offset);
    liars.push(responder);
    return `server ${CONTROLLER} port ${responder.port} iburst`;
  }

  it("is a falseticker when it disagrees with the others", async () => {
    await serverFile("allow 172.31.96.0/24", "local stratum 10");
    await clientFile(`server ${address("time1")} iburst`, await liar(5));
    const check = await prove(declaring([source(CONTROLLER), source(address("time1"), "time1")]));
    assert.deepEqual([check.result, check.code], ["failed", "falseticker"], check.detail);
  });

  it("is beyond max_offset when it is the only one", async () => {
    await clientFile(await liar(5));
    const check = await prove(declaring([source(CONTROLLER)]));
    assert.deepEqual([check.result, check.code], ["failed", "offset-too-large"], check.detail);
    assert.match(check.detail, /[45]\.\d+ s off .*max_offset allows \(100\.0 ms\)/);
  });
});

describe("whether a time server serves, on real machines", () => {
  const declared: DesiredNtpServer = {
    state: "present",
    allow: ["172.31.96.0/24"],
    deny: [],
    localStratum: 10,
    orphan: false,
    exclusive: false,
    directives: [],
  };

  async function serving(): Promise<Check> {
    const clients = [address("db1")];
    return judgeNtpServing(
      declared,
      await server.ntpEvidence(ntpServingRequest(declared, "chrony", clients)),
      clients,
      "chrony",
      1,
    );
  }

  it("passes with its own clock only", async () => {
    await serverFile("allow 172.31.96.0/24", "local stratum 10");
    const check = await serving();
    assert.equal(check.result, "passed", check.detail);
    assert.match(check.detail, /its own clock at stratum 10/);
  });

  it("fails when it refuses a client, has no time, or is stopped", async () => {
    await serverFile("allow 10.0.0.0/8", "local stratum 10");
    assert.equal((await serving()).code, "access-denied");
    await serverFile("allow 172.31.96.0/24");
    assert.equal((await serving()).code, "server-unsynchronised");
    await onHost(lab, "time1", "systemctl stop chrony");
    assert.equal((await serving()).code, "daemon-inactive");
  });
});

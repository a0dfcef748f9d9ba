import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { after, before, describe, it } from "node:test";
import type { ConnectionSettings } from "../../src/core/connection.ts";
import { realTools } from "../../src/remote/ssh/attempts.ts";
import { createConnector } from "../../src/remote/ssh/connect.ts";
import { processEnvironment } from "../../src/remote/ssh/environment.ts";
import type { Transport } from "../../src/remote/transport.ts";
import type { Lab } from "../lab/lab.ts";
import { fleetLab } from "./fleet-lab.ts";
import { onHost } from "./proof-hosts.ts";

const PORT = 2222;
const CONNECTIONS = 200;

/** Since 9.8 (debian13) sshd has another word for a drop, which may also mean a penalty (PerSourcePenalties). */
for (const machine of ["web1", "log1"]) {
  describe(`${CONNECTIONS} connections to the sshd of ${machine}, which drops logins above MaxStartups 10:30:100`, () => {
    let lab: Lab;
    before(async () => {
      lab = await fleetLab();
      const options = `-o MaxStartups=10:30:100 -o PidFile=none -o LogLevel=VERBOSE`;
      await onHost(
        lab,
        machine,
        `systemd-run -q --unit=lfce-startups $(command -v sshd) -D -p ${PORT} ${options}`,
      );
      await onHost(
        lab,
        machine,
        `for i in $(seq 100); do ss -Hltn 'sport = :${PORT}' | grep -q . && exit; sleep 0.1; done; exit 1`,
      );
    });
    after(async () => {
      await onHost(lab, machine, "systemctl stop lfce-startups");
    });

    const settings = (): ConnectionSettings => ({
      host: machine,
      address: lab.machine(machine).address,
      port: PORT,
      user: "root",
      privateKeyFile: lab.privateKeyPath,
      knownHostsFiles: [lab.knownHostsPath],
      become: false,
      connectTimeoutMs: 60_000,
    });
    const environment = processEnvironment({ HOME: "/nonexistent" });
    const never = new AbortController().signal;
    setMaxListeners(0, never);
    const drops = async () =>
      Number(await onHost(lab, machine, "journalctl -u lfce-startups | grep -c 'drop connection' || true"));

    async function connectAll(connect: () => Promise<Transport>): Promise<number> {
      const before = await drops();
      const settled = await Promise.allSettled(Array.from({ length: CONNECTIONS }, connect));
      const made = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      await Promise.all(made.map((transport) => transport.close()));
      const reasons = settled.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
      assert.deepEqual([...new Set(reasons)], []);
      return (await drops()) - before;
    }

    it("all succeed when one run makes them, and none is dropped", async () => {
      const connector = createConnector(environment);
      assert.equal(await connectAll(() => connector.connect(settings(), never)), 0);
    });

    it("all succeed in the end when as many runs make them at once, although sshd drops many", async () => {
      const notes: string[] = [];
      const tools = { ...realTools, note: (text: string) => void notes.push(text) };
      const dropped = await connectAll(() => createConnector(environment, tools).connect(settings(), never));
      assert.ok(dropped > 0, "nothing was dropped: this shows nothing");
      assert.ok(notes.length > 0);
      process.stdout.write(`${machine}: ${dropped} drops, ${notes.length} new attempts\n`);
    });
  });
}

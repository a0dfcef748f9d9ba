import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import type { AuthContext } from "ssh2";
import { START_MARKER } from "../../src/remote/exec-line.ts";
import type { Lab } from "../lab/lab.ts";
import { must } from "../lab/processes.ts";
import { newKey, type SshServer, type SshServerOptions, startSshServer } from "../ssh/ssh-server.ts";
import { fleetLab } from "./fleet-lab.ts";
import { type LfceRun, type Workplace, workplace } from "./lfce.ts";
import { timeAndLogs } from "./playbooks.ts";

/** As many dead hosts as forks, and they come first. */
const FORKS = 8;
/** Addresses for documentation (RFC 5737), on the lab's bridge, of a card that no machine has: nobody answers. */
const NETWORK = "198.51.100.0/24";
const addressOf = (index: number) => `198.51.100.${index + 1}`;
const NO_CARD = "02:00:5e:00:53:01";
const dead = Array.from({ length: FORKS }, (_, index) => `fake-dead${index + 1}`);
const others = ["fake-refusing", "fake-silent", "fake-hanging", "fake-speechless", "fake-dying"];
/** Signs of life are asked for each second, in place of every 15 s. */
const ALIVE_SOON = "-o ServerAliveInterval=1 -o ServerAliveCountMax=2";
const machines = ["time1", "web1"];

describe("hosts that do not answer, before those that do", () => {
  let lab: Lab;
  let place: Workplace;
  let silent: Server;
  const loggedInto: SshServer[] = [];
  let planned: LfceRun;
  const sockets = new Set<Socket>();

  before(async () => {
    lab = await fleetLab();
    for (const machine of machines) await lab.reset(machine);
    const route = await must(["ip", "route", "get", lab.machine("web1").address]);
    const bridge = / dev (\S+)/.exec(route)?.[1] ?? "";
    await must(["ip", "route", "replace", NETWORK, "dev", bridge]);
    for (const index of dead.keys()) {
      await must(["ip", "neigh", "replace", addressOf(index), "lladdr", NO_CARD, "dev", bridge]);
    }
    silent = createServer((socket) => void sockets.add(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const key = newKey();
    const serve = async (options: Partial<SshServerOptions>): Promise<SshServer> => {
      const server = await startSshServer({ hostKeys: [key], authorized: [], onAuthentication, ...options });
      loggedInto.push(server);
      return server;
    };
    const hanging = await serve({ ignoreExec: true });
    const speechless = await serve({ onExec: () => {} });
    const dying = await serve({
      onExec: (channel) => channel.write(`${START_MARKER}\nnow 1\nui`, () => dying.freeze()),
    });
    const refusing = await closedPort();
    place = workplace("");
    place.write("known_hosts", loggedInto.map(({ port }) => `[127.0.0.1]:${port} ${key.public}\n`).join(""));
    place.write(
      "inventory.yml",
      inventoryText(lab, {
        ...Object.fromEntries(dead.map((name, index) => [name, { address: addressOf(index), port: 22 }])),
        "fake-refusing": { address: "127.0.0.1", port: refusing },
        "fake-silent": { address: "127.0.0.1", port: (silent.address() as AddressInfo).port },
        "fake-hanging": { address: "127.0.0.1", port: hanging.port },
        "fake-speechless": { address: "127.0.0.1", port: speechless.port },
        "fake-dying": { address: "127.0.0.1", port: dying.port, arguments: ALIVE_SOON },
      }),
    );
    planned = await place.json("plan", timeAndLogs(), "--forks", String(FORKS), "--timeout", "8s");
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    silent?.close();
    for (const server of loggedInto) await server.close();
    place?.remove();
    await must(["ip", "route", "delete", NETWORK]);
  });

  it("are told apart", () => {
    const told = [...dead, ...others].map((name) => {
      const { status, error } = planned.host(name);
      return `${name.replace(/\d+$/, "")} ${status} ${error?.code}`;
    });
    assert.deepEqual(
      [...new Set(told)],
      [
        "fake-dead unreachable connect-timeout",
        "fake-refusing unreachable connection-refused",
        "fake-silent unreachable connect-timeout",
        "fake-hanging failed script-timeout",
        "fake-speechless failed script-timeout",
        "fake-dying unreachable connection-lost",
      ],
      planned.trouble,
    );
  });

  it("hold nobody up: whoever is well is finished before the first of them is given up", (context) => {
    context.diagnostic(`${planned.summary.durationMs} ms; --timeout 8 s, 30 s for who logs in and hangs`);
    const order = planned.events.flatMap((event) => (event.event === "host-finished" ? [event.host] : []));
    assert.equal(order.length, dead.length + others.length + machines.length);
    const firstDead = order.findIndex((name) => dead.includes(name));
    for (const machine of machines) {
      assert.equal(planned.host(machine).status, "pending");
      assert.ok(order.indexOf(machine) < firstDead, order.join(" "));
    }
  });
});

/** Whoever comes may log in. */
function onAuthentication(context: AuthContext): true {
  context.accept();
  return true;
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The fakes first; all are clients of time1, which is a machine. */
function inventoryText(
  lab: Lab,
  fakes: Record<string, { address: string; port: number; arguments?: string }>,
): string {
  const fake = Object.entries(fakes).map(
    ([name, { address, port, arguments: given = "" }], index) =>
      `        ${name}: { ansible_host: ${address}, ansible_port: ${port}, ansible_ssh_extra_args: "${given}", service_address: 192.0.2.${index + 1} }`,
  );
  const machine = (name: string) => `        ${name}: { ansible_host: ${lab.machine(name).address} }`;
  return [
    "all:",
    "  vars:",
    "    ansible_user: root",
    `    ansible_ssh_private_key_file: ${lab.privateKeyPath}`,
    `    ansible_ssh_common_args: -o UserKnownHostsFile="${lab.knownHostsPath} known_hosts"`,
    "  children:",
    "    clients:",
    "      hosts:",
    ...fake,
    machine("web1"),
    "    servers:",
    "      hosts:",
    machine("time1"),
    "",
  ].join("\n");
}

import assert from "node:assert/strict";
import { it } from "node:test";
import { LfceError } from "../../../src/core/errors.ts";
import type { HostWay, KeyedMachine, SeenHostKey } from "../../../src/core/host-keys.ts";
import type { TrustEvent } from "../../../src/run/effects.ts";
import { type Decision, trustHosts } from "../../../src/run/trust-hosts.ts";

const machine = (name: string, ...behind: string[]): KeyedMachine => ({
  id: name,
  name,
  knownAs: name,
  behind,
  file: "known_hosts",
});
const way = (...machines: KeyedMachine[]): HostWay => ({ host: machines.at(-1)?.name ?? "", machines });
const newKey = (name: string): SeenHostKey => ({
  type: "ssh-ed25519",
  fingerprint: `SHA256:${name}`,
  encoded: "",
  state: "new",
});

/** Runs trust over machines that all show one new key; `decision` is the answer for each. */
async function run(ways: HostWay[], decision: (name: string) => Decision, broken: string[] = []) {
  const asked: string[] = [];
  const written: string[] = [];
  const events: TrustEvent[] = [];
  let atOnce = 0;
  let most = 0;
  await trustHosts(ways, 3, {
    ask: async ({ name }) => {
      asked.push(name);
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      if (broken.includes(name)) throw new LfceError({ code: "connect-timeout", message: "silent" });
      return { keys: [newKey(name)], warnings: [] };
    },
    write: async (entries) => void written.push(...entries.map((entry) => entry.machine.name)),
    decide: async () => (one) => decision(one.name),
    debug: () => {},
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
  });
  const statuses = events.flatMap((event) =>
    event.event === "host-finished"
      ? [`${event.host} ${event.status} ${event.error?.code ?? ""}`.trim()]
      : [],
  );
  return { asked, written, statuses, most };
}

const jump = machine("jump");

it("asks what lies behind a jump host only when that is trusted", async () => {
  const ways = [way(jump, machine("web1", "jump")), way(machine("web2"))];
  const taken = await run(ways, () => "accept");
  assert.deepEqual(taken.asked, ["jump", "web2", "web1"]);
  assert.deepEqual(taken.written, ["jump", "web2", "web1"]);
  assert.deepEqual(taken.statuses, ["web1 changed", "web2 changed"]);
  const declined = await run(ways, (name) => (name === "jump" ? "decline" : "accept"));
  assert.deepEqual(declined.asked, ["jump", "web2"]);
  assert.deepEqual(declined.written, ["web2"]);
  assert.deepEqual(declined.statuses, ["web1 skipped declined", "web2 changed"]);
});

it("a jump host that does not answer is the one error of all hosts behind it", async () => {
  const ways = ["web1", "web2"].map((name) => way(jump, machine(name, "jump")));
  const { asked, statuses } = await run(ways, () => "accept", ["jump"]);
  assert.deepEqual(asked, ["jump"]);
  assert.deepEqual(statuses, ["web1 unreachable connect-timeout", "web2 unreachable connect-timeout"]);
});

it("a machine on the way to many hosts is asked once, and only so many at once", async () => {
  const names = Array.from({ length: 10 }, (_, index) => `web${index}`);
  const { asked, most } = await run(
    names.map((name) => way(jump, machine(name, "jump"))),
    () => "accept",
  );
  assert.equal(asked.filter((name) => name === "jump").length, 1);
  assert.equal(most, 3);
});

it("keys that contradict what is expected are a failure, not a no", async () => {
  const { statuses, written } = await run([way(machine("web1"))], () => "unexpected");
  assert.deepEqual(statuses, ["web1 failed host-key-unexpected"]);
  assert.deepEqual(written, []);
});

it("keys that nobody can write anywhere are an error of that host", async () => {
  const { file: _, ...nowhere } = machine("web1");
  const { statuses } = await run([way(nowhere), way(machine("web2"))], () => "accept");
  assert.deepEqual(statuses, ["web1 failed known-hosts-not-writable", "web2 changed"]);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostFinished } from "../../src/core/events.ts";
import type { UnstampedEvent } from "../../src/run/effects.ts";
import { runFleet } from "../../src/run/run-fleet.ts";
import type { RunRequest } from "../../src/run/run-request.ts";
import { declare, fakeFleet, type Illness, inventoryText } from "./fake-fleet.ts";

const HOSTS = 500;
const FORKS = 16;

/**
 * A run over a fake fleet: its outcome, how hosts ended in order, and the most connections that were open at once.
 * The time-outs of ill hosts come when all others have ended: a run that waits for them before never ends.
 */
async function run(
  given: Partial<RunRequest> & { hosts?: string[] },
  ill: (host: string) => Illness | undefined = () => undefined,
) {
  const fleet = declare(inventoryText(HOSTS));
  const ended: Omit<HostFinished, "time" | "run">[] = [];
  const waitedFor = [...fleet.hosts.keys()].filter((host) => [undefined, "refusing"].includes(ill(host)));
  let timeOut: () => void = () => {};
  const timedOut = new Promise<void>((resolve) => {
    timeOut = resolve;
  });
  const fake = fakeFleet(fleet, ill, timedOut);
  let mostOpen = 0;
  const emit = (event: UnstampedEvent) => {
    mostOpen = Math.max(mostOpen, fake.open());
    if (event.event === "host-finished") ended.push(event);
    if (ended.length === waitedFor.length) timeOut();
  };
  const request: RunRequest = {
    command: "plan",
    fleet,
    hosts: [...fleet.hosts.keys()],
    forks: FORKS,
    verify: true,
    keepFailed: false,
    playbookFile: "site.yml",
    ...given,
  };
  const outcome = await runFleet(request, { ...fake, emit });
  return { outcome, ended, mostOpen, left: fake.open() };
}

describe("500 hosts over a fake transport", () => {
  it("are as declared, and proven, with no more connections than forks and servers", async () => {
    for (const command of ["plan", "drift", "verify", "apply"] as const) {
      const { outcome, ended, mostOpen, left } = await run({ command });
      assert.equal(outcome.hosts.unchanged, HOSTS, command);
      assert.equal(new Set(ended.map(({ host }) => host)).size, HOSTS);
      assert.ok(mostOpen <= FORKS + 4, `${mostOpen} connections`);
      assert.equal(left, 0);
      if (command === "plan" || command === "drift") continue;
      // A client's source and its message that arrived; each server's reception.
      assert.equal(outcome.checks.passed, 2 * (HOSTS - 4) + 4, command);
      assert.equal(outcome.checks.failed + outcome.checks.unproven, 0, command);
    }
  });

  it("finish while others are dead, though as many dead ones as forks come first", async () => {
    const isDead = (host: string) => /^host000(0[1-9]|1[0-6])\./.test(host);
    const { outcome, ended } = await run({}, (host) => (isDead(host) ? "dead" : undefined));
    assert.equal(outcome.hosts.unreachable, 16);
    assert.equal(outcome.hosts.unchanged, HOSTS - 16);
    assert.ok(ended.slice(-16).every(({ host }) => isDead(host)));
  });

  it("finish beside a hanging and a refusing one", async () => {
    const ill: Record<string, Illness> = { "host00001.example.org": "hanging", time1: "refusing" };
    const { outcome, ended } = await run({}, (host) => ill[host]);
    assert.deepEqual(
      ended.filter(({ status }) => status !== "unchanged").map(({ host, status }) => [host, status]),
      [
        ["time1", "unreachable"],
        ["host00001.example.org", "failed"],
      ],
    );
    assert.equal(outcome.hosts.unchanged, HOSTS - 2);
  });
});

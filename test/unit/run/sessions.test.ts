import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import type { ConnectionSettings } from "../../../src/core/connection.ts";
import type { HostSession } from "../../../src/core/host-session.ts";
import { createSessions } from "../../../src/run/sessions.ts";

const web1 = { host: "web1" } as ConnectionSettings;

/** Sessions over a host that refuses the first `refusals` connections, with a clock that stands still. */
function world(refusals = 0) {
  const log: string[] = [];
  const clock = { now: 0 };
  const stop = new AbortController();
  const effects = {
    connect: async ({ host }: ConnectionSettings) => {
      log.push(`connect ${host}`);
      if (log.length <= refusals) throw new Error("refused");
      return { close: async () => void log.push(`close ${host}`) } as HostSession;
    },
    now: () => clock.now,
    signal: stop.signal,
  };
  return { log, clock, stop, sessions: createSessions(effects, new Set()) };
}

describe("connections that are opened ahead", () => {
  it("are what is got later", async () => {
    const { log, sessions } = world();
    sessions.warm(web1);
    sessions.warm(web1);
    assert.equal(await sessions.get(web1), await sessions.get(web1));
    await sessions.release("web1");
    assert.deepEqual(log, ["connect web1", "close web1"]);
  });

  it("tell why they failed to who gets them, once", async () => {
    const { log, sessions } = world(1);
    sessions.warm(web1);
    await assert.rejects(sessions.get(web1), /refused/);
    await sessions.get(web1);
    assert.deepEqual(log, ["connect web1", "connect web1"]);
  });

  it("leave nothing behind on the signal of the run, whether they were got, failed or given up", async () => {
    const { stop, sessions } = world(1);
    const hosts = ["fails", "got", "given-up"].map((host) => ({ host }) as ConnectionSettings);
    for (const settings of hosts) sessions.warm(settings);
    for (const settings of hosts.slice(0, 2)) await sessions.get(settings).catch(() => {});
    assert.equal(getEventListeners(stop.signal, "abort").length, 2);
    await sessions.closeAll();
    assert.deepEqual(getEventListeners(stop.signal, "abort"), []);
  });

  it("are made anew when nothing went over them for long", async () => {
    const { log, clock, sessions } = world();
    sessions.warm(web1);
    clock.now = 60_000;
    await sessions.get(web1);
    await sessions.closeAll();
    assert.deepEqual(log, ["connect web1", "connect web1", "close web1", "close web1"]);
  });

  it("are given up when nobody gets them, however long the host takes", async () => {
    let until: AbortSignal | undefined;
    const connect = (_settings: ConnectionSettings, signal: AbortSignal) => {
      until = signal;
      return new Promise<HostSession>((_, reject) =>
        signal.addEventListener("abort", () => reject(new Error("aborted"))),
      );
    };
    const { signal } = new AbortController();
    const sessions = createSessions({ connect, now: () => 0, signal }, new Set());
    sessions.warm(web1);
    await sessions.release("web1");
    assert.equal(until?.aborted, true);
  });

  it("are closed when nobody gets them, and not begun after an interrupt", async () => {
    const { log, stop, sessions } = world();
    sessions.warm(web1);
    stop.abort();
    sessions.warm({ host: "web2" } as ConnectionSettings);
    await sessions.closeAll();
    assert.deepEqual(log, ["connect web1", "close web1"]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expandPlaybook } from "../../../src/config/host-roles.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { LfceError } from "../../../src/core/errors.ts";
import type { HostFinished } from "../../../src/core/events.ts";
import type { SyslogEvidence } from "../../../src/core/evidence.ts";
import type { HostSession, ObserveRequest } from "../../../src/core/host-session.ts";
import type { ObservedHost } from "../../../src/core/observed.ts";
import { debian } from "../../../src/distros/debian.ts";
import { declareFleet } from "../../../src/plan/declare-fleet.ts";
import { resolveNames } from "../../../src/plan/resolve-names.ts";
import { runFleet } from "../../../src/run/run-fleet.ts";
import { planRsyslog } from "../../../src/services/rsyslog/plan.ts";
import { hostOf, main } from "../services/rsyslog/drift-scene.ts";
import { carriedOut } from "../services/rsyslog/host.ts";
import { plainMain } from "../services/rsyslog/server-host.ts";
import { silentEvidence } from "../services/rsyslog/silent-evidence.ts";

const playbook = `
- name: clients
  hosts: web
  roles:
    - role: syslog_client
- name: servers
  hosts: log1
  roles:
    - role: syslog_server
      store: { file: "/var/log/remote/{host}.log" }
`;

const log = "/var/log/remote/web1.log";

interface Night {
  /** Changes what is seen of a host; absent: it is as declared, and its connection is up. */
  seen?: Record<string, (observed: ObservedHost) => void>;
  unreachable?: string[];
  /** Seconds since the server wrote web1's file. */
  age?: number;
  reached?: SyslogEvidence["reachable"][number]["outcome"];
  forks?: number;
  /** Held back until all others that can have finished. */
  slow?: string;
}

interface Told {
  hosts: Map<string, HostFinished>;
  /** Hosts that were asked a second time. */
  asked: string[];
  names(host: string): string[];
  link(host: string): string | undefined;
}

/** One drift run over a log server and two clients, all as lfce leaves them but for what is said. */
async function drift(night: Night): Promise<Told> {
  const inventory = loadInventory({
    inventories: [
      {
        file: {
          path: "hosts.yml",
          text: "all:\n  children:\n    web:\n      hosts:\n        web1: { ansible_host: 10.0.0.2 }\n        web2: { ansible_host: 10.0.0.3 }\n  hosts:\n    log1: { ansible_host: 10.0.0.1 }\n",
        },
        variableFiles: [],
      },
    ],
    extraVariables: {},
    environment: { home: "/home/tester", connectTimeoutMs: 1000 },
  });
  const loaded = loadPlaybook({ path: "site.yml", text: playbook });
  const fleet = declareFleet(loaded.name, expandPlaybook(loaded, inventory), inventory);
  const hosts = new Map<string, HostFinished>();
  const asked: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });

  const observe = (name: string, request: ObserveRequest): ObservedHost => {
    const declaration = fleet.hosts.get(name);
    const desired = declaration && resolveNames(declaration, fleet, {}).rsyslog;
    assert.ok(desired);
    const plain = new Map([[main, plainMain]]);
    const observed = hostOf(carriedOut(plain, planRsyslog(desired, hostOf(plain), debian)));
    observed.osRelease = { ID: "debian" };
    observed.connections = [
      { protocol: "tcp", state: "established", address: "10.0.0.1", port: 514, sendQueue: 0 },
    ];
    observed.listeners = [{ protocol: "tcp", address: "0.0.0.0", port: 514 }];
    observed.lists = Object.fromEntries((request.list ?? []).map((pattern) => [pattern, []]));
    if (observed.lists[log]) {
      observed.lists[log] = [log];
      observed.files[log] = { path: log, kind: "file", mtime: observed.now - (night.age ?? 60) };
    }
    night.seen?.[name]?.(observed);
    return observed;
  };
  const session = (name: string): HostSession => {
    const no = () => Promise.reject(new Error("nothing else is asked of a host"));
    return {
      observe: async (request) => {
        if (name === night.slow) await held;
        return observe(name, request);
      },
      syslogEvidence: async () => {
        asked.push(name);
        return evidence(night.reached ?? "open");
      },
      install: no,
      apply: no,
      committedChanges: no,
      ntpEvidence: no,
      logNonce: no,
      watchForNonces: no,
      close: async () => {},
    };
  };
  const run = runFleet(
    {
      command: "drift",
      fleet,
      hosts: [...fleet.hosts.keys()],
      forks: night.forks ?? 8,
      verify: true,
      keepFailed: false,
      playbookFile: "site.yml",
    },
    {
      connect: async ({ host }) => {
        if (night.unreachable?.includes(host)) {
          throw new LfceError({ code: "connection-refused", message: `${host} refuses connections` });
        }
        return session(host);
      },
      now: () => 0,
      freshId: () => "1",
      wait: async () => {},
      debug: () => {},
      emit: (event) => {
        if (event.event === "host-finished") hosts.set(event.host, event as HostFinished);
      },
      signal: new AbortController().signal,
    },
  );
  // Everything that does not wait for the slow host comes to its end first.
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  release();
  await run;
  return {
    hosts,
    asked,
    names: (host) => (hosts.get(host)?.drift ?? []).map(({ code, item }) => `${code} ${item}`),
    link: (host) =>
      hosts
        .get(host)
        ?.links?.map(({ to, state }) => `${to} ${state}`)
        .join(),
  };
}

const unconnected = (observed: ObservedHost) => {
  observed.connections = [];
};
const stopped = (observed: ObservedHost) => {
  const unit = observed.units.rsyslog;
  if (unit) observed.units.rsyslog = { ...unit, active: "inactive", sub: "dead" };
};

describe("drift of logs over a fleet", () => {
  it("finds nothing where all is well, and asks no host twice", async () => {
    const told = await drift({});
    assert.deepEqual(["log1", "web1", "web2"].map(told.names), [[], [], []]);
    assert.deepEqual([told.link("web1"), told.link("log1")], ["log1 in-use", ""]);
    assert.deepEqual(told.asked, []);
  });

  it("tells on the client that its server's file does not grow, and of no other client", async () => {
    const told = await drift({ age: 100_000 });
    assert.deepEqual(["log1", "web1", "web2"].map(told.names), [[], [`log-not-growing log1:${log}`], []]);
  });

  it("does so also where the server is looked at last, or the hosts come one after the other", async () => {
    for (const night of [{ slow: "log1" }, { forks: 1 }]) {
      const told = await drift({ age: 100_000, ...night });
      assert.deepEqual(told.names("web1"), [`log-not-growing log1:${log}`]);
    }
  });

  it("asks a client without a connection why, and tells it only where the server cannot be reached", async () => {
    const open = await drift({ seen: { web1: unconnected }, reached: "open" });
    assert.deepEqual([open.names("web1"), open.asked, open.link("web1")], [[], ["web1"], "log1 unknown"]);
    const refused = await drift({ seen: { web1: unconnected }, reached: "refused" });
    assert.deepEqual(refused.names("web1"), ["forward-not-connected tcp/10.0.0.1:514"]);
    assert.equal(refused.link("web1"), "log1 broken");
    assert.deepEqual([refused.names("web2"), refused.names("log1")], [[], []]);
  });

  it("leaves a server's fault with the server, whichever is looked at first", async () => {
    for (const slow of ["log1", "web1"]) {
      const seen = { web1: unconnected, log1: stopped };
      const told = await drift({ seen, reached: "refused", age: 100_000, slow });
      assert.deepEqual(told.names("log1"), ["unit-inactive rsyslog"]);
      assert.deepEqual([told.names("web1"), told.link("web1")], [[], "log1 broken"]);
      assert.equal(told.hosts.get("web1")?.status, "unchanged");
    }
  });

  it("takes a server with older files for a working one as long as its port is open", async () => {
    const stale = (port: number) => (observed: ObservedHost) => {
      const file = observed.files[main];
      if (file) observed.files[main] = { ...file, mtime: observed.now - 10 };
      observed.listeners = [{ protocol: "tcp", address: "0.0.0.0", port }];
    };
    const names = async (port: number) => {
      const told = await drift({ seen: { web1: unconnected, log1: stale(port) }, reached: "refused" });
      assert.deepEqual(told.names("log1"), ["unit-stale rsyslog"]);
      return told.names("web1");
    };
    assert.deepEqual(await names(514), ["forward-not-connected tcp/10.0.0.1:514"]);
    assert.deepEqual(await names(22), []);
  });

  it("tells nothing of clients whose server cannot be looked at, but that the link is broken", async () => {
    const told = await drift({ seen: { web1: unconnected }, reached: "timeout", unreachable: ["log1"] });
    assert.equal(told.hosts.get("log1")?.status, "unreachable");
    assert.deepEqual([told.names("web1"), told.link("web1")], [[], "log1 broken"]);
  });

  it("does not say twice what a client's own fault brings about", async () => {
    const seen = {
      web1: (observed: ObservedHost) => {
        stopped(observed);
        unconnected(observed);
      },
    };
    const told = await drift({ seen, reached: "refused", age: 100_000 });
    assert.deepEqual([told.names("web1"), told.link("web1")], [["unit-inactive rsyslog"], "log1 broken"]);
    assert.deepEqual(told.asked, []);
  });
});

function evidence(outcome: SyslogEvidence["reachable"][number]["outcome"]): SyslogEvidence {
  return { ...silentEvidence, reachable: [{ address: "10.0.0.1", port: 514, outcome }] };
}

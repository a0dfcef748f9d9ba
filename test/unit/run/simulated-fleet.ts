import { expandPlaybook } from "../../../src/config/host-roles.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import { loadPlaybook } from "../../../src/config/playbook.ts";
import { LfceError, type Warning } from "../../../src/core/errors.ts";
import type { HostFinished } from "../../../src/core/events.ts";
import type { NtpEvidence } from "../../../src/core/evidence.ts";
import type { HostSession } from "../../../src/core/host-session.ts";
import type { PutBackChange } from "../../../src/core/observed.ts";
import type { Transaction } from "../../../src/core/transaction.ts";
import { debian } from "../../../src/distros/debian.ts";
import type { FleetDeclaration } from "../../../src/plan/declaration.ts";
import { declareFleet } from "../../../src/plan/declare-fleet.ts";
import type { RunEffects, UnstampedEvent } from "../../../src/run/effects.ts";
import { type RunOutcome, runFleet } from "../../../src/run/run-fleet.ts";
import type { RunRequest } from "../../../src/run/run-request.ts";
import { observe } from "../services/chrony/virtual-host.ts";

const mainFile = debian.services.chrony.mainFile;

/** A host that is only simulated: it holds chrony's file and does what it is told. */
export interface SimulatedHost {
  content: string;
  unreachable?: boolean;
  /** Its chronyd never selects a source. */
  deaf?: boolean;
  /** Somebody masked its chrony. */
  masked?: boolean;
  /** It has no chrony yet. */
  bare?: boolean;
  /** What chrony.conf was before a run that was cut off, and left its transaction open. */
  cutOff?: string;
  /** What is odd about the connection to it. */
  warnings?: Warning[];
  /** Nothing works on it but the login. */
  broken?: boolean;
  /** A run that was cut off had made ready a change, and nothing more. */
  madeReady?: boolean;
  /** Why it put back its last change by itself; a transaction that comes after it ends that. */
  putBack?: string;
  /** Its next transaction does not become healthy. */
  unhealthy?: boolean;
  /** Hears what happens to it, as it begins. */
  onEvent?: (what: string) => void;
  /** What it waits for before it answers a look. */
  beforeLook?: () => Promise<void>;
  /** What happened to it, in order. */
  log: string[];
}

export interface SimulatedFleet {
  hosts: Map<string, SimulatedHost>;
  events: UnstampedEvent[];
  /** What the playbook wants of them. */
  declaration: FleetDeclaration;
  /** Everything that happened, over all hosts, as `HOST: WHAT`. */
  log: string[];
  /** Milliseconds; stands still unless somebody sets it. */
  clock: { now: number };
  /** The first Ctrl-C. */
  interrupt: AbortController;
  run(request: Partial<RunRequest>): Promise<RunOutcome>;
  finished(host: string): HostFinished;
}

/** A fleet of simulated Debian hosts under one playbook; addresses are 192.0.2.1, .2 and so on. */
export function simulatedFleet(playbookText: string, names: readonly string[]): SimulatedFleet {
  const inventoryText = `all:\n  hosts:\n${names
    .map((name, index) => `    ${name}: { ansible_host: 192.0.2.${index + 1} }\n`)
    .join("")}`;
  const inventory = loadInventory({
    inventories: [{ file: { path: "hosts.yml", text: inventoryText }, variableFiles: [] }],
    extraVariables: {},
    environment: { home: "/home/tester", connectTimeoutMs: 1000 },
  });
  const playbook = loadPlaybook({ path: "test.yml", text: playbookText });
  const fleet = declareFleet(playbook.name, expandPlaybook(playbook, inventory), inventory);
  const hosts = new Map<string, SimulatedHost>(
    names.map((name) => [
      name,
      { content: "driftfile /var/lib/chrony/drift\npool ntp.example iburst\n", log: [] },
    ]),
  );
  const events: UnstampedEvent[] = [];
  const log: string[] = [];
  const interrupt = new AbortController();
  const clock = { now: 0 };
  let identifiers = 0;
  const effects: RunEffects = {
    connect: async (settings) => {
      const host = hosts.get(settings.host);
      if (!host || host.unreachable) {
        throw new LfceError({ code: "connection-refused", message: `${settings.host} refuses connections` });
      }
      return simulatedSession(host, (what) => {
        // A connection over which nothing went is no contact: it was opened for a wave that did not come.
        if (what === "close" && host.log.length === 0) return;
        host.log.push(what);
        log.push(`${settings.host}: ${what}`);
        host.onEvent?.(what);
      });
    },
    now: () => clock.now,
    freshId: () => {
      identifiers += 1;
      return String(identifiers);
    },
    wait: async () => {},
    debug: () => {},
    emit: (event) => void events.push(event),
    signal: interrupt.signal,
  };
  return {
    hosts,
    events,
    declaration: fleet,
    log,
    clock,
    interrupt,
    run: (request) =>
      runFleet(
        {
          command: "apply",
          fleet,
          hosts: [...fleet.hosts.keys()],
          forks: 8,
          verify: true,
          keepFailed: false,
          playbookFile: "test.yml",
          ...request,
        },
        effects,
      ),
    finished: (name) => {
      const found = events.find((event) => event.event === "host-finished" && event.host === name);
      if (found?.event !== "host-finished") throw new Error(`${name} has not finished`);
      return found as HostFinished;
    },
  };
}

function simulatedSession(host: SimulatedHost, say: (what: string) => void): HostSession {
  const notSimulated = () => Promise.reject(new Error("this is not simulated"));
  let isOpen = true;
  const useConnection = (what: string) => {
    if (!isOpen)
      throw new LfceError({ code: "connection-lost", message: `${what} over a closed connection` });
    say(what);
  };
  return {
    ...(host.warnings ? { warnings: host.warnings } : {}),
    observe: async (request) => {
      // The second question where files change, about the room for them, is left out of the log.
      if (!request.space) useConnection("observe");
      await host.beforeLook?.();
      if (host.broken) throw new LfceError({ code: "no-shell", message: "no commands here" });
      const facts = {
        osRelease: { ID: "debian" },
        ...(host.cutOff === undefined ? {} : { openTransaction: { id: "cut-off", state: "open" } }),
        ...(host.madeReady ? { openTransaction: { id: "made-ready", state: "prepared" } } : {}),
        ...(host.putBack === undefined ? {} : { putBack: putBackChange(host.putBack) }),
        chronyc: simulatedChronyc(host),
        ...(host.bare ? { programs: {}, units: {}, versions: {} } : {}),
      };
      const unit = host.masked ? ({ load: "masked", enabled: "masked" } as const) : {};
      return observe({ files: { [mainFile]: host.content }, distro: debian, facts, unit });
    },
    apply: async (transaction: Transaction, settling) => {
      useConnection("apply");
      const notices = host.cutOff === undefined ? [] : ["an interrupted change (cut-off) was put back first"];
      host.content = host.cutOff ?? host.content;
      delete host.cutOff;
      const before = host.content;
      const change = transaction.files.find((file) => file.path === mainFile);
      if (change && change.before?.content !== before) {
        throw new LfceError({ code: "changed-meanwhile", message: "it is not what the plan was made from" });
      }
      if (host.unhealthy)
        throw new LfceError({ code: "unhealthy", message: "chrony is not running after the change" });
      host.content = change?.after ?? before;
      settling?.();
      delete host.putBack;
      delete host.madeReady;
      return {
        notices,
        commit: async () => say("commit"),
        rollback: async (reason) => {
          say("rollback");
          host.content = before;
          return { reason, restoredFiles: [mainFile], restartedUnits: ["chrony"], healthy: true };
        },
      };
    },
    committedChanges: notSimulated,
    ntpEvidence: async ({ accessChecks }) => {
      useConnection("prove");
      return simulatedEvidence(host, accessChecks);
    },
    install: async (_manager, packages) => {
      useConnection("install");
      host.bare = false;
      return packages.join(" ");
    },
    logNonce: notSimulated,
    watchForNonces: notSimulated,
    syslogEvidence: notSimulated,
    close: async () => {
      isOpen = false;
      say("close");
    },
  };
}

function putBackChange(because: string): PutBackChange {
  return {
    id: "before",
    playbook: "test.yml",
    because,
    restored: [mainFile],
    broken: [],
    servicesCameBack: true,
  };
}

/** chronyd with its first server selected, or with one that never answers; further ones do not answer. */
function simulatedChronyc(host: SimulatedHost): { sources: string; tracking: string } {
  const server = /^server (\S+)/m.exec(host.content)?.[1];
  const source = host.deaf
    ? `^,?,${server},0,6,0,4294967295,0.0,0.0,0.0`
    : `^,*,${server},10,6,17,1,0.0,0.0,0.0`;
  const others = [...host.content.matchAll(/^server (\S+)/gm)]
    .slice(1)
    .map(([, other]) => `^,?,${other},0,6,0,4294967295,0.0,0.0,0.0\n`);
  const reference = server === undefined ? "7F7F0101,,10" : `C0000201,${server},11`;
  return {
    sources: server === undefined ? "" : `${source}\n${others.join("")}`,
    tracking: `${reference},1795440000.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,64.0,Normal\n`,
  };
}

function simulatedEvidence(host: SimulatedHost, accessChecks: readonly string[]): NtpEvidence {
  const { sources, tracking } = simulatedChronyc(host);
  return {
    ...(host.deaf ? {} : { selectedAfterMs: 1 }),
    unitState: "active",
    sources,
    namedSources: sources,
    tracking,
    ntpdata: "",
    selectdata: "",
    activity: "",
    accessChecks: Object.fromEntries(accessChecks.map((address) => [address, "208 Access allowed"])),
    names: {},
    listeners: [],
    firewalls: [],
    journal: [],
  };
}

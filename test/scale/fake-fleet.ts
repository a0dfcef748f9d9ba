/**
 * A fleet of any size without machines and without SSH: a fake transport. Every host answers at once what a host
 * would that is as the playbook declares it; each answer is made anew, as it would come out of a connection.
 */
import { wait } from "../../src/cli/wait.ts";
import { expandPlaybook } from "../../src/config/host-roles.ts";
import { loadInventory } from "../../src/config/inventory.ts";
import { loadPlaybook } from "../../src/config/playbook.ts";
import { LfceError } from "../../src/core/errors.ts";
import type { NtpEvidence, SyslogEvidence } from "../../src/core/evidence.ts";
import type { HostSession } from "../../src/core/host-session.ts";
import type { ObservedHost } from "../../src/core/observed.ts";
import { debian } from "../../src/distros/debian.ts";
import type { FleetDeclaration, HostDeclaration } from "../../src/plan/declaration.ts";
import { declareFleet } from "../../src/plan/declare-fleet.ts";
import { resolveNames } from "../../src/plan/resolve-names.ts";
import type { RunEffects } from "../../src/run/effects.ts";
import { planChrony } from "../../src/services/chrony/plan.ts";
import { planRsyslog } from "../../src/services/rsyslog/plan.ts";
import { observe } from "../unit/services/chrony/virtual-host.ts";
import { carriedOut, observedHost } from "../unit/services/rsyslog/host.ts";
import { silentEvidence } from "../unit/services/rsyslog/silent-evidence.ts";

const TIME_SERVERS = 3;
const { chrony, rsyslog } = debian.services;
const STOCK: [string, string][] = [
  [
    chrony.mainFile,
    "pool 2.debian.pool.ntp.org iburst\ndriftfile /var/lib/chrony/chrony.drift\nmakestep 1 3\n",
  ],
  [rsyslog.mainFile, 'module(load="imuxsock")\n$IncludeConfig /etc/rsyslog.d/*.conf\n*.* /var/log/syslog\n'],
];

/** The playbook of such a fleet: three time servers, a log server, and clients of both. */
export const PLAYBOOK = `
- name: Time
  hosts: time
  roles: [{ role: ntp_server, allow: [10.0.0.0/8], local_stratum: 10 }]
- name: Logs
  hosts: logs
  roles: [{ role: syslog_server, store: { file: "/var/log/remote/{host}.log", rotate: { keep: 30d } } }]
- name: Clients
  hosts: clients
  roles: [{ role: ntp_client }, { role: syslog_client }]
`;

/** An inventory of `hosts` hosts, the servers among them. */
export function inventoryText(hosts: number): string {
  const line = (name: string, number: number) =>
    `        ${name}: { ansible_host: 10.${number >> 16}.${(number >> 8) & 255}.${number & 255} }\n`;
  const group = (name: string, lines: string[]) => `    ${name}:\n      hosts:\n${lines.join("")}`;
  const servers = Array.from({ length: TIME_SERVERS }, (_, index) => line(`time${index + 1}`, index + 1));
  const others = Array.from({ length: hosts - TIME_SERVERS - 1 }, (_, index) =>
    line(`host${String(index + 1).padStart(5, "0")}.example.org`, index + TIME_SERVERS + 2),
  );
  return `all:\n  vars: { ansible_user: root }\n  children:\n${group("time", servers)}${group("logs", [line("log1", TIME_SERVERS + 1)])}${group("clients", others)}`;
}

/** What the playbook says of such a fleet, from texts to declaration: all that lfce does before the first packet. */
export function declare(inventory: string): FleetDeclaration {
  const loaded = loadInventory({
    inventories: [{ file: { path: "hosts.yml", text: inventory }, variableFiles: [] }],
    extraVariables: {},
    environment: { home: "/home/tester", workingDirectory: "/" },
  });
  const playbook = loadPlaybook({ path: "site.yml", text: PLAYBOOK });
  return declareFleet(playbook.name, expandPlaybook(playbook, loaded), loaded);
}

/** How a host behaves that is not well. */
export type Illness = "dead" | "hanging" | "refusing";

/**
 * Effects over such a fleet, events apart. `ill`: hosts that never come to answer; the dead and the hanging ones among
 * them fail when `timeOut` resolves.
 */
export function fakeFleet(
  fleet: FleetDeclaration,
  ill: (host: string) => Illness | undefined = () => undefined,
  timeOut: Promise<void> = new Promise(() => {}),
): Pick<RunEffects, "connect" | "now" | "freshId" | "wait" | "debug" | "signal"> & { open(): number } {
  const clients = new Map<string, ObservedHost>();
  const nonces = new Map<string, () => void>();
  const seen = new Set<string>();
  const interrupt = new AbortController();
  let open = 0;
  let identifiers = 0;
  const answerOf = (declaration: HostDeclaration): ObservedHost => {
    const isClient = declaration.rsyslog?.client !== undefined;
    const known = clients.get(isClient ? "client" : declaration.host);
    const answer = known ?? asDeclared(declaration, fleet);
    if (!known) clients.set(isClient ? "client" : declaration.host, answer);
    return { ...freshly(answer), hostname: declaration.host, addresses: [declaration.serviceAddress] };
  };
  return {
    open: () => open,
    connect: async (settings) => {
      const illness = ill(settings.host);
      if (illness === "refusing") {
        throw new LfceError({ code: "connection-refused", message: `${settings.host} refuses` });
      }
      if (illness === "dead") {
        await timeOut;
        throw new LfceError({ code: "connect-timeout", message: `${settings.host} did not answer` });
      }
      const declaration = fleet.hosts.get(settings.host);
      if (!declaration) throw new Error(`${settings.host} is not declared`);
      open += 1;
      const session: HostSession = {
        user: "root",
        observe: async () => {
          if (illness !== "hanging") return answerOf(declaration);
          await timeOut;
          throw new LfceError({ code: "script-timeout", message: `${settings.host} says nothing` });
        },
        ntpEvidence: async ({ accessChecks }) => ntpEvidence(declaration, accessChecks),
        syslogEvidence: async () => syslogEvidence(),
        logNonce: async (nonce) => {
          seen.add(nonce);
          nonces.get(nonce)?.();
        },
        watchForNonces: async () => ({
          expect: async (nonce, path) => {
            if (!seen.has(nonce)) await new Promise<void>((resolve) => nonces.set(nonce, resolve));
            nonces.delete(nonce);
            seen.delete(nonce);
            return { path, line: nonce };
          },
          close: async () => {},
        }),
        install: () => notFaked("install"),
        apply: () => notFaked("apply"),
        committedChanges: () => notFaked("committedChanges"),
        close: async () => {
          open -= 1;
        },
      };
      return session;
    },
    now: () => performance.now(),
    freshId: () => {
      identifiers += 1;
      return String(identifiers);
    },
    wait,
    debug: () => {},
    signal: interrupt.signal,
  };
}

function notFaked(what: string): Promise<never> {
  return Promise.reject(new Error(`${what} is not faked: these hosts need no change`));
}

/** What a host answers on which everything was done that its plan asks for. */
function asDeclared(declaration: HostDeclaration, fleet: FleetDeclaration): ObservedHost {
  const resolved = resolveNames(declaration, fleet, {});
  let files = new Map(STOCK);
  if (resolved.chrony) files = carriedOut(files, planChrony(resolved.chrony, observed(files), debian));
  if (!resolved.rsyslog) return observed(files);
  const plan = planRsyslog(resolved.rsyslog, observed(files), debian);
  const host = observed(carriedOut(files, plan));
  for (const { path, mode } of plan.directories) host.files[path] = { path, kind: "directory", mode };
  return host;
}

function observed(files: ReadonlyMap<string, string>): ObservedHost {
  const logs = observedHost(files, rsyslog.mainFile);
  const startedAt = logs.units.rsyslog?.startedAt ?? 0;
  const time = observe({ files: Object.fromEntries(files), distro: debian, unit: { startedAt } });
  return {
    ...logs,
    osRelease: { ID: "debian" },
    programs: { chronyd: "/usr/sbin/chronyd", chronyc: "/usr/bin/chronyc", ...logs.programs },
    versions: { ...time.versions, ...logs.versions },
    units: { ...time.units, ...logs.units },
    globs: { ...time.globs, ...logs.globs },
    chronyc: {
      sources:
        "^,*,10.0.0.1,10,6,377,1,0.0,0.0,0.0\n^,-,10.0.0.2,10,6,377,1,0.0,0.0,0.0\n^,-,10.0.0.3,10,6,377,1,0.0,0.0,0.0\n",
      tracking: TRACKING,
    },
    listeners: [
      { protocol: "tcp", address: "0.0.0.0", port: 514, process: "rsyslogd" },
      { protocol: "udp", address: "0.0.0.0", port: 123, process: "chronyd" },
    ],
    connections: [{ protocol: "tcp", state: "established", address: "10.0.0.4", port: 514, sendQueue: 0 }],
  };
}

const TRACKING = "0A000001,10.0.0.1,11,1795440000.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,64.0,Normal\n";

/** As from a connection: no two hosts share a text. */
function freshly(answer: ObservedHost): ObservedHost {
  const copy = structuredClone(answer);
  for (const file of Object.values(copy.files)) {
    if (file.content !== undefined) {
      file.content = Buffer.from(file.content, "latin1").toString("latin1");
    }
  }
  return copy;
}

function ntpEvidence({ chrony: declared }: HostDeclaration, accessChecks: readonly string[]): NtpEvidence {
  const sources = (declared?.client?.sources ?? [])
    .map(({ address }, index) => `^,${index === 0 ? "*" : "-"},${address},10,6,377,1,0.0,0.0,0.0\n`)
    .join("");
  return {
    selectedAfterMs: 1,
    unitState: "active",
    sources,
    namedSources: sources,
    tracking: TRACKING,
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

function syslogEvidence(): SyslogEvidence {
  return {
    ...silentEvidence,
    listeners: [{ protocol: "tcp", address: "0.0.0.0", port: 514, process: "rsyslogd" }],
  };
}

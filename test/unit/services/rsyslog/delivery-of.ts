import type { SyslogEvidence } from "../../../../src/core/evidence.ts";
import type { DesiredForward } from "../../../../src/services/rsyslog/desired.ts";
import type { Delivery } from "../../../../src/services/rsyslog/proof/probes-delivery.ts";

export const SERVER = "10.0.0.1";
export const CLIENT = "10.0.0.5";
export const NONCE = "lfce-0123";
export const PATH = "/var/log/remote/web1-%Y-%m-%d.log";

/** A message of rsyslogd as the journal has it. */
export function said(text: string, code: number): string {
  return `${text} [v8.2302.0 try https://www.rsyslog.com/e/${code} ]`;
}

export const SUSPENDED = said(
  "action 'action-0-builtin:omfwd' suspended (module 'builtin:omfwd'), retry 0. There should be messages before this one giving the reason for suspension.",
  2007,
);
export const RESUMED = said("action 'action-0-builtin:omfwd' resumed (module 'builtin:omfwd')", 2359);
export const REFUSED = said(`cannot connect to ${SERVER}:514: Connection refused`, 2027);

/** A healthy client that can reach the server's port and has a connection, except for what is given. */
export function sending(change: Partial<SyslogEvidence> = {}): SyslogEvidence {
  return {
    unitState: "active",
    journal: [],
    listeners: [],
    firewalls: [],
    names: {},
    connections: [{ protocol: "tcp", state: "ESTAB", address: SERVER, port: 514, sendQueue: 0 }],
    reachable: [{ address: SERVER, port: 514, outcome: "open" }],
    queueFiles: [],
    found: [],
    mentions: [],
    files: [],
    ...change,
  };
}

/** A healthy server that listens on 514, except for what is given. */
export function receiving(change: Partial<SyslogEvidence> = {}): SyslogEvidence {
  return sending({
    connections: [],
    reachable: [],
    listeners: [
      { protocol: "tcp", address: "0.0.0.0", port: 514, process: "rsyslogd" },
      { protocol: "udp", address: "0.0.0.0", port: 514, process: "rsyslogd" },
    ],
    ...change,
  });
}

export function forward(change: Partial<DesiredForward> = {}): DesiredForward {
  return {
    address: SERVER,
    aliases: [],
    host: "log1",
    protocol: "tcp",
    port: 514,
    selector: ["*.*"],
    queue: { file: "q", maxDisk: "1g", saveOnShutdown: true, written: [] },
    retry: -1,
    ...change,
  };
}

export function delivery(change: Partial<Delivery> = {}): Delivery {
  return {
    forward: forward(),
    client: "web1",
    clientUnit: "rsyslog",
    clientAddresses: [CLIENT],
    evidence: sending(),
    server: { state: "seen", host: "log1", unit: "rsyslog", evidence: receiving() },
    priority: "local6.info",
    nonces: [NONCE],
    path: PATH,
    ...change,
  };
}

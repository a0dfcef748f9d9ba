import type { ObserveRequest } from "../core/host-session.ts";
import { distros } from "../distros/recognise.ts";
import type { SyslogSender } from "../services/rsyslog/desired.ts";
import { spoolPatterns } from "../services/rsyslog/drift-delivery.ts";
import { type ClientFiles, clientLogFiles } from "../services/rsyslog/drift-log-files.ts";
import type { FleetDeclaration, HostDeclaration } from "./declaration.ts";

/** What a drift run looks at on a host beside what a plan needs: spooled queues, and files of received messages. */
export function driftRequestFor(
  declaration: HostDeclaration,
  fleet: FleetDeclaration,
  now?: number,
): Pick<ObserveRequest, "list" | "sockets"> {
  const { client } = declaration.rsyslog ?? {};
  const spools =
    client?.state === "present" ? spoolPatterns([...new Set(distros.map((one) => one.spoolDirectory))]) : [];
  const received = [...receivedFiles(declaration, fleet, now).values()].flatMap(({ patterns }) => patterns);
  const list = [...new Set([...spools, ...received])];
  return { ...(list.length === 0 ? {} : { list }), ...socketsOf(declaration) };
}

/** The tables that show whether a forward is connected, beside those that a plan needs. */
function socketsOf({ chrony, rsyslog }: HostDeclaration): Pick<ObserveRequest, "sockets"> {
  const { client } = rsyslog ?? {};
  const targets =
    client?.state === "present" ? client.forwards.filter(({ protocol }) => protocol === "tcp") : [];
  if (targets.length === 0) return {};
  const isOnlyIpv4 = targets.every(({ address }) => /^\d+\.\d+\.\d+\.\d+$/.test(address));
  return {
    sockets: [
      "tcp",
      ...(isOnlyIpv4 ? [] : ["tcp6" as const]),
      ...(chrony?.server ? (["udp", "udp6"] as const) : []),
    ],
  };
}

/** Where a log server keeps the messages of each of the playbook's clients that sends to it. */
export function receivedFiles(
  { host, rsyslog }: HostDeclaration,
  fleet: FleetDeclaration,
  now?: number,
): Map<string, ClientFiles> {
  const { server } = rsyslog ?? {};
  if (server?.state !== "present") return new Map();
  const clients: SyslogSender[] = [];
  for (const { host: name, rsyslog: other, serviceAddress } of fleet.hosts.values()) {
    const { client } = other ?? {};
    if (client?.state !== "present" || !client.forwards.some((forward) => forward.host === host)) continue;
    clients.push({ host: name, addresses: [serviceAddress] });
  }
  return clientLogFiles(server, clients, now);
}

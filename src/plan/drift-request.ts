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
): Pick<ObserveRequest, "list"> {
  const { client } = declaration.rsyslog ?? {};
  const spools =
    client?.state === "present" ? spoolPatterns([...new Set(distros.map((one) => one.spoolDirectory))]) : [];
  const received = [...receivedFiles(declaration, fleet, now).values()].flatMap(({ patterns }) => patterns);
  const list = [...new Set([...spools, ...received])];
  return list.length === 0 ? {} : { list };
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

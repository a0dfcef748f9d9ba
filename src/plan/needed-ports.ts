import { ntpPort } from "../services/chrony/probes-serving.ts";
import type { NeededPort } from "../services/firewall-hints.ts";
import type { ResolvedHost } from "./resolve-names.ts";

/** The ports on which other hosts must reach this one for its roles. */
export function neededPorts({ chrony, rsyslog }: Pick<ResolvedHost, "chrony" | "rsyslog">): NeededPort[] {
  const ports: NeededPort[] = [];
  if (chrony?.server?.state === "present") ports.push({ protocol: "udp", port: ntpPort(chrony.server) });
  if (rsyslog?.server?.state === "present") {
    ports.push(...rsyslog.server.listen.map(({ protocol, port }) => ({ protocol, port })));
  }
  return ports;
}

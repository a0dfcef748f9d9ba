import type { ServicePlan } from "../core/host-plan.ts";
import type { ObservedHost } from "../core/observed.ts";
import type { DesiredChrony } from "../services/chrony/desired.ts";
import { ntpPort } from "../services/chrony/probes-serving.ts";
import { firewallWarnings, type NeededPort } from "../services/firewall-hints.ts";
import type { DesiredRsyslog } from "../services/rsyslog/desired.ts";

/** Adds to a service's plan what the host's own firewall would do to it, with the command that opens the port. */
export function withFirewallWarnings(
  plan: ServicePlan,
  observed: ObservedHost,
  desired: { chrony?: DesiredChrony | undefined; rsyslog?: DesiredRsyslog | undefined },
): ServicePlan {
  const ports = plan.service === "chrony" ? ntpPorts(desired.chrony) : syslogPorts(desired.rsyslog);
  return { ...plan, warnings: [...plan.warnings, ...firewallWarnings(observed, ports)] };
}

function ntpPorts(desired: DesiredChrony | undefined): NeededPort[] {
  const server = desired?.server;
  return server?.state === "present" ? [{ protocol: "udp", port: ntpPort(server) }] : [];
}

function syslogPorts(desired: DesiredRsyslog | undefined): NeededPort[] {
  const server = desired?.server;
  return server?.state === "present" ? server.listen : [];
}

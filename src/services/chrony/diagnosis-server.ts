import type { Diagnosis } from "../../core/checks.ts";
import type { NtpEvidence } from "../../core/evidence.ts";
import { blockingFirewalls } from "../firewall-hints.ts";
import { parseAccessCheck, parseTracking } from "./chronyc.ts";

/** What this run knows of a time server that is one of the playbook's hosts. */
export interface NtpServerView {
  /** Inventory name, as in `DesiredSource.host`. */
  host: string;
  /** `unreachable` and `failed`: in this run; nothing more is known then. */
  state: "seen" | "unreachable" | "failed";
  /** Its access checks answer for the client's addresses. */
  evidence?: NtpEvidence;
  /** Its chrony unit, for commands. */
  unit: string;
}

/** What surrounds one client. */
export interface NtpClientContext {
  /** The client's chrony unit. */
  unit: string;
  /** Addresses under which servers see this client. */
  clientAddresses: string[];
  servers: NtpServerView[];
}

/** What is wrong on the server, as it says itself. */
export function serverFault(
  view: NtpServerView,
  evidence: NtpEvidence,
  clientAddresses: readonly string[],
): Diagnosis | undefined {
  const { host, unit } = view;
  if (evidence.unitState !== "active") {
    return {
      code: "server-down",
      detail: `no answer from ${host} (reach 0): chronyd is not running there (${evidence.unitState || "unknown"})`,
      hint: `on ${host}: systemctl start ${unit}`,
    };
  }
  const denied = clientAddresses.find(
    (address) => parseAccessCheck(evidence.accessChecks[address] ?? "") === "denied",
  );
  if (denied !== undefined) {
    return {
      code: "access-denied",
      detail: `${host} refuses this client: ${denied} is not in its allow list`,
      hint: `add ${denied} to \`allow\` of the ntp_server role of ${host} and apply the playbook (to see it: chronyc accheck ${denied})`,
    };
  }
  if (
    evidence.listeners.length > 0 &&
    !evidence.listeners.some(({ protocol, port }) => protocol === "udp" && port === 123)
  ) {
    return {
      code: "not-listening",
      detail: `no answer from ${host} (reach 0): nothing there listens on UDP port 123`,
      hint: `give the ntp_server role of ${host} an \`allow\`, and look for a \`port\` directive: chronyd -p | grep -E '^(allow|port)'`,
    };
  }
  const [closed] = clientAddresses.flatMap((peer) =>
    blockingFirewalls(evidence.firewalls, { protocol: "udp", port: 123, direction: "input", peer }),
  );
  if (closed) {
    return {
      code: "firewall",
      detail: `no answer from ${host} (reach 0): ${closed.where} on ${host} ${drops(closed.blocks)} UDP port 123`,
      hint: `on ${host}: ${closed.openCommand}`,
    };
  }
  const tracking = parseTracking(evidence.tracking);
  return tracking && tracking.leap === "Not synchronised" ? notServing(host) : undefined;
}

/** The server answers, but only to say that it does not know the time. */
export function notServing(title: string): Diagnosis {
  return {
    code: "server-unsynchronised",
    detail: `${title} answers but has no time to give: it is not synchronised itself and has no local stratum`,
    hint: "give the server a source of its own, or `local_stratum: 10` in its ntp_server role",
  };
}

/** How surely a firewall is the cause. */
export function drops(blocks: "yes" | "maybe" | "no"): string {
  return blocks === "yes" ? "drops" : "may drop";
}

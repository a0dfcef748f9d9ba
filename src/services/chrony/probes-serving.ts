import { type Check, type Diagnosis, failedCheck } from "../../core/checks.ts";
import type { NtpEvidence, NtpEvidenceRequest } from "../../core/evidence.ts";
import { blockingFirewalls } from "../firewall-hints.ts";
import { LOCAL_REFERENCE, parseAccessCheck, parseTracking } from "./chronyc.ts";
import type { DesiredNtpServer } from "./desired.ts";
import { daemonFault } from "./diagnosis-daemon.ts";

/** What to ask a server's host. A server with `local_stratum` serves at once; another must first find a source. */
export function ntpServingRequest(
  server: DesiredNtpServer,
  unit: string,
  clientAddresses: readonly string[],
): NtpEvidenceRequest {
  return {
    unit,
    waitSeconds: server.localStratum === undefined && !server.orphan ? 30 : 0,
    acceptable: ["*"],
    burst: false,
    accessChecks: [...new Set(clientAddresses)],
    names: [],
  };
}

/**
 * Proof `ntp.serving`: passed when chronyd runs, listens on its NTP port, has time to give (a source of its
 * own, or `local`, whose reference id is 7F7F0101) and said of every one of the client addresses that it allows it;
 * unproven when all is well but for verdicts that it did not give.
 */
export function judgeNtpServing(
  server: DesiredNtpServer,
  evidence: NtpEvidence,
  clientAddresses: readonly string[],
  unit: string,
  ms: number,
): Check {
  const fault = daemonFault(evidence, unit) ?? servingFault(server, evidence, clientAddresses);
  if (fault) return failedCheck("ntp.serving", fault, ms);
  const unasked = clientAddresses.filter((address) => verdictOn(address, evidence) === "unknown");
  if (unasked.length > 0) return unproven(unasked, ms);
  const tracking = parseTracking(evidence.tracking);
  const clock = tracking?.referenceId === LOCAL_REFERENCE ? "its own clock" : `the time of ${tracking?.name}`;
  const [closed] = blockingFirewalls(evidence.firewalls, {
    protocol: "udp",
    port: ntpPort(server),
    direction: "input",
  });
  const but =
    closed?.blocks === "yes"
      ? `; but ${closed.where} drops what clients send (open it: ${closed.openCommand})`
      : "";
  const clients = `${clientAddresses.length} client address${clientAddresses.length === 1 ? "" : "es"}`;
  const detail = `serves ${clock} at stratum ${tracking?.stratum} to ${clients}${but}`;
  return { name: "ntp.serving", result: "passed", detail, ms };
}

function servingFault(
  server: DesiredNtpServer,
  evidence: NtpEvidence,
  clientAddresses: readonly string[],
): Diagnosis | undefined {
  const denied = clientAddresses.filter((address) => verdictOn(address, evidence) === "denied");
  if (denied.length > 0) {
    return {
      code: "access-denied",
      detail: `chronyd refuses clients of this playbook: ${someOf(denied)}`,
      hint: `add them to \`allow\` of the ntp_server role and apply the playbook (to see it: chronyc accheck ${denied[0]})`,
    };
  }
  const port = ntpPort(server);
  const listens = evidence.listeners.some(
    (listener) => listener.protocol === "udp" && listener.port === port,
  );
  if (evidence.listeners.length > 0 && !listens) {
    return {
      code: "not-listening",
      detail: `chronyd runs but does not listen on UDP port ${port}`,
      hint: "it listens only when an `allow` is in force; look at what it has loaded: chronyd -p | grep -E '^(allow|port|bindaddress)'",
    };
  }
  if (parseTracking(evidence.tracking)?.leap === "Not synchronised") {
    return {
      code: "server-unsynchronised",
      detail: "chronyd has no time to give: it is not synchronised and has no local stratum",
      hint: "give it a source that answers (`chronyc sources`), or `local_stratum: 10` in its ntp_server role",
    };
  }
  return undefined;
}

function verdictOn(address: string, { accessChecks }: NtpEvidence): ReturnType<typeof parseAccessCheck> {
  return parseAccessCheck(Object.hasOwn(accessChecks, address) ? (accessChecks[address] ?? "") : "");
}

function unproven(unasked: readonly string[], ms: number): Check {
  return {
    name: "ntp.serving",
    result: "unproven",
    code: "access-not-told",
    detail: `chronyd did not say whether it allows clients of this playbook: ${someOf(unasked)}`,
    hint: `ask it as root: chronyc accheck ${unasked[0]}`,
    ms,
  };
}

function someOf(addresses: readonly string[]): string {
  return addresses.slice(0, 5).join(", ") + (addresses.length > 5 ? ` and ${addresses.length - 5} more` : "");
}

/** The `port` directive (chrony.conf(5)) where the playbook sets one. */
export function ntpPort(server: DesiredNtpServer): number {
  return Number(server.directives.find(({ name }) => name === "port")?.values.at(-1) ?? 123);
}

import type { ObserveRequest } from "../core/host-session.ts";
import type { HostDeclaration } from "../plan/declaration.ts";
import { probePriority } from "../services/rsyslog/selector.ts";
import { accessChecksFor } from "./prove-time.ts";
import type { RunRequest } from "./run-request.ts";

/** What a look at a host is to find out, and to leave open, so that its proofs cost no exec of their own. */
export function proofRequest(
  declaration: HostDeclaration,
  { command, verify, probe, fleet }: Pick<RunRequest, "command" | "verify" | "probe" | "fleet">,
): Pick<ObserveRequest, "accessChecks" | "keepForMessages"> {
  const proves = command === "drift" ? probe === true : command !== "plan" && verify;
  if (!proves) return {};
  const { host, chrony } = declaration;
  return {
    ...(chrony?.server ? { accessChecks: accessChecksFor(host, fleet) } : {}),
    ...(sendsMessages(declaration) ? { keepForMessages: true } : {}),
  };
}

/** Whether the proofs of a host log a message there: for every forward that lets one through. */
function sendsMessages({ rsyslog }: HostDeclaration): boolean {
  const { client } = rsyslog ?? {};
  if (client?.state !== "present") return false;
  return client.forwards.some(({ selector }) => probePriority(selector) !== undefined);
}

import type { Check } from "../core/checks.ts";
import type { SyslogEvidence } from "../core/evidence.ts";
import type { DesiredForward, DesiredSyslogClient } from "../services/rsyslog/desired.ts";
import { deliveryRequest, judgeSyslogMissing } from "../services/rsyslog/proof/probes.ts";
import { probePriority } from "../services/rsyslog/selector.ts";
import type { HostRun, HostView } from "./host-run.ts";
import { ownAddresses, type ProofContext } from "./proof-context.ts";

/** Between two looks at the client, in milliseconds: rsyslogd connects with the first message that it has to send. */
const LOOK_EVERY_MS = 1000;

/**
 * Proves a forward to a server whose files nobody can look into: a probe message is sent, and the client is
 * looked at until it shows that message delivered or the time is up.
 */
export async function proveDelivery(
  run: HostRun,
  view: HostView,
  client: DesiredSyslogClient,
  forward: DesiredForward,
  { effects }: ProofContext,
): Promise<Check> {
  const priority = probePriority(forward.selector);
  const started = effects.now();
  const nonces: string[] = [];
  if (priority !== undefined) {
    nonces.push(`lfce-${effects.freshId()}`);
    await view.session.logNonce(nonces[0] as string, priority);
  }
  for (;;) {
    const elapsed = Math.round(effects.now() - started);
    const check = judgeSyslogMissing(
      {
        forward,
        client: run.declaration.host,
        clientUnit: view.distro.services.rsyslog.unit,
        clientAddresses: ownAddresses(run, view),
        evidence: await clientEvidence(view, client, nonces),
        server: { state: "outside" },
        ...(priority === undefined ? {} : { priority }),
        nonces,
      },
      elapsed,
    );
    const hopeless = priority === undefined || forward.protocol === "udp" || effects.signal.aborted;
    if (check.result !== "unproven" || hopeless || elapsed >= client.verifyTimeout * 1000) return check;
    await effects.wait(LOOK_EVERY_MS, effects.signal);
  }
}

/** What a client says of its logging. */
export function clientEvidence(
  view: HostView,
  client: DesiredSyslogClient,
  nonces: string[],
): Promise<SyslogEvidence> {
  const unit = view.distro.services.rsyslog.unit;
  return view.session.syslogEvidence(deliveryRequest(client, unit, view.distro.spoolDirectory, nonces));
}

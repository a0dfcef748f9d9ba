import type { Check } from "../core/checks.ts";
import type { NonceWatch, SyslogEvidenceRequest } from "../core/evidence.ts";
import type {
  DesiredForward,
  DesiredSyslogClient,
  DesiredSyslogServer,
  SyslogSender,
} from "../services/rsyslog/desired.ts";
import { judgeSyslogMissing, receptionRequest, syslogArrived } from "../services/rsyslog/proof/probes.ts";
import type { Delivery, SyslogServerView } from "../services/rsyslog/proof/probes-delivery.ts";
import { judgeSyslogListening } from "../services/rsyslog/proof/probes-listening.ts";
import { probePriority } from "../services/rsyslog/selector.ts";
import { proofPath, type ReportedNames, storeRuleFor } from "../services/rsyslog/server/store-proof.ts";
import type { HostRun, HostView } from "./host-run.ts";
import { type OtherHost, otherHost, ownAddresses, type ProofContext } from "./proof-context.ts";
import { clientEvidence, proveDelivery } from "./prove-outside.ts";
import { isStillSo, listeningAsSeen } from "./prove-seen.ts";
import { type RoundTrip, sendUntilSeen } from "./send-nonces.ts";

/** The tag of lfce's own messages: what `{program}` becomes in a file name. */
const NONCE_PROGRAM = "lfce";

/** Whether a log server holds every declared port. */
export async function proveListening(
  run: HostRun,
  view: HostView,
  server: DesiredSyslogServer,
  context: ProofContext,
): Promise<Check> {
  const unit = view.distro.services.rsyslog.unit;
  const seen = isStillSo(run, context) ? listeningAsSeen(view, server, unit) : undefined;
  if (seen) return seen;
  const started = context.effects.now();
  const evidence = await view.session.syslogEvidence(
    receptionRequest(server, unit, view.distro.spoolDirectory, [], []),
  );
  return judgeSyslogListening(server, evidence, unit, Math.round(context.effects.now() - started));
}

/** Whether messages of a client arrive where one forward sends them; if not, both sides are asked why. */
export async function proveArrival(
  run: HostRun,
  view: HostView,
  client: DesiredSyslogClient,
  forward: DesiredForward,
  context: ProofContext,
): Promise<Check> {
  const priority = probePriority(forward.selector);
  let server = forward.host === undefined ? undefined : await otherHost(forward.host, run, context);
  if (server === undefined || (server.state === "seen" && !server.view.resolved.rsyslog?.server)) {
    return proveDelivery(run, view, client, forward, context);
  }
  const expected = server.state === "seen" ? expectedFile(server.view, run, view) : undefined;
  let trip: RoundTrip = { nonces: [], ms: 0 };
  if (server.state === "seen" && priority !== undefined && expected !== undefined) {
    const look = lookOut(server.view, context);
    const timeoutMs = client.verifyTimeout * 1000;
    try {
      const request = { priority, path: expected, timeoutMs };
      trip = await sendUntilSeen(view.session, look, request, context.effects);
    } catch (error) {
      if (!look.lost || context.effects.signal.aborted) throw error;
      context.effects.debug(error);
      server = { state: "unreachable" };
    }
  }
  if (trip.arrived) return syslogArrived(forward, { path: trip.arrived.path, ms: trip.ms });
  const delivery: Delivery = {
    forward,
    client: run.declaration.host,
    clientUnit: view.distro.services.rsyslog.unit,
    clientAddresses: ownAddresses(run, view),
    evidence: await clientEvidence(view, client, trip.nonces),
    server: await serverView(server, forward.host ?? forward.address, trip.nonces, expected),
    ...(priority === undefined ? {} : { priority }),
    nonces: trip.nonces,
    ...(expected === undefined ? {} : { path: expected }),
  };
  return judgeSyslogMissing(delivery, trip.ms);
}

async function serverView(
  server: OtherHost,
  host: string,
  nonces: string[],
  expected: string | undefined,
): Promise<SyslogServerView> {
  if (server.state !== "seen") return { state: server.state, host };
  const declared = server.view.resolved.rsyslog?.server;
  if (!declared) return { state: "outside" };
  const unit = server.view.distro.services.rsyslog.unit;
  const request: SyslogEvidenceRequest = receptionRequest(
    declared,
    unit,
    server.view.distro.spoolDirectory,
    nonces,
    expected === undefined ? [] : [expected],
  );
  try {
    return { state: "seen", host, unit, evidence: await server.view.session.syslogEvidence(request) };
  } catch {
    // A server that cannot be asked any more is part of the diagnosis, not an error of the client's proof.
    return { state: "unreachable", host };
  }
}

/** The declared file on the server for this client, %Y %m %d left for the server's own date. */
function expectedFile(server: HostView, run: HostRun, view: HostView): string | undefined {
  const declared = server.resolved.rsyslog?.server;
  if (!declared) return undefined;
  const sender = senderOn(declared, run, view);
  const reported: ReportedNames = { hostname: view.observed.hostname, program: NONCE_PROGRAM };
  const rule = storeRuleFor(declared, sender, reported);
  return rule && proofPath(rule, sender, reported);
}

/** The client as the server knows it: with the addresses that the server resolved, where a rule names it. */
function senderOn(server: DesiredSyslogServer, run: HostRun, view: HostView): SyslogSender {
  const { host } = run.declaration;
  return sendersOf(server).get(host) ?? { host, addresses: ownAddresses(run, view) };
}

/** Found once a server: every one of its clients asks. */
const sendersKnown = new WeakMap<DesiredSyslogServer, Map<string, SyslogSender>>();

function sendersOf(server: DesiredSyslogServer): Map<string, SyslogSender> {
  const known = sendersKnown.get(server);
  if (known) return known;
  const senders = new Map<string, SyslogSender>();
  for (const { from } of server.store) {
    for (const selection of from) {
      if (selection.kind !== "senders") continue;
      for (const sender of selection.senders) if (!senders.has(sender.host)) senders.set(sender.host, sender);
    }
  }
  sendersKnown.set(server, senders);
  return senders;
}

/** The look-out on a server, and whether it was lost: that is the server's fault, never the client's. */
function lookOut(server: HostView, context: ProofContext): Pick<NonceWatch, "expect"> & { lost: boolean } {
  // Under way while the first message is sent; what goes wrong with it is told to those who expect something.
  watchOn(server, context).catch(() => {});
  const look = {
    lost: false,
    expect: async (nonce: string, path: string, timeoutMs: number) => {
      try {
        const watch = await watchOn(server, context);
        return await watch.expect(nonce, path, timeoutMs);
      } catch (error) {
        look.lost = true;
        throw error;
      }
    },
  };
  return look;
}

function watchOn(server: HostView, context: ProofContext): Promise<NonceWatch> {
  const { host } = server.plan;
  const known = context.watches.get(host);
  if (known) return known;
  const watch = server.session.watchForNonces();
  context.watches.set(host, watch);
  return watch;
}

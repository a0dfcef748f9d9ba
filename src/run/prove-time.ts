import { isAddress } from "../config/address.ts";
import type { Check } from "../core/checks.ts";
import type { NtpEvidence } from "../core/evidence.ts";
import type { FleetDeclaration } from "../plan/declaration.ts";
import type { DesiredNtpClient, DesiredNtpServer } from "../services/chrony/desired.ts";
import type { NtpServerView } from "../services/chrony/diagnosis-server.ts";
import { judgeNtpSelected, ntpSelectedRequest } from "../services/chrony/probes.ts";
import { judgeNtpServing, ntpServingRequest } from "../services/chrony/probes-serving.ts";
import type { HostRun, HostView } from "./host-run.ts";
import { otherHost, ownAddresses, type ProofContext } from "./proof-context.ts";
import { isStillSo, selectedAsSeen, selectedBy, servingAsSeen } from "./prove-seen.ts";

/** chronyd answers one access check at a time: of a large fleet a sample has to do. */
const MOST_ACCESS_CHECKS = 64;

/** Whether an NTP server serves, and whether it lets its clients in. */
export async function proveServing(
  run: HostRun,
  view: HostView,
  server: DesiredNtpServer,
  context: ProofContext,
): Promise<Check> {
  const unit = view.distro.services.chrony.unit;
  const clients = accessChecksFor(run.declaration.host, context.fleet);
  const seen = isStillSo(run, context) ? servingAsSeen(view, server, unit, clients) : undefined;
  if (seen) return seen;
  const started = context.effects.now();
  const request = ntpServingRequest(server, unit, clients);
  const judge = (evidence: NtpEvidence) =>
    judgeNtpServing(server, evidence, clients, unit, Math.round(context.effects.now() - started));
  const first = judge(await view.session.ntpEvidence({ ...request, only: "serving" }));
  return first.result === "passed"
    ? first
    : judge(await view.session.ntpEvidence({ ...request, waitSeconds: 0 }));
}

/** Whether an NTP client has selected a declared source; if not, its servers are asked for their side. */
export async function proveSelected(
  run: HostRun,
  view: HostView,
  client: DesiredNtpClient,
  context: ProofContext,
): Promise<Check> {
  const unit = view.distro.services.chrony.unit;
  const seen = isStillSo(run, context) ? selectedAsSeen(view, client, unit) : undefined;
  if (seen) return seen;
  const { evidence, passed } = await selectionEvidence(view, client, unit);
  if (passed) return passed;
  const addresses = ownAddresses(run, view);
  const judge = (servers: NtpServerView[]) =>
    judgeNtpSelected(client, evidence, { unit, clientAddresses: addresses, servers });
  const first = judge([]);
  if (first.result === "passed") return first;
  const hosts = [...new Set(client.sources.flatMap(({ host }) => host ?? []))];
  return judge(await Promise.all(hosts.map((host) => serverView(host, run, addresses, context))));
}

/** The proof where it passes by what that needs; else all there is to know where a declared source is not fine. */
async function selectionEvidence(
  { session }: HostView,
  client: DesiredNtpClient,
  unit: string,
): Promise<{ evidence: NtpEvidence; passed?: Check | undefined }> {
  const request = ntpSelectedRequest(client, unit);
  const brief = await session.ntpEvidence({ ...request, only: "selection" });
  const { selectedAfterMs } = brief;
  const passed = selectedBy(brief, client, unit);
  if (selectedAfterMs === undefined || passed) return { evidence: brief, passed };
  return { evidence: { ...(await session.ntpEvidence({ ...request, waitSeconds: 0 })), selectedAfterMs } };
}

async function serverView(
  host: string,
  run: HostRun,
  clients: string[],
  context: ProofContext,
): Promise<NtpServerView> {
  const other = await otherHost(host, run, context);
  if (other.state !== "seen") return { host, state: other.state, unit: "chrony" };
  const unit = other.view.distro.services.chrony.unit;
  const evidence = await lookOnce(other.view, unit, clients);
  return evidence ? { host, state: "seen", evidence, unit } : { host, state: "unreachable", unit };
}

/** A server that cannot be asked is part of the diagnosis, not an error of the client's proof. */
async function lookOnce(view: HostView, unit: string, clients: string[]): Promise<NtpEvidence | undefined> {
  try {
    return await view.session.ntpEvidence({
      unit,
      waitSeconds: 0,
      acceptable: ["*"],
      burst: false,
      accessChecks: clients,
      names: [],
    });
  } catch {
    return undefined;
  }
}

/** Addresses of clients that a time server must let in, of many a sample: distinct, as they are asked about. */
export function accessChecksFor(server: string, fleet: FleetDeclaration): string[] {
  const addresses = fleet.references
    .filter((reference) => reference.kind === "ntp" && reference.server === server)
    .flatMap(({ client }) => fleet.hosts.get(client)?.serviceAddress ?? [])
    // A zone is this machine's own word for one of its links; no host knows it.
    .filter((address) => isAddress(address) && !address.includes("%"));
  return [...new Set(addresses)].slice(0, MOST_ACCESS_CHECKS);
}

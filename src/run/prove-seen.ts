import type { Check } from "../core/checks.ts";
import { NOTHING_SAID, type NtpEvidence } from "../core/evidence.ts";
import type { ObservedHost } from "../core/observed.ts";
import type { DesiredNtpClient, DesiredNtpServer } from "../services/chrony/desired.ts";
import { diagnoseSource } from "../services/chrony/diagnosis.ts";
import { judgeNtpSelected } from "../services/chrony/probes.ts";
import { judgeNtpServing } from "../services/chrony/probes-serving.ts";
import type { DesiredSyslogServer } from "../services/rsyslog/desired.ts";
import { judgeSyslogListening } from "../services/rsyslog/proof/probes-listening.ts";
import type { HostRun, HostView } from "./host-run.ts";
import type { ProofContext } from "./proof-context.ts";

/**
 * Whether what this run saw of a host when it looked at it still says how its daemons stand: the run has changed and
 * restarted nothing on it, nor on a server of its. A proof that passes by it needs no exec of its own; one that does not
 * is done as ever.
 */
export function isStillSo(
  run: HostRun,
  { runs, serversOf }: Pick<ProofContext, "runs" | "serversOf">,
): boolean {
  const servers = serversOf.get(run.declaration.host) ?? [];
  return [run, ...servers.map((server) => runs.get(server))].every(isUntouched);
}

/** A server that is no part of the run is only read. */
function isUntouched(run: HostRun | undefined): boolean {
  if (run === undefined) return true;
  if ((run.status ?? "unchanged") !== "unchanged") return false;
  return run.pending === undefined && run.recovered.length === 0 && run.installed.length === 0;
}

/** Proof `ntp.selected` from what was seen: only where every declared source is fine, too. */
export function selectedAsSeen(
  { observed }: HostView,
  client: DesiredNtpClient,
  unit: string,
): Check | undefined {
  const { sources, tracking } = observed.chronyc;
  if (sources === undefined || tracking === undefined) return undefined;
  return selectedBy({ ...ntpEvidenceSeen(observed, unit), selectedAfterMs: 0 }, client, unit);
}

/** Proof `ntp.selected` from evidence that may lack what only a diagnosis needs: where every declared source is fine. */
export function selectedBy(evidence: NtpEvidence, client: DesiredNtpClient, unit: string): Check | undefined {
  const context = { unit, clientAddresses: [], servers: [] };
  const fine = client.sources.every(
    (source) => diagnoseSource(source, client.maxOffset, evidence, context) === undefined,
  );
  return fine ? passed(judgeNtpSelected(client, evidence, context)) : undefined;
}

/** Proof `ntp.serving` from what was seen, where chronyd was asked about all of its clients. */
export function servingAsSeen(
  { observed }: HostView,
  server: DesiredNtpServer,
  unit: string,
  clients: readonly string[],
): Check | undefined {
  const { accessChecks = {}, tracking } = observed.chronyc;
  if (tracking === undefined || !clients.every((address) => Object.hasOwn(accessChecks, address)))
    return undefined;
  // Where no socket is seen nobody could tell whether it listens.
  if (!observed.listeners.some(({ protocol }) => protocol === "udp")) return undefined;
  return passed(judgeNtpServing(server, ntpEvidenceSeen(observed, unit), clients, unit, 0));
}

/** Proof `syslog.listening` from what was seen, where it was seen which programs listen. */
export function listeningAsSeen(
  { observed }: HostView,
  server: DesiredSyslogServer,
  unit: string,
): Check | undefined {
  if (!observed.listeners.some(({ process }) => process !== undefined)) return undefined;
  const { listeners, firewalls } = observed;
  const unitState = observed.units[unit]?.active ?? "unknown";
  const evidence = { ...NOTHING_SAID, unitState, listeners, firewalls };
  return passed(judgeSyslogListening(server, evidence, unit, 0));
}

/** Names stand where they are configured: what resolves from them is not asked for when all is well. */
function ntpEvidenceSeen(observed: ObservedHost, unit: string): NtpEvidence {
  const { sources = "", tracking = "", accessChecks = {} } = observed.chronyc;
  return {
    unitState: observed.units[unit]?.active ?? "unknown",
    sources,
    namedSources: sources,
    tracking,
    ntpdata: "",
    activity: "",
    selectdata: "",
    accessChecks,
    names: observed.names,
    listeners: observed.listeners,
    firewalls: observed.firewalls,
    journal: [],
  };
}

function passed(check: Check): Check | undefined {
  return check.result === "passed" ? check : undefined;
}

import type { DriftFinding } from "../core/drift.ts";
import type { ObservedHost } from "../core/observed.ts";
import { refusedPlaces } from "../plan/refusals.ts";
import { driftChrony } from "../services/chrony/drift.ts";
import { clockOf } from "../services/chrony/drift-clock.ts";
import { ntpLinks } from "../services/chrony/drift-links.ts";
import { afterWait, waitBeforeTelling } from "../services/chrony/drift-wait.ts";
import { errorFinding } from "../services/host-drift.ts";
import { driftLogs } from "./drift-logs.ts";
import type { HostRun, HostView } from "./host-run.ts";
import { putBackWarnings, recordOf } from "./put-back-warning.ts";
import { openChanges } from "./recover.ts";
import type { RunContext } from "./run-context.ts";

/** Findings about chrony on a time server with which its clients may get no answer. */
const NOT_SERVING =
  /^(unit-(inactive|failed|masked|broken|not-found)|package-missing|file-missing|access-|local-|not-listening|other-time-daemon|leap-not-normal|stratum-too-high|chrony-)/;

/** Warnings of a plan that are findings in a drift run. */
const TOLD_AS_FINDINGS: ReadonlySet<string> = new Set([
  "put-back-by-the-host",
  "chrony-managed-elsewhere",
  "managed-elsewhere",
  "forward-left-alone",
  "forward-repeated",
  "other-listener",
  "discarded-before-forward",
  "discarded-before-rules",
]);

/**
 * Everything in which a host is not as declared: time first, then logs, as in a plan. Sets the host's links and clock,
 * and takes out of its warnings what is a finding. Changes nothing on the host, and sends no message.
 */
export async function findDrift(run: HostRun, view: HostView, context: RunContext): Promise<DriftFinding[]> {
  run.links = [];
  const findings = [
    ...leftOver(view.observed),
    ...refused(view),
    ...(await driftTime(run, view, context)),
    ...(await driftLogsOf(run, view, context)),
  ];
  // Told before anything waits for other hosts, which may wait for this one.
  context.logServers.ended(run.declaration.host);
  run.warnings = run.warnings.filter(({ code }) => !TOLD_AS_FINDINGS.has(code));
  return distinct(findings);
}

/** What log servers have to do with it is judged at the host's end (`finishDrifted`). */
async function driftLogsOf(run: HostRun, view: HostView, context: RunContext): Promise<DriftFinding[]> {
  run.logs = await driftLogs(run, view, context);
  return run.logs.findings;
}

/** Looks at chrony a second time only where what is wrong may pass within seconds. */
async function driftTime(run: HostRun, view: HostView, context: RunContext): Promise<DriftFinding[]> {
  const { effects, brokenTimeServers } = context;
  const { chrony } = view.resolved;
  const plan = view.plan.services.find(({ service }) => service === "chrony");
  if (!chrony || !plan) return [];
  let { observed } = view;
  let findings = driftChrony(chrony, observed, view.distro, plan);
  const wait = waitBeforeTelling(chrony, observed, view.distro, findings);
  if (wait && !effects.signal.aborted) {
    observed = afterWait(observed, await view.session.ntpEvidence(wait));
    findings = driftChrony(chrony, observed, view.distro, plan);
  }
  const isBroken = chrony.server !== undefined && findings.some(({ code }) => NOT_SERVING.test(code));
  if (isBroken) brokenTimeServers.add(run.declaration.host);
  else brokenTimeServers.delete(run.declaration.host);
  run.links?.push(...ntpLinks(chrony, observed, view.distro));
  const clock = clockOf(observed);
  if (clock) run.clock = clock;
  return findings;
}

/** What earlier runs left on the host. */
function leftOver(observed: ObservedHost): DriftFinding[] {
  const findings: DriftFinding[] = [];
  const { openTransaction } = observed;
  if (openTransaction) {
    const { id, state } = openTransaction;
    const item = state === "locked" ? "/var/lib/lfce/lock" : recordOf(id);
    const message = "a run of lfce was cut off here, or is at work just now";
    const undone = openChanges(observed).map(({ reason }) => reason);
    findings.push({
      code: "transaction-left-over",
      item,
      message,
      detail: [`state: ${state}`, ...undone].join("\n"),
    });
  }
  const [putBack] = putBackWarnings(observed);
  if (putBack && observed.putBack) {
    const { message, hint } = putBack;
    findings.push({
      code: "change-put-back",
      item: recordOf(observed.putBack.id),
      message,
      ...(hint === undefined ? {} : { detail: hint }),
    });
  }
  return findings;
}

/** What apply would refuse on this host. */
function refused({ plan, observed }: HostView): DriftFinding[] {
  return refusedPlaces(plan.services, observed).map(({ path, error }) => {
    const { covers: _, ...finding } = errorFinding(error, path);
    return finding;
  });
}

/** Two services may say the same of one path. */
function distinct(findings: readonly DriftFinding[]): DriftFinding[] {
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.item}`, finding])).values()];
}

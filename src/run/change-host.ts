import { errorData, LfceError, type LfceErrorData } from "../core/errors.ts";
import { driftRequestFor } from "../plan/drift-request.ts";
import { changesOf, errorsOf, packagesOf, transactionOf, warningsOf } from "../plan/host-plan.ts";
import { neededPorts } from "../plan/needed-ports.ts";
import { refusals } from "../plan/refusals.ts";
import { firewallWarnings } from "../services/firewall-hints.ts";
import { isHostState } from "../services/host-drift.ts";
import { notAgreed } from "./agreement.ts";
import { connectionWarnings } from "./connection-warnings.ts";
import { findDrift } from "./drift-host.ts";
import { finishFixed, isMending } from "./fix-host.ts";
import { hostError, joined, statusAfter } from "./host-errors.ts";
import { cannotServe, finishHost, type HostRun, type HostView } from "./host-run.ts";
import { leaveHost, skipHost } from "./leave-host.ts";
import { lookAt } from "./look.ts";
import type { Place } from "./places.ts";
import { proofFindings } from "./proof-findings.ts";
import { proofRequest } from "./proof-request.ts";
import { putBackWarnings } from "./put-back-warning.ts";
import { acknowledgePutBack, openChanges, putBackOpenChange } from "./recover.ts";
import type { RunContext } from "./run-context.ts";

/** Time beyond the proofs' own time-outs that a host waits for the verdict before it rolls back by itself. */
const LEASE_MARGIN_SECONDS = 60;

/**
 * The first half of a host's way: observe, plan, and (apply only) install and change, up to "healthy and
 * waiting for the proofs". Whatever goes wrong ends the host's way here; `stopped` says why nothing must be changed
 * any more, and is asked once the host was looked at: more hosts than there are places may be waited for until then.
 */
export async function changeHost(
  run: HostRun,
  context: RunContext,
  place: Place,
  stopped: () => LfceErrorData | undefined = () => undefined,
): Promise<void> {
  const { effects, request, sessions } = context;
  const { host } = run.declaration;
  if (effects.signal.aborted) return skipHost(run, context, interrupted(host));
  const reason = serversFailed(run, context);
  if (reason) return skipHost(run, context, reason);
  effects.emit({ event: "host-started", host });
  try {
    // Told also when the host can be looked at no further.
    const session = sessions.get(run.declaration.connection);
    run.warnings.push(...connectionWarnings(await place.whileWaiting(session)));
    const more = {
      ...(request.command === "drift"
        ? driftRequestFor(run.declaration, request.fleet, request.startedAt)
        : {}),
      ...proofRequest(run.declaration, request),
    };
    const ahead = context.looksAhead.take(host, session);
    run.view = await place.whileWaiting(ahead ?? lookAt(run.declaration, request.fleet, sessions, more));
    // As it was found: before anything is put back.
    if (request.command === "drift") await takeDrift(run, run.view, context, place);
    const stop = isMending(request) ? stopped() : undefined;
    if (stop) {
      run.changes = [];
      delete run.drift;
      return finishHost(run, "skipped", effects, stop);
    }
    if (isMending(request) && run.view.observed.openTransaction) {
      await putBackOpenChange(run, run.view, context);
      run.view = await lookAt(run.declaration, request.fleet, sessions);
    }
    if (request.command !== "drift" || run.recovered.length > 0) takePlan(run, run.view);
    if (!isMending(request)) context.looksAhead.begin();
    const changed = notAgreed(host, run.changes, request.agreement);
    const errors = [...(changed ? [changed] : []), ...errorsIn(run.view)];
    if (errors.length > 0 && request.command !== "verify") {
      // Nothing else of the host is changed then, so nothing is announced.
      run.changes = run.recovered;
      if (run.drift === undefined) return finishHost(run, "failed", effects, joined(errors, host, "plan"));
    } else if (isMending(request)) await applyPlan(run, run.view, context);
  } catch (error) {
    effects.debug(error);
    const data = hostError(error, host, run.view && isMending(request) ? "apply" : "observe");
    if (data.code === "interrupted") return finishInterrupted(run, effects);
    finishHost(run, statusAfter(error, data), effects, withInstalled(run, data));
  } finally {
    if (run.status) await leaveHost(run, context);
  }
}

/** The second half: prove, and then commit or put back. */
export async function settleHost(run: HostRun, context: RunContext): Promise<void> {
  if (run.status || !run.view) return;
  const { effects, request } = context;
  const { host } = run.declaration;
  try {
    if (request.command === "plan") finishPlanned(run, run.view, context);
    else if (request.command === "drift" && !run.pending) await finishDrift(run, run.view, context);
    else await settle(run, await proveHost(run, run.view, context), context);
  } catch (error) {
    effects.debug(error);
    const data = hostError(error, host, "apply");
    finishHost(run, statusAfter(error, data), effects, data);
  } finally {
    await leaveHost(run, context);
  }
}

async function takeDrift(run: HostRun, view: HostView, context: RunContext, place: Place): Promise<void> {
  takePlan(run, view);
  // A fault of the declaration says nothing of the host.
  if (!errorsIn(view).every(isHostState)) return;
  run.drift = await place.whileWaiting(findDrift(run, view, context));
}

/** Runs the proofs. What stops the host from being as declared: a failed proof, an error, an interrupt. */
async function proveHost(
  run: HostRun,
  view: HostView,
  { effects, request, proofs }: RunContext,
): Promise<LfceErrorData | undefined> {
  const { host } = run.declaration;
  try {
    if (request.verify && !effects.signal.aborted) run.checks = await proofs.prove(run, view);
  } catch (error) {
    effects.debug(error);
    if (!effects.signal.aborted) return hostError(error, host, "prove");
  }
  if (effects.signal.aborted) return interrupted(host);
  const failed = run.checks.find((check) => check.result === "failed");
  return failed && proofFailed(host, failed);
}

/** What makes the plan impossible: what the planners say, and what apply would refuse. */
function errorsIn({ resolved, plan, observed }: HostView): LfceErrorData[] {
  return [...resolved.errors, ...errorsOf(plan), ...refusals(plan.services, observed)];
}

function takePlan(run: HostRun, view: HostView): void {
  run.changes = [...run.recovered, ...openChanges(view.observed), ...changesOf(view.plan)];
  run.warnings = [
    ...run.declaration.warnings,
    ...connectionWarnings(view.session),
    ...putBackWarnings(view.observed),
    ...warningsOf(view.plan),
    ...firewallWarnings(view.observed, neededPorts(view.resolved)),
  ];
}

async function applyPlan(run: HostRun, view: HostView, context: RunContext): Promise<void> {
  const { effects, request, looksAhead } = context;
  const packages = packagesOf(view.plan);
  const installed = run.changes.filter((change) => change.kind === "package");
  if (packages.length > 0) {
    await view.session.install(view.distro.packageManager, packages);
    run.installed = installed;
    view = await lookAt(run.declaration, request.fleet, context.sessions);
    run.view = view;
    takePlan(run, view);
    run.changes = [...installed, ...run.changes];
    const errors = errorsIn(view);
    if (errors.length > 0) throw new LfceError(joined(errors, run.declaration.host, "plan"));
  }
  if (effects.signal.aborted) return;
  if (run.changes.length === run.recovered.length + installed.length) {
    looksAhead.begin();
    return acknowledgePutBack(run, view, context);
  }
  run.pending = await view.session.apply(
    transactionOf(view.plan, view.observed, {
      id: effects.freshId(),
      playbook: request.playbookFile,
      leaseSeconds: request.leaseSeconds ?? leaseSeconds(view),
      ...(request.madeBy ? { madeBy: request.madeBy } : {}),
      keepFailed: request.keepFailed,
    }),
    looksAhead.begin,
  );
  for (const notice of run.pending.notices) run.warnings.push({ code: "daemon-notice", message: notice });
}

function leaseSeconds({ resolved }: HostView): number {
  const proofs =
    (resolved.chrony?.client?.verifyTimeout ?? 0) + (resolved.rsyslog?.client?.verifyTimeout ?? 0);
  return Math.ceil(proofs) + LEASE_MARGIN_SECONDS;
}

function finishPlanned(run: HostRun, view: HostView, { effects, request, proofs }: RunContext): void {
  if (request.verify) run.checks = proofs.announced(view);
  finishHost(run, run.changes.length > 0 ? "pending" : "unchanged", effects);
}

/** Ends a host of a drift run on which nothing waits for a verdict. */
async function finishDrift(run: HostRun, view: HostView, context: RunContext): Promise<void> {
  const { effects, request } = context;
  if (request.probe && !effects.signal.aborted) {
    const stop = await proveHost(run, view, context);
    run.drift?.push(...proofFindings(run.checks, run.drift));
    if (stop && stop.code !== "proof-failed") return finishHost(run, "failed", effects, stop);
  }
  await finishFixed(run, context);
}

async function settle(run: HostRun, stop: LfceErrorData | undefined, context: RunContext): Promise<void> {
  const { effects, request } = context;
  const interrupt = stop?.code === "interrupted";
  if (run.pending && stop && (interrupt || !request.keepFailed)) {
    const outcome = await run.pending.rollback(stop.code);
    const reason = interrupt ? "the run was interrupted" : stop.message;
    const message = outcome.healthy
      ? `${reason}; everything was put back${staysInstalled(run)}`
      : `${reason}; not everything could be put back: ${outcome.detail ?? "look at the host"}${staysInstalled(run)}`;
    return finishHost(run, outcome.healthy ? "rolled-back" : "failed", effects, { ...stop, message });
  }
  await run.pending?.commit();
  if (request.command === "verify") run.changes = [];
  if (interrupt && !run.pending) return finishInterrupted(run, effects);
  if (stop) return finishHost(run, "failed", effects, stop);
  if (request.command === "drift") return finishFixed(run, context);
  const changed = run.pending || run.recovered.length + run.installed.length > 0;
  finishHost(run, changed ? "changed" : "unchanged", effects);
}

/** An interrupt before the files were changed: the host is as before, but for packages that were installed by then. */
function finishInterrupted(run: HostRun, effects: RunContext["effects"]): void {
  const error = interrupted(run.declaration.host);
  run.changes = [...run.recovered, ...run.installed];
  if (run.changes.length === 0) {
    finishHost(run, "skipped", effects, error);
    return;
  }
  const before =
    run.recovered.length > 0 ? "an earlier, interrupted change was put back, and nothing else" : "nothing";
  const message = `the run was interrupted; ${before} was changed on ${run.declaration.host}${staysInstalled(run)}`;
  finishHost(run, "changed", effects, { ...error, message });
}

/** An error of a host on which packages were installed before: they are not put back, and that is said. */
function withInstalled(run: HostRun, data: LfceErrorData): LfceErrorData {
  const names = run.installed.map(({ target }) => target).join(", ");
  if (names === "") return data;
  return {
    ...data,
    message: `${data.message}\n${names} ${run.installed.length === 1 ? "stays" : "stay"} installed`,
  };
}

function staysInstalled({ installed }: HostRun): string {
  const names = installed.map(({ target }) => target).join(", ");
  return names === "" ? "" : `, except that ${names} ${installed.length === 1 ? "stays" : "stay"} installed`;
}

function proofFailed(host: string, check: HostRun["checks"][number]): LfceErrorData {
  return {
    ...errorData("proof-failed", `${check.name}: ${check.detail}`, check.hint),
    at: { host, phase: "prove" },
  };
}

function interrupted(host: string): LfceErrorData {
  return errorData(
    "interrupted",
    `${host} was left as it was: the run was interrupted`,
    "run the same command again",
  );
}

/** A client all of whose servers failed (or were skipped for such a reason) in this run has nothing to be proven by: it is left alone. */
function serversFailed(run: HostRun, context: RunContext): LfceErrorData | undefined {
  if (context.request.command !== "apply") return undefined;
  const { host } = run.declaration;
  const servers = context.serversOf.get(host) ?? [];
  if (servers.length === 0 || hasOutsideServers(run)) return undefined;
  if (!servers.every((server) => cannotServe(context.runs.get(server)))) return undefined;
  return errorData(
    "servers-failed",
    `not touched: every server it depends on failed or was skipped in this run (${[...new Set(servers)].join(", ")})`,
    "mend the servers and run the same command again",
  );
}

function hasOutsideServers({ declaration: { chrony, rsyslog } }: HostRun): boolean {
  const sources = [...(chrony?.server?.sources ?? []), ...(chrony?.client?.sources ?? [])];
  const targets = [...sources, ...(rsyslog?.client?.forwards ?? [])];
  return targets.some((target) => target.host === undefined);
}

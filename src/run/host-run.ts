import type { Check } from "../core/checks.ts";
import type { DriftFinding, HostClock, HostLink, ResolvedFinding } from "../core/drift.ts";
import type { LfceErrorData, Warning } from "../core/errors.ts";
import type { Change, HostStatus } from "../core/events.ts";
import type { HostSession } from "../core/host-session.ts";
import type { ObservedHost } from "../core/observed.ts";
import { redactSecrets } from "../core/redact.ts";
import type { PendingTransaction } from "../core/transaction.ts";
import type { Distro } from "../distros/distro.ts";
import type { HostDeclaration } from "../plan/declaration.ts";
import type { HostPlan } from "../plan/host-plan.ts";
import type { ResolvedHost } from "../plan/resolve-names.ts";
import type { RunEffects } from "./effects.ts";

/** What was seen of a host, and what has to happen there. */
export interface HostView {
  session: HostSession;
  observed: ObservedHost;
  distro: Distro;
  resolved: ResolvedHost;
  plan: HostPlan;
}

/** In how far rsyslog on one host is not as declared. */
export interface LogDrift {
  /** What the host itself tells. */
  findings: DriftFinding[];
  /** Inventory names of the log servers without which the rest cannot be judged. */
  servers: string[];
  /** The rest: once those servers were looked at, or will not be. */
  judge(): { findings: DriftFinding[]; links: HostLink[]; unjudged: string[] };
}

/** One host on its way through the run. Only the engine writes to it; `status` ends the way. */
export interface HostRun {
  declaration: HostDeclaration;
  view?: HostView;
  /** Applied and healthy, waiting for its proofs. */
  pending?: PendingTransaction;
  status?: HostStatus;
  /** What an earlier run had left open and this one put back, before anything else. */
  recovered: Change[];
  /** Packages that were installed in this run: they stay, whatever becomes of the rest. */
  installed: Change[];
  changes: Change[];
  checks: Check[];
  drift?: DriftFinding[];
  /** What `drift --fix` found and mended. */
  resolved?: ResolvedFinding[];
  /** Items of which a drift run can say nothing: their server could not be looked at. */
  unjudged?: string[];
  links?: HostLink[];
  clock?: HostClock;
  /** Only of `drift`, until its end: what its log servers have a say in. */
  logs?: LogDrift;
  warnings: Warning[];
  error?: LfceErrorData;
}

/** A host about which nothing is known yet. */
export function startHost(declaration: HostDeclaration): HostRun {
  return {
    declaration,
    recovered: [],
    installed: [],
    changes: [],
    checks: [],
    warnings: [...declaration.warnings],
  };
}

/** Ends a host's way and tells it; what is only needed meanwhile is let go, so that memory stays bounded. */
export function finishHost(
  run: HostRun,
  status: HostStatus,
  effects: Pick<RunEffects, "emit">,
  error?: LfceErrorData,
  warning?: Warning,
): void {
  run.status = status;
  if (error) run.error = error;
  if (warning) run.warnings.push(warning);
  effects.emit({
    event: "host-finished",
    host: run.declaration.host,
    status,
    changes: run.changes,
    checks: run.checks,
    ...(run.drift ? { drift: run.drift.map(withoutSecrets) } : {}),
    ...(run.resolved ? { resolved: run.resolved } : {}),
    ...(run.unjudged && run.unjudged.length > 0 ? { unjudged: run.unjudged } : {}),
    ...(run.links ? { links: run.links } : {}),
    ...(run.clock ? { clock: run.clock } : {}),
    warnings: run.warnings,
    ...(run.error ? { error: run.error } : {}),
  });
  run.changes = [];
  run.recovered = [];
  run.installed = [];
  run.checks = [];
  run.warnings = [];
  delete run.drift;
  delete run.resolved;
  delete run.unjudged;
  delete run.links;
  delete run.clock;
  delete run.logs;
  delete run.error;
  delete run.pending;
}

/** Findings quote files and journals, and they are kept for months. */
function withoutSecrets(finding: DriftFinding): DriftFinding {
  const { message, detail } = finding;
  return {
    ...finding,
    message: redactSecrets(message),
    ...(detail === undefined ? {} : { detail: redactSecrets(detail) }),
  };
}

/** Whether something went wrong on the host: what the failure budget of a play counts. */
export function hasFailed(run: HostRun | undefined): boolean {
  return run?.status === "failed" || run?.status === "rolled-back" || run?.status === "unreachable";
}

/** Whether the host ended in a way that its clients cannot build on: it failed, or was left as it was. */
export function cannotServe(run: HostRun | undefined): boolean {
  return hasFailed(run) || run?.status === "skipped";
}

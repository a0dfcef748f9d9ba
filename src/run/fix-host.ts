import type { DriftFinding } from "../core/drift.ts";
import type { HostDeclaration } from "../plan/declaration.ts";
import { driftRequestFor } from "../plan/drift-request.ts";
import { findDrift } from "./drift-host.ts";
import { cannotServe, finishHost, type HostRun } from "./host-run.ts";
import { lookAt } from "./look.ts";
import type { RunContext, RunRequest } from "./run-context.ts";

/** Whether this run changes hosts: `apply`, and `drift --fix`. */
export function isMending({ command, fix }: Pick<RunRequest, "command" | "fix">): boolean {
  return command === "apply" || (command === "drift" && fix === true);
}

/**
 * Ends a host on which `drift --fix` did what could be done: looks again, and tells apart what it mended and what
 * is still there, which no apply mends.
 */
export async function finishFixed(run: HostRun, context: RunContext): Promise<void> {
  const { effects, request, sessions } = context;
  const found = run.drift ?? [];
  const isChanged =
    run.pending !== undefined ||
    run.recovered.length + run.installed.length > 0 ||
    found.some(({ code }) => code === "transaction-left-over" || code === "change-put-back");
  if (!isMending(request) || !isChanged || effects.signal.aborted) {
    return finishDrifted(run, "unchanged", context);
  }
  const more = driftRequestFor(run.declaration, request.fleet, request.startedAt);
  const after = await lookAt(run.declaration, request.fleet, sessions, more);
  run.drift = await findDrift(run, after, context);
  const left = new Set(run.drift.map(keyOf));
  run.resolved = found
    .filter((finding) => !left.has(keyOf(finding)))
    .map(({ detail: _, ...finding }) => ({ ...finding, mended: true }));
  finishDrifted(run, "changed", context);
}

/**
 * Ends a host of a drift run once its servers were looked at, which say whether its messages arrive, and why a source
 * does not answer. Nobody waits for that: hosts are looked at side by side, and a server may come later than its client.
 */
function finishDrifted(run: HostRun, clean: "unchanged" | "changed", context: RunContext): void {
  const { logs, drift = [] } = run;
  delete run.logs;
  const silent = silentHosts(run.declaration, drift);
  context.logServers.whenSeen([...(logs?.servers ?? []), ...silent.values()], () => {
    const more = logs?.judge() ?? { findings: [], links: [], unjudged: [] };
    const isTheServers = (host: string) =>
      context.brokenTimeServers.has(host) || cannotServe(context.runs.get(host));
    const theirs = drift.filter((one) => isTheServers(silent.get(one) ?? ""));
    run.drift = [...drift.filter((one) => !theirs.includes(one)), ...more.findings];
    run.unjudged = [...theirs.map(({ item }) => item), ...more.unjudged];
    run.links = [...(run.links ?? []), ...more.links];
    finishHost(run, run.drift.length > 0 ? "drifted" : clean, context.effects);
  });
}

/** Of sources that do not answer: the playbook's hosts that they are. */
function silentHosts(
  { chrony }: HostDeclaration,
  drift: readonly DriftFinding[],
): ReadonlyMap<DriftFinding, string> {
  const sources = [...(chrony?.server?.sources ?? []), ...(chrony?.client?.sources ?? [])];
  return new Map(
    drift.flatMap((finding) => {
      if (finding.code !== "source-unreachable") return [];
      const host = sources.find(({ address }) => address === finding.item)?.host;
      return host === undefined ? [] : [[finding, host] as const];
    }),
  );
}

function keyOf({ code, item }: Pick<DriftFinding, "code" | "item">): string {
  return `${code} ${item}`;
}

import type { DriftFinding } from "../core/drift.ts";
import type { HostDeclaration } from "../plan/declaration.ts";
import { cannotServe, finishHost, type HostRun } from "./host-run.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Ends a host of a drift run once its servers were looked at, which say whether its messages arrive, and why a source
 * does not answer. Nobody waits for that: hosts are looked at side by side, and a server may come later than its client.
 */
export function finishDrifted(run: HostRun, clean: "unchanged" | "changed", context: RunContext): void {
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

import { isAddress } from "../config/address.ts";
import type { NonceWatch } from "../core/evidence.ts";
import type { FleetDeclaration } from "../plan/declaration.ts";
import { connectionWarnings } from "./connection-warnings.ts";
import type { RunEffects } from "./effects.ts";
import { cannotServe, type HostRun, type HostView } from "./host-run.ts";
import { lookAt } from "./look.ts";
import type { Sessions } from "./sessions.ts";

/** What the proofs of one run share. */
export interface ProofContext {
  fleet: FleetDeclaration;
  sessions: Sessions;
  effects: RunEffects;
  /** Hosts of this run; a server outside `--limit` is not among them and is only read. */
  runs: ReadonlyMap<string, HostRun>;
  /** Client → the servers that the playbook gives it. */
  serversOf: ReadonlyMap<string, readonly string[]>;
  /** Servers that were looked at for others' proofs. */
  views: Map<string, Promise<HostView>>;
  /** Log server → its one open exec that looks for nonces, for the current wave. */
  watches: Map<string, Promise<NonceWatch>>;
}

/** A server as its client's proof sees it. */
export type OtherHost = { state: "seen"; view: HostView } | { state: "unreachable" | "failed" };

/**
 * Looks at a server for a client's proof: read-only, once a run. One that failed or was skipped in this
 * run, or that cannot be reached, proves nothing. What is odd about its connection is told with `client`.
 */
export async function otherHost(host: string, client: HostRun, context: ProofContext): Promise<OtherHost> {
  const run = context.runs.get(host);
  if (run?.status === "unreachable") return { state: "unreachable" };
  if (cannotServe(run)) return { state: "failed" };
  const declaration = context.fleet.hosts.get(host);
  if (!declaration) return { state: "unreachable" };
  let view = context.views.get(host);
  if (!view) {
    view = run?.view ? Promise.resolve(run.view) : lookAt(declaration, context.fleet, context.sessions);
    context.views.set(host, view);
    // A server outside the run has no result of its own to stand in.
    if (!run)
      view.then(({ session }) => client.warnings.push(...connectionWarnings(session))).catch(() => {});
  }
  try {
    return { state: "seen", view: await view };
  } catch (error) {
    context.effects.debug(error);
    return { state: "unreachable" };
  }
}

/** The addresses under which servers see a host: its service address, or what it has where that is a name. */
export function ownAddresses({ declaration }: HostRun, view: HostView): string[] {
  return isAddress(declaration.serviceAddress) ? [declaration.serviceAddress] : view.observed.addresses;
}

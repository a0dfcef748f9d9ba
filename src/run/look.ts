import { LfceError } from "../core/errors.ts";
import type { ServicePlan } from "../core/host-plan.ts";
import type { ObserveRequest } from "../core/host-session.ts";
import { recogniseDistro } from "../distros/recognise.ts";
import type { FleetDeclaration, HostDeclaration } from "../plan/declaration.ts";
import { changesOf } from "../plan/host-plan.ts";
import { closerRequest, observeRequestFor } from "../plan/observe-request.ts";
import { namesOfAliases, resolveNames } from "../plan/resolve-names.ts";
import { planChrony } from "../services/chrony/plan.ts";
import { planRsyslog } from "../services/rsyslog/plan.ts";
import type { HostView } from "./host-run.ts";
import type { Sessions } from "./sessions.ts";

/**
 * Observes a host, `more` of it than a plan needs, and plans it: one exec, then pure functions. Where something is not
 * as declared, and more room or more names could alter that, a second exec looks closer, and the host is planned with
 * what it says.
 * @throws LfceError when the host cannot be reached, is of no known distribution, or needs privileges
 */
export async function lookAt(
  declaration: HostDeclaration,
  fleet: FleetDeclaration,
  sessions: Pick<Sessions, "get">,
  more: Partial<ObserveRequest> = {},
): Promise<HostView> {
  const { host } = declaration;
  const session = await sessions.get(declaration.connection);
  const observed = await session.observe({ ...observeRequestFor(declaration), ...more });
  if (observed.uid !== 0) throw notRoot(host, session.user || "the login user");
  const distro = recogniseDistro(observed.osRelease);
  if (!distro) throw unknownDistro(host, observed.osRelease);
  const seen = { session, observed, distro };
  const view = viewOf(declaration, fleet, seen);
  if (isSettled(view, declaration)) return view;
  const places = (observed.places ?? []).map(({ path }) => path);
  const { keepForMessages = false } = more;
  const closer = await session.observe({
    ...closerRequest(declaration, places),
    // A change would end it at once.
    keepForMessages: keepForMessages && changesOf(view.plan).length === 0,
  });
  observed.places = closer.places ?? [];
  observed.names = { ...observed.names, ...closer.names };
  return viewOf(declaration, fleet, seen);
}

function viewOf(
  declaration: HostDeclaration,
  fleet: FleetDeclaration,
  seen: Pick<HostView, "session" | "observed" | "distro">,
): HostView {
  const { observed, distro } = seen;
  const resolved = resolveNames(declaration, fleet, observed.names);
  const services: ServicePlan[] = [];
  if (resolved.chrony) services.push(planChrony(resolved.chrony, observed, distro));
  if (resolved.rsyslog) services.push(planRsyslog(resolved.rsyslog, observed, distro));
  return { ...seen, resolved, plan: { host: declaration.host, services } };
}

/** A closer look would alter nothing: only files need room, and names matter only where there is something to say. */
function isSettled({ plan, resolved }: HostView, declaration: HostDeclaration): boolean {
  if (plan.services.some(({ files }) => files.length > 0)) return false;
  if (namesOfAliases(declaration).length === 0) return true;
  const parts = plan.services.flatMap((service) => [
    service.units,
    service.directories,
    service.packages,
    service.errors,
    service.warnings,
  ]);
  return [resolved.errors, ...parts].every(({ length }) => length === 0);
}

function notRoot(host: string, user: string): LfceError {
  return new LfceError({
    code: "not-root",
    message: `${user} on ${host} may not read and change the system's configuration`,
    hint: "log in as root (`ansible_user: root`) or set `become: true` in the play to use sudo (-K asks for its password)",
    at: { host, phase: "observe" },
  });
}

function unknownDistro(host: string, osRelease: Record<string, string>): LfceError {
  return new LfceError({
    code: "unknown-distribution",
    message: `lfce does not know the distribution of ${host}: ${osRelease.PRETTY_NAME ?? "it has no /etc/os-release"}`,
    hint: "known families: Debian and Ubuntu, RHEL and its relatives, SUSE",
    at: { host, phase: "observe" },
  });
}

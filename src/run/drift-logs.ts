import type { DriftFinding } from "../core/drift.ts";
import { receivedFiles } from "../plan/drift-request.ts";
import type { DesiredForward } from "../services/rsyslog/desired.ts";
import { driftRsyslog } from "../services/rsyslog/drift.ts";
import { type ForwardLook, linkOf, lookAtForwards } from "../services/rsyslog/drift-delivery.ts";
import { forwardItem } from "../services/rsyslog/drift-forwards.ts";
import { type ClientAge, silentFiles, silentFinding } from "../services/rsyslog/drift-log-files.ts";
import { logModeFindings } from "../services/rsyslog/drift-log-modes.ts";
import { askAgain } from "./drift-ask.ts";
import { cannotServe, type HostRun, type HostView, type LogDrift } from "./host-run.ts";
import type { RunContext } from "./run-context.ts";

/** Findings about a server with which it may still receive and store everything. */
const HARMLESS =
  /^(forward-|queue-|file-(mode|owner|immutable)$|listener-(undeclared|repeated)$|unit-disabled$|rotation-)/;

/** Findings with which it receives all the same as long as its ports are open. */
const NOT_READ_YET = /^(unit-stale|file-differs)$/;

/** Findings about a client of which everything else is wrong with its forwards follows. */
const WHOLE_HOST =
  /^(unit-(?!disabled)|package-missing$|rules-stray$|main-file-missing$|file-not-read$|block-broken$|other-playbook$)/;

/** Findings about a forward with which it does not do what is declared. */
const BROKEN_FORWARD = /^(forward-(missing|differs)|queue-differs)$/;

/**
 * Looks for everything in which rsyslog on a host is not as declared, in its files and at run time, and tells its
 * clients what was seen of a log server. A second exec is made only where one look leaves a suspicion. Sends no
 * message.
 */
export async function driftLogs(run: HostRun, view: HostView, context: RunContext): Promise<LogDrift> {
  const { rsyslog } = view.resolved;
  if (!rsyslog)
    return { findings: [], servers: [], judge: () => ({ findings: [], links: [], unjudged: [] }) };
  const plan = view.plan.services.find(({ service }) => service === "rsyslog");
  const errors = plan?.errors ?? [];
  const findings = driftRsyslog(rsyslog, view.observed, view.distro, plan);
  if (rsyslog.server?.state === "present") {
    const listens = rsyslog.server.listen.every(({ protocol, port }) =>
      view.observed.listeners.some((socket) => socket.protocol === protocol && socket.port === port),
    );
    const receives =
      errors.length === 0 &&
      findings.every(({ code }) => HARMLESS.test(code) || (listens && NOT_READ_YET.test(code)));
    const files = receivedFiles(run.declaration, context.request.fleet, context.request.startedAt);
    context.logServers.tell(run.declaration.host, { receives, silent: silentFiles(files, view.observed) });
    findings.push(...logModeFindings(files, view.observed, view.distro));
  }
  const forwards = rsyslog.client?.state === "present" ? rsyslog.client.forwards : [];
  const faults = new Map(forwards.map((forward) => [forward, faultOf(forward, [...findings, ...errors])]));
  const looks = lookAtForwards(forwards, view.observed, view.distro.services.rsyslog.mainFile);
  const sound = looks.filter(({ forward }) => faults.get(forward) === undefined);
  const { delivery, dropped } = await askAgain(view, forwards, sound, context);
  if (dropped) findings.push(dropped);
  const judge = forwardsJudge(run, view, looks, faults, delivery, context);
  return { findings, servers: forwards.flatMap(({ host }) => host ?? []), judge };
}

/** Keeps of a host only what the judgement of its forwards needs. */
function forwardsJudge(
  { declaration: { host } }: HostRun,
  view: HostView,
  looks: readonly ForwardLook[],
  faults: ReadonlyMap<DesiredForward, string | undefined>,
  delivery: ReadonlyMap<DesiredForward, DriftFinding>,
  context: RunContext,
): LogDrift["judge"] {
  const startedAt = view.observed.units[view.distro.services.rsyslog.unit]?.startedAt;
  const age: ClientAge = { now: view.observed.now, ...(startedAt === undefined ? {} : { startedAt }) };
  const ends = looks.map(({ forward, connection }) => ({ forward, connection }));
  return () => {
    const findings: DriftFinding[] = [];
    const links = ends.map((end) => {
      const { forward } = end;
      const fault = faults.get(forward);
      const server = serverFault(forward, context);
      const own = delivery.get(forward);
      // What a server's fault does to its clients is the server's finding, not theirs; but messages on disk are.
      if (own && (server === undefined || own.code === "queue-spooling")) findings.push(own);
      else if (!own && fault === undefined && server === undefined) {
        const file = context.logServers.seen(forward.host ?? "")?.silent.get(host);
        const silent = file && silentFinding(forward, file, age);
        if (silent) findings.push(silent);
      }
      return linkOf(end, fault ?? server ?? own?.message);
    });
    // Nobody knows what these servers would have said: what stood there neither stands on nor has gone.
    const unseen = ends.filter(({ forward }) => serverFault(forward, context) !== undefined);
    const unjudged = unseen.flatMap(({ forward }) => [forwardItem(forward), forward.host ?? []].flat());
    return { findings, links, unjudged };
  };
}

/** What of the host itself keeps a forward from working. */
function faultOf(
  forward: DesiredForward,
  found: readonly { code: string; item?: string; message: string }[],
): string | undefined {
  const item = forwardItem(forward);
  return found.find(
    ({ code, item: about }) => WHOLE_HOST.test(code) || (about === item && BROKEN_FORWARD.test(code)),
  )?.message;
}

/** Why the server of a forward does not receive, as far as this run knows. */
function serverFault({ host }: DesiredForward, context: RunContext): string | undefined {
  if (host === undefined) return undefined;
  const run = context.runs.get(host);
  if (run?.status === "unreachable") return `${host} could not be reached in this run`;
  if (cannotServe(run)) return `${host} could not be looked at in this run`;
  if (context.logServers.seen(host)?.receives === false) return `${host} does not receive as declared`;
  return undefined;
}

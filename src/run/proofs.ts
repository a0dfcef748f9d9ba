import type { Check, CheckName } from "../core/checks.ts";
import type { NonceWatch } from "../core/evidence.ts";
import type { FleetDeclaration } from "../plan/declaration.ts";
import type { RunEffects } from "./effects.ts";
import type { HostRun, HostView } from "./host-run.ts";
import type { ProofContext } from "./proof-context.ts";
import { proveArrival, proveListening } from "./prove-logs.ts";
import { proveSelected, proveServing } from "./prove-time.ts";
import type { Sessions } from "./sessions.ts";

/** The proofs of one run. */
export interface Proofs {
  /** Time first, then logs: a clock that jumps can stall logging. */
  prove(run: HostRun, view: HostView): Promise<Check[]>;
  /** The proofs that apply would do, for a dry run. */
  announced(view: HostView): Check[];
  /** Ends what stayed open on servers for the wave. */
  endWave(): Promise<void>;
}

/** Proofs over the run's sessions; servers that are not part of the run are only read. */
export function createProofs(parts: {
  fleet: FleetDeclaration;
  sessions: Sessions;
  effects: RunEffects;
  runs: ReadonlyMap<string, HostRun>;
  serversOf: ReadonlyMap<string, readonly string[]>;
}): Proofs {
  const context: ProofContext = { ...parts, views: new Map(), watches: new Map() };
  const servers = new Set(parts.fleet.references.map(({ server }) => server));
  return {
    prove: async (run, view) => {
      const { host } = run.declaration;
      // Its clients ask for it when its own way has ended: it need not be looked at again.
      if (servers.has(host)) context.views.set(host, Promise.resolve(view));
      return [...(await proveTime(run, view, context)), ...(await proveLogs(run, view, context))];
    },
    announced,
    endWave: async () => {
      const watches = [...context.watches.values()];
      context.watches.clear();
      await Promise.all(watches.map(closeWatch));
    },
  };
}

async function proveTime(run: HostRun, view: HostView, context: ProofContext): Promise<Check[]> {
  const { server, client } = presentRoles(view).chrony;
  const checks: Check[] = [];
  if (client) checks.push(await proveSelected(run, view, client, context));
  if (server) checks.push(await proveServing(run, view, server, context));
  return checks;
}

async function proveLogs(run: HostRun, view: HostView, context: ProofContext): Promise<Check[]> {
  const { server, client } = presentRoles(view).rsyslog;
  const checks: Check[] = [];
  if (server) checks.push(await proveListening(run, view, server, context));
  if (client) {
    checks.push(
      ...(await Promise.all(
        client.forwards.map((forward) => proveArrival(run, view, client, forward, context)),
      )),
    );
  }
  return checks;
}

function announced(view: HostView): Check[] {
  const { chrony, rsyslog } = presentRoles(view);
  const checks: Check[] = [];
  if (chrony.client) {
    const sources = chrony.client.sources.map(({ host, address }) => host ?? address).join(", ");
    checks.push(toCome("ntp.selected", `one of ${sources} must be selected`));
  }
  if (chrony.server) checks.push(toCome("ntp.serving", "chronyd must serve its clients"));
  for (const { protocol, port } of rsyslog.server?.listen ?? []) {
    checks.push(toCome("syslog.listening", `rsyslogd must listen on ${protocol} port ${port}`));
  }
  for (const { host, address, port } of rsyslog.client?.forwards ?? []) {
    checks.push(toCome("syslog.arrived", `a message must arrive at ${host ?? address}, port ${port}`));
  }
  return checks;
}

function toCome(name: CheckName, detail: string): Check {
  return { name, result: "unproven", detail: `apply will prove: ${detail}`, ms: 0 };
}

/** What a role takes away is not proven by it. */
function presentRoles({ resolved: { chrony, rsyslog } }: HostView) {
  return {
    chrony: {
      server: chrony?.server?.state === "present" ? chrony.server : undefined,
      client: chrony?.client?.state === "present" ? chrony.client : undefined,
    },
    rsyslog: {
      server: rsyslog?.server?.state === "present" ? rsyslog.server : undefined,
      client: rsyslog?.client?.state === "present" ? rsyslog.client : undefined,
    },
  };
}

/** A watch that never opened, or whose host went away, was told where it was needed. */
async function closeWatch(watch: Promise<NonceWatch>): Promise<void> {
  await watch.then(
    (one) => one.close(),
    () => {},
  );
}

import type { DriftFinding } from "../core/drift.ts";
import type { SyslogEvidence } from "../core/evidence.ts";
import type { DesiredForward } from "../services/rsyslog/desired.ts";
import { deliveryFinding, type ForwardLook, isSuspicious } from "../services/rsyslog/drift-delivery.ts";
import {
  DROPPED_WITHIN_SECONDS,
  droppedFinding,
  statisticsFiles,
} from "../services/rsyslog/drift-dropped.ts";
import { deliveryRequest } from "../services/rsyslog/proof/probes.ts";
import type { HostView } from "./host-run.ts";
import type { RunContext } from "./run-context.ts";

/** After a server's restart its clients' rsyslogd needs some seconds to come back to it by itself. */
const SUSPENDED_LOOKS = 3;
const LOOK_EVERY_MS = 5000;

/** What a second question to a host brought to light. */
export interface Answered {
  delivery: ReadonlyMap<DesiredForward, DriftFinding>;
  dropped?: DriftFinding;
}

/**
 * Asks a host a second time, but only where its first answer is suspicious or can say more: a forward that is not
 * connected, a backlog, an rsyslogd that systemd had to start again, impstats; and with `--probe`. Journals are dear.
 */
export async function askAgain(
  view: HostView,
  forwards: readonly DesiredForward[],
  looks: readonly ForwardLook[],
  { effects, request }: RunContext,
): Promise<Answered> {
  const { observed, distro, session } = view;
  const { unit, mainFile } = distro.services.rsyslog;
  const delivery = new Map<DesiredForward, DriftFinding>();
  const found = observed.units[unit];
  if (found?.active !== "active") return { delivery };
  const tails = statisticsFiles(observed, mainFile, distro.messagesFile);
  const suspicious = looks.filter(isSuspicious);
  const others = tails !== undefined || (found.restarts ?? 0) > 0 || request.probe === true;
  if (suspicious.length === 0 && !others) return { delivery };
  const ask = (): Promise<SyslogEvidence> =>
    session.syslogEvidence({
      ...deliveryRequest({ forwards }, unit, distro.spoolDirectory, []),
      // What an rsyslogd said that was restarted since, perhaps with a better configuration, is past.
      recentSeconds: Math.min(DROPPED_WITHIN_SECONDS, observed.now - (found.startedAt ?? 0)),
      ...(tails === undefined ? {} : { tails }),
    });
  for (let number = 1; ; number++) {
    const evidence = await ask();
    delivery.clear();
    for (const look of suspicious) {
      const finding = deliveryFinding(look, evidence);
      if (finding) delivery.set(look.forward, finding);
    }
    const mayPass = [...delivery.values()].some(({ code }) => code === "action-suspended");
    if (!mayPass || number === SUSPENDED_LOOKS || effects.signal.aborted) {
      const dropped = droppedFinding(evidence);
      return { delivery, ...(dropped ? { dropped } : {}) };
    }
    await effects.wait(LOOK_EVERY_MS, effects.signal);
  }
}

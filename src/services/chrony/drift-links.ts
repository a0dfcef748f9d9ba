import type { HostLink } from "../../core/drift.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { isRunning } from "../unit-changes.ts";
import { type ChronycSource, parseSources } from "./chronyc.ts";
import { claimsOf } from "./claims.ts";
import type { DesiredChrony, DesiredSource } from "./desired.ts";
import { means, stateText } from "./drift-running.ts";

/** From whom a host is declared to take its time, and how that stands. */
export function ntpLinks(desired: DesiredChrony, observed: ObservedHost, distro: Distro): HostLink[] {
  const wanted = claimsOf(desired).claims.sources?.wanted ?? [];
  if (wanted.length === 0) return [];
  const { unit } = distro.services.chrony;
  const { sources } = observed.chronyc;
  const runs = isRunning(observed.units[unit]);
  const seen = sources === undefined ? undefined : parseSources(sources);
  return wanted.map((source): HostLink => {
    const link = { kind: "ntp" as const, to: source.host ?? source.address };
    if (!runs) return { ...link, state: "broken", detail: `${unit} is not running` };
    if (!seen) return { ...link, state: "unknown", detail: "chronyd does not answer" };
    const its = seen.filter(({ mode, name }) => mode !== "refclock" && means(source, name, observed.names));
    return { ...link, ...stateOf(source, its) };
  });
}

const ORDER: readonly HostLink["state"][] = ["in-use", "standby", "unknown", "broken"];

/** A pool is as good as the best of its servers. */
function stateOf(source: DesiredSource, its: readonly ChronycSource[]): Pick<HostLink, "state" | "detail"> {
  const states = its.map((one) => ({ state: linkState(one), detail: stateText(one) }));
  states.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return states[0] ?? { state: "broken", detail: `chronyd does not have this ${source.kind}` };
}

function linkState({ state, reach }: ChronycSource): HostLink["state"] {
  if (state === "selected") return "in-use";
  if (state === "combined" || state === "not-combined") return "standby";
  // It answers, and chronyd has not made up its mind about it.
  return state === "unusable" && reach > 0 ? "unknown" : "broken";
}

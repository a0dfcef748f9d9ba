import type { DriftFinding } from "../../core/drift.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { isRunning, planUnit } from "../unit-changes.ts";
import { type ChronycSource, parseSources } from "./chronyc.ts";
import { claimsOf } from "./claims.ts";
import type { DesiredChrony, DesiredSource } from "./desired.ts";
import { includeDirectories, isInstalled, loadedNow } from "./observation.ts";
import { sameAddress } from "./source-line.ts";

/**
 * What is wrong with chronyd at run time, whatever its files say: unit not running or not enabled, started
 * before its files changed, no declared source selected. Empty when chrony is not declared present.
 */
export function driftChrony(desired: DesiredChrony, observed: ObservedHost, distro: Distro): DriftFinding[] {
  if (desired.server?.state !== "present" && desired.client?.state !== "present") return [];
  const { unit, mainFile } = distro.services.chrony;
  if (!isInstalled(observed, unit)) return [];
  const read = [...loadedNow(mainFile, observed), ...includeDirectories(mainFile, observed)];
  const { findings } = planUnit(unit, observed, read, []);
  if (!isRunning(observed.units[unit])) return findings;
  const wanted = claimsOf(desired).claims.sources?.wanted ?? [];
  if (wanted.length > 0) findings.push(...sourceFindings(wanted, observed));
  return findings;
}

function sourceFindings(wanted: readonly DesiredSource[], observed: ObservedHost): DriftFinding[] {
  if (observed.chronyc.sources === undefined) {
    return [
      { code: "chrony-no-answer", item: "chronyd", message: "chronyc could not ask chronyd for its sources" },
    ];
  }
  const seen = parseSources(observed.chronyc.sources);
  const declared = seen.filter((source) => wanted.some((one) => means(one, source.name, observed)));
  if (declared.some((source) => source.state === "selected")) return [];
  // Beside a reference clock that is selected, a declared source only has to be sane.
  const byClock = seen.some((source) => source.mode === "refclock" && source.state === "selected");
  if (byClock && declared.some(isSane)) return [];
  const states = declared.map((source) => `${source.name}: ${stateText(source)}`);
  const selected = seen.find((source) => source.state === "selected");
  return [
    {
      code: "chrony-not-selected",
      item: "chronyd",
      message: selected
        ? `the selected time source is ${selected.name}, which the playbook does not declare`
        : "no declared time source is selected",
      detail: states.join("; ") || "chronyd has none of the declared sources",
    },
  ];
}

/** Whether a name that chronyc shows (as written in the file, or an address) means the declared source. */
function means(source: DesiredSource, name: string, observed: ObservedHost): boolean {
  if (sameAddress(source, name)) return true;
  return [source.address, ...source.aliases].some((alias) => observed.names[alias]?.includes(name) ?? false);
}

/** Whether chronyd would select a source if there were no better one. */
function isSane(source: ChronycSource): boolean {
  return source.reach > 0 && (source.state === "combined" || source.state === "not-combined");
}

function stateText(source: ChronycSource): string {
  if (source.state === "unusable") return source.reach > 0 ? "not selectable" : "no answer";
  return source.state === "falseticker" ? "a falseticker" : source.state.replace("-", " ");
}

import type { DriftFinding } from "../../core/drift.ts";
import type { ServicePlan } from "../../core/host-plan.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { isEditable } from "../editable.ts";
import {
  errorFinding,
  isHostState,
  type LocatedFinding,
  settleFindings,
  unitFindings,
} from "../host-drift.ts";
import { fileFindings } from "../host-drift-files.ts";
import { isRunning } from "../unit-changes.ts";
import { managedHeader } from "./advice.ts";
import { claimsOf } from "./claims.ts";
import type { DesiredChrony } from "./desired.ts";
import { statementFindings } from "./drift-files.ts";
import { runningFindings } from "./drift-running.ts";
import { includeDirectories, isInstalled, loadedNow, observedContents } from "./observation.ts";
import { runningTimeDaemon } from "./other-time-daemons.ts";
import { parseShared } from "./parse.ts";

/**
 * Everything in which chrony on a host is not as declared, as far as one look at it tells: in the files statement by
 * statement, in the unit, and in the running daemon. Every change of `plan` has a finding.
 */
export function driftChrony(
  desired: DesiredChrony,
  observed: ObservedHost,
  distro: Distro,
  plan: ServicePlan,
): DriftFinding[] {
  const { unit, mainFile } = distro.services.chrony;
  const errors = errorFindings(plan, unit, mainFile, observed);
  const present = desired.server?.state === "present" || desired.client?.state === "present";
  if (!present || !isInstalled(observed, unit)) return settleFindings(plan, errors);

  const { claims } = claimsOf(desired);
  const loaded = loadedNow(mainFile, observed);
  const statements = statementFindings(claims, mainFile, observed, plan);
  const inFiles = [
    ...withoutToldBy(errors, statements),
    ...errors,
    ...fileFindings(loaded, observed),
    ...managedFindings(mainFile, observed, plan),
  ];
  const changing = plan.files.map(({ path }) => ({ code: "", item: path, message: "", covers: [path] }));
  const read = [...loaded, ...includeDirectories(mainFile, observed)];
  const units = unitFindings(unit, observed, read, [...inFiles, ...changing]);
  const located = [...inFiles, ...units];
  if (isRunning(observed.units[unit])) {
    located.push(...runningFindings(desired, claims, observed, located));
  }
  return settleFindings(plan, located);
}

/** What stops the plan and tells of the host; masked and broken units are found with the unit itself. */
function errorFindings(
  plan: ServicePlan,
  unit: string,
  mainFile: string,
  observed: ObservedHost,
): LocatedFinding[] {
  return plan.errors.filter(isHostState).map((error) => {
    if (error.code === "chrony-no-main-file") {
      return errorFinding({ ...error, code: "file-missing" }, mainFile);
    }
    if (error.code === "other-time-daemon") return errorFinding(error, runningTimeDaemon(observed) ?? unit);
    if (error.code.startsWith("unit-")) return errorFinding(error, unit);
    return errorFinding(error, error.at && "file" in error.at ? error.at.file : mainFile);
  });
}

/** An error about a line tells of it already. */
function withoutToldBy(
  errors: readonly LocatedFinding[],
  statements: readonly LocatedFinding[],
): LocatedFinding[] {
  const places = new Set(errors.map(({ detail }) => detail?.split("\n", 1)[0]));
  return statements.filter(({ at }) => !at || !places.has(`${at.file}:${at.line}`));
}

/** Files in which lfce owns something, or would, and that say of themselves that another tool manages them. */
function managedFindings(mainFile: string, observed: ObservedHost, plan: ServicePlan): LocatedFinding[] {
  const changing = new Set(plan.files.map(({ path }) => path));
  return [...observedContents(mainFile, observed)].flatMap(([path, content]): LocatedFinding[] => {
    const isOurs = changing.has(path) || /^#\s?lfce[:#]/m.test(content);
    if (!isOurs || !isEditable(path, observed)) return [];
    const line = parseShared(content).lines.findIndex(managedHeader);
    if (line < 0) return [];
    const message = `${path} says that another tool manages it, which may undo what lfce does there`;
    const detail = `${path}:${line + 1}`;
    return [{ code: "managed-by-another-tool", item: path, message, detail, covers: [] }];
  });
}

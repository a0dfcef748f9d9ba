import type { ByteText } from "../core/byte-text.ts";
import type { DriftFinding } from "../core/drift.ts";
import type { LfceErrorData } from "../core/errors.ts";
import type { ServicePlan } from "../core/host-plan.ts";
import type { ObservedHost } from "../core/observed.ts";
import { partsOfDiffs } from "./host-drift-diff.ts";
import {
  changedSinceItStarted,
  isLeftOutAtBoot,
  isRunning,
  notAtBoot,
  notRunning,
  startedBefore,
  unitError,
} from "./unit-changes.ts";

/** A finding, and what ties it to the changes that the plan would make. */
export interface LocatedFinding extends DriftFinding {
  /** Targets of changes (paths, the unit, a package) that this finding tells of. */
  covers: readonly string[];
  /** Where the statement stands. */
  at?: { file: string; line: number };
  /** The line that is missing and that the plan would write. */
  adds?: ByteText;
}

/** Codes of plan errors that tell how the host is. All others are faults of what is declared for it. */
const HOST_STATE_ERRORS: ReadonlySet<string> = new Set([
  "unit-masked",
  "unit-not-found",
  "unit-broken",
  "other-time-daemon",
  "target-refused",
  "read-only",
  "disk-full",
  "chrony-no-main-file",
  "chrony-block-broken",
  "chrony-role-of-another-playbook",
  "chrony-file-not-editable",
  "chrony-line-too-long",
  "main-file-missing",
  "file-not-read",
  "file-not-editable",
  "block-broken",
  "other-playbook",
  "file-not-ours",
  "forward-entangled",
  "port-taken",
  "line-shared",
  "include-in-ruleset",
  "ruleset-left-open",
  "statement-unfinished",
  "depends-on-environment",
  "queue-file-taken",
]);

/** Whether an error that stops a plan is drift: the host is not as declared, in a way that apply does not mend. */
export function isHostState({ code }: LfceErrorData): boolean {
  return HOST_STATE_ERRORS.has(code);
}

/** An error of the plan as a finding about `item`, with its place and its hint. */
export function errorFinding(error: LfceErrorData, item: string): LocatedFinding {
  const place = error.at && "file" in error.at ? `${error.at.file}:${error.at.line}` : undefined;
  const detail = [place, error.hint].filter((part) => part !== undefined).join("\n");
  return {
    code: error.code,
    item,
    message: error.message,
    ...(detail === "" ? {} : { detail }),
    covers: [item],
  };
}

/**
 * What is wrong with a unit that is to run. That it is older than a file is told only of files that no other
 * finding covers: one edit is one finding.
 * @param loadedFiles paths of the files, and of the directories of includes, that the daemon reads
 */
export function unitFindings(
  unit: string,
  observed: ObservedHost,
  loadedFiles: readonly string[],
  located: readonly LocatedFinding[],
): LocatedFinding[] {
  const found = observed.units[unit];
  const error = unitError(unit, observed);
  if (error) return [errorFinding(error, unit)];
  if (!found) return [];
  const covers = [unit];
  const findings: LocatedFinding[] = [];
  if (isLeftOutAtBoot(found)) {
    findings.push({ code: "unit-disabled", item: unit, message: notAtBoot(found), covers });
  }
  if (!isRunning(found)) {
    const failed = found.active === "failed" || found.active === "activating";
    const code = failed ? "unit-failed" : "unit-inactive";
    const told = found.result !== undefined && found.result !== "" && found.result !== "success";
    const detail = told ? { detail: `systemd's result: ${found.result}` } : {};
    return [...findings, { code, item: unit, message: notRunning(found), ...detail, covers }];
  }
  const isTold = coveredBy(located);
  const stale = changedSinceItStarted(found, observed, loadedFiles).filter((path) => !isTold(path));
  if (stale[0] !== undefined) {
    const message = `${unit} ${startedBefore(stale[0])}`;
    findings.push({ code: "unit-stale", item: unit, message, detail: stale.join("\n"), covers });
  }
  return findings;
}

/** Tells of a path whether a finding covers it; a directory that is read counts with a file in it. */
function coveredBy(located: readonly LocatedFinding[]): (path: string) => boolean {
  const told = new Set(located.flatMap(({ covers, item }) => [...covers, item]));
  const directories = new Set([...told].map((path) => path.slice(0, path.lastIndexOf("/"))));
  return (path) => told.has(path) || directories.has(path);
}

/**
 * The findings of one service as they are told: every change that the plan would make has at least one, each has
 * its part of the diff as detail, and no two have the same code and item.
 */
export function settleFindings(plan: ServicePlan, located: readonly LocatedFinding[]): DriftFinding[] {
  const all = someOfEach([...located, ...untold(plan, located)]);
  const part = partsOfDiffs(plan.files);
  const told = new Map<string, DriftFinding & { details: Set<string> }>();
  for (const finding of all) {
    const { code, item, message } = finding;
    const key = `${code} ${item}`;
    const merged = told.get(key) ?? { code, item, message, details: new Set<string>() };
    for (const detail of [finding.detail, part(finding)]) if (detail) merged.details.add(detail);
    told.set(key, merged);
  }
  return [...told.values()].map(({ details, ...finding }) =>
    details.size === 0 ? finding : { ...finding, detail: [...details].join("\n") },
  );
}

/** Of findings with one code so many are told; the rest is one more, so that a night's report can be read. */
const MOST_OF_A_KIND = 20;

/** A stock file put back on a server of ten thousand clients is one thing to mend, not ten thousand to read. */
export function someOfEach(all: readonly LocatedFinding[]): LocatedFinding[] {
  const counts = new Map<string, number>();
  const kept = all.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= MOST_OF_A_KIND;
  });
  const crowded = [...counts].filter(([, count]) => count > MOST_OF_A_KIND);
  return [
    ...kept,
    ...crowded.map(([code, count]) => {
      return { code, item: "more", message: `${count - MOST_OF_A_KIND} more of this kind`, covers: [] };
    }),
  ];
}

/** Findings for the changes of a plan that nothing more precise tells of. */
function untold(plan: ServicePlan, located: readonly LocatedFinding[]): LocatedFinding[] {
  const told = new Set(located.flatMap(({ covers }) => covers));
  const findings: LocatedFinding[] = [];
  const tell = (code: string, item: string, message: string) => {
    if (!told.has(item)) findings.push({ code, item, message, covers: [item] });
  };
  for (const name of plan.packages) tell("package-missing", name, `the package ${name} is not installed`);
  for (const { path } of plan.directories) tell("directory-missing", path, `there is no directory ${path}`);
  for (const { path, before, after } of plan.files) {
    if (before === null) tell("file-missing", path, `there is no file ${path}`);
    else if (after === null) tell("file-differs", path, `${path} is still there`);
    else tell("file-differs", path, `${path} is not as the playbook would have it`);
  }
  // A restart comes with the findings of the files for which it is; else something is wrong with the unit alone.
  const ofFiles =
    plan.files.length > 0 ||
    located.some(({ item, covers }) => [item, ...covers].some((one) => one.startsWith("/")));
  for (const { unit, action, reason } of plan.units) {
    if (action === "restart" && ofFiles) continue;
    tell(action === "restart" ? "unit-stale" : "unit-inactive", unit, reason);
  }
  return findings;
}

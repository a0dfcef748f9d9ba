import type { LfceErrorData } from "../../core/errors.ts";
import { errorFinding, isHostState, type LocatedFinding } from "../host-drift.ts";

const forwards = ["forward-missing", "forward-differs", "queue-differs"];
const listeners = ["listener-missing", "listener-differs"];

/** Errors of the plan that tell already why a statement is not as declared → the findings that would say it again. */
const told: Readonly<Record<string, readonly string[]>> = {
  "forward-entangled": forwards,
  "queue-file-taken": forwards,
  "line-shared": listeners,
  "port-taken": listeners,
  "statement-unfinished": [...forwards, ...listeners, "include-missing"],
  "depends-on-environment": [...forwards, ...listeners],
  "block-broken": [...forwards, ...listeners, "forward-undeclared", "listener-undeclared", "include-missing"],
  "other-playbook": [...forwards, ...listeners, "forward-undeclared", "listener-undeclared"],
};

/** The findings without those that only repeat an error of the plan: one cause is one finding. */
export function withoutToldByErrors(
  findings: readonly LocatedFinding[],
  errors: readonly LfceErrorData[],
): LocatedFinding[] {
  const repeated = new Set(errors.flatMap(({ code }) => told[code] ?? []));
  const places = new Set(
    errors.flatMap(({ code, at }) => (code === "file-not-editable" && at && "file" in at ? [at.file] : [])),
  );
  return findings.filter(
    ({ code, covers }) => !repeated.has(code) && !covers.some((path) => places.has(path)),
  );
}

/** What stops a plan because of how the host is, as findings; what the unit has to do with it is told by the unit. */
export function errorFindings(errors: readonly LfceErrorData[], mainFile: string): LocatedFinding[] {
  return errors
    .filter((error) => isHostState(error) && !error.code.startsWith("unit-"))
    .map((error) => errorFinding(error, error.at && "file" in error.at ? error.at.file : mainFile));
}

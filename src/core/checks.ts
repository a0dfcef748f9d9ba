export type CheckName = "ntp.selected" | "ntp.serving" | "syslog.listening" | "syslog.arrived";
export type CheckResult = "passed" | "failed" | "unproven";

/** One proof and its outcome. `detail` is a sentence (a diagnosis when it failed); `ms` how long it took. */
export interface Check {
  name: CheckName;
  result: CheckResult;
  detail: string;
  ms: number;
  /** What to type next, when it failed. */
  hint?: string;
  /** Stable code of the diagnosis, for scripts, when it did not pass. */
  code?: string;
}

/** Why something does not work, found out from evidence: one sentence, and what to type next. */
export interface Diagnosis {
  /** Stable, lower case with hyphens, e.g. `access-denied`. */
  code: string;
  detail: string;
  hint?: string;
}

/** A proof that failed for this reason. */
export function failedCheck(name: CheckName, { code, detail, hint }: Diagnosis, ms: number): Check {
  return { name, result: "failed", detail, ms, code, ...(hint === undefined ? {} : { hint }) };
}

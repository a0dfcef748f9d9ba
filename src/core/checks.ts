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
}

import type { Check, CheckName } from "../core/checks.ts";
import type { DriftFinding } from "../core/drift.ts";

/** By which findings (`CODE ITEM`) it is told already why a proof fails. */
const TOLD_BY: Record<CheckName, RegExp> = {
  "ntp.selected":
    /^(chrony-|source-missing |offset-too-large |leap-not-normal |(unit-(inactive|failed|masked)|package-missing) chrony)/,
  "ntp.serving":
    /^(access-|local-|leap-not-normal |not-listening udp|(unit-(inactive|failed|masked)|package-missing) chrony)/,
  "syslog.listening":
    /^(listener-(missing|differs)|not-listening |(unit-(inactive|failed|masked)|package-missing) rsyslog)/,
  "syslog.arrived":
    /^(forward-(missing|differs|not-connected)|queue-spooling|action-suspended|rules-stray|(unit-(inactive|failed|masked)|package-missing) rsyslog)/,
};

/** What `--probe` found: a proof of apply that does not hold now, where `found` does not say so already. */
export function proofFindings(checks: readonly Check[], found: readonly DriftFinding[]): DriftFinding[] {
  const isTold = (name: CheckName) => found.some(({ code, item }) => TOLD_BY[name].test(`${code} ${item}`));
  const failed = checks.filter(({ result, name }) => result === "failed" && !isTold(name));
  return [...new Set(failed.map(({ name }) => name))].map((name) => {
    const details = failed.filter((check) => check.name === name).map(({ detail }) => detail);
    return {
      code: "proof-failed",
      item: name,
      message: `the proof ${name} failed`,
      detail: details.join("\n"),
    };
  });
}

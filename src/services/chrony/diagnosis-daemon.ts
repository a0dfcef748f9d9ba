import type { Diagnosis } from "../../core/checks.ts";
import type { NtpEvidence } from "../../core/evidence.ts";
import { parseTracking } from "./chronyc.ts";

/** The daemon is down, or cannot be asked: with its own last words where it said why. */
export function daemonFault(evidence: NtpEvidence, unit: string): Diagnosis | undefined {
  const complaint = evidence.journal.findLast((line) =>
    /fatal error|could not|invalid|error at line/i.test(line),
  );
  if (evidence.unitState !== "active") {
    const rejected = complaint !== undefined && /at line \d+ in file/.test(complaint);
    return {
      code: rejected ? "directive-rejected" : "daemon-inactive",
      detail: `chronyd is not running (${evidence.unitState || "unknown"})${complaint ? `: ${complaint}` : ""}`,
      hint: rejected
        ? `correct that line, then: systemctl restart ${unit}`
        : `systemctl restart ${unit}; journalctl -u ${unit} -n 20`,
    };
  }
  if (parseTracking(evidence.tracking)) return undefined;
  return {
    code: "daemon-silent",
    detail: "chronyd runs but does not answer chronyc",
    hint: "try `chronyc tracking` there as root; look for `cmdport 0` together with another `bindcmdaddress`",
  };
}

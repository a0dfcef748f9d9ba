import { LfceError } from "../core/errors.ts";
import type { RollbackOutcome } from "../core/transaction.ts";
import type { TransactionReport } from "./transaction-frames.ts";

const HINTS: Record<string, string> = {
  "host-locked": "wait until it has ended; a lock whose holder is gone is broken by itself",
  "changed-meanwhile":
    "look at who else edits this file, and run lfce again: it plans from what is there then",
  "target-refused": "make it an ordinary file with one name, or take it out of the playbook's reach",
  "disk-full": "free some space on that file system (df -h; df -i), then run lfce again",
  "read-only":
    "remount the file system writable (findmnt -t ext4,xfs,btrfs -O ro lists those that are not), then run lfce again",
  "validation-failed": "correct what the daemon complains about, then run lfce again",
  unhealthy: "look at `systemctl status` and `journalctl -u` of the unit on the host",
  "recovery-failed": "look at the host yourself: /var/lib/lfce/transactions holds the original files",
  "not-armed":
    "see what `systemd-run --on-active=1 true` says on the host, and whether /etc/systemd/system can be written to: lfce changes nothing that the host could not put back by itself",
  "no-systemd": "run lfce against hosts with systemd only: it restarts and checks services by it",
};

/** The error for a transaction that ended without being healthy, made from what the script said. */
export function endError(host: string, report: TransactionReport): LfceError {
  const code = report.error?.code ?? "apply-failed";
  const outcome = report.end?.kind === "rolled-back" ? outcomeOf(report, "") : undefined;
  const message = [
    report.error?.message ?? `the change ended in the phase ${report.phase}`,
    ...(report.error?.details ?? []),
    ...(report.recovered ? [`an interrupted change (${report.recovered.id}) was put back before`] : []),
    whatBecame(report),
  ].join("\n");
  return new LfceError(
    {
      code,
      message,
      hint: HINTS[code] ?? "run again with --debug to see what the host said",
      at: { host, phase: "apply" },
    },
    outcome ? { cause: outcome } : {},
  );
}

/** The error for a verdict `commit` that did not end in a commit. */
export function commitError(host: string, report: TransactionReport): LfceError {
  return endError(host, {
    ...report,
    error: report.error ?? {
      code: "commit-failed",
      message: "the change could not be committed",
      details: [],
    },
  });
}

/** What `rollback` resolves with. Throws when the script ended otherwise, which cannot be. */
export function rollbackOutcome(host: string, report: TransactionReport, reason: string): RollbackOutcome {
  if (report.end?.kind !== "rolled-back") throw endError(host, report);
  return outcomeOf(report, reason);
}

/** The connection ended before the script's last line: the host puts its files back by itself. */
export function connectionLost(
  host: string,
  report: TransactionReport,
  words: string,
  cause?: unknown,
): LfceError {
  return new LfceError(
    {
      code: "connection-lost",
      message:
        `the connection ended in the phase ${report.phase} of the change, before its result was known` +
        `${words.trim() === "" ? "" : `: ${words.trim()}`}`,
      hint: "run `lfce plan` to see how the host stands: what was not committed is put back by the host itself or by the next apply",
      at: { host, phase: "apply" },
    },
    cause === undefined ? {} : { cause },
  );
}

function outcomeOf(report: TransactionReport, reason: string): RollbackOutcome {
  const end = report.end;
  const told = end?.kind === "rolled-back" ? end : { healthy: false, reason: "" };
  return {
    reason: reason || told.reason,
    restoredFiles: report.restoredFiles,
    restartedUnits: report.restartedUnits,
    healthy: told.healthy,
    ...(report.broken.length === 0 ? {} : { detail: report.broken.join("; ") }),
  };
}

function whatBecame(report: TransactionReport): string {
  switch (report.end?.kind) {
    case "rolled-back": {
      const files =
        report.restoredFiles.length === 0 ? "no file had to be put back" : "every file was put back";
      if (report.end.healthy) return `${files}, and the services run as before`;
      if (report.broken.length === 0)
        return `the host decides about the change by itself: ${report.end.reason}`;
      return `the change was put back, but not everything came back: ${report.broken.join("; ")}`;
    }
    case "kept":
      return "the change was left as it is (--keep-failed)";
    default:
      return report.recovered ? "nothing else on the host was changed" : "nothing on the host was changed";
  }
}

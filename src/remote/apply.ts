import { hostname, userInfo } from "node:os";
import { LfceError } from "../core/errors.ts";
import type { PendingTransaction, RollbackOutcome, Transaction } from "../core/transaction.ts";
import type { RunningScript, ScriptChannel } from "./run-script.ts";
import { loadScript, type RemoteScript } from "./scripts.ts";
import { BOOT_UNITS, encodeTransaction, rollbackLine, STATE_DIRECTORY } from "./transaction-encode.ts";
import { commitError, connectionLost, endError, rollbackOutcome } from "./transaction-errors.ts";
import {
  addFrame,
  emptyReport,
  parseTransactionFrame,
  type TransactionReport,
} from "./transaction-frames.ts";

export interface ApplyOptions {
  /** Other than /var/lib/lfce only in tests. */
  stateDirectory?: string;
  /** Where units for the next boot lie; other than /etc/systemd/system only in tests. */
  bootUnits?: string;
  /** Who holds the lock, as another lfce will read it; default: user@machine of the controller. */
  who?: string;
  signal?: AbortSignal;
  /** Called once everything is restarted, before it is looked whether it stays up. */
  settling?: () => void;
}

/** Longest silence of the script: a unit may take 100 s to start, and again when it is put back. */
const LONGEST_SILENCE_MS = 330_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** The parts of scripts/apply.sh in the order in which they define what the next ones use. */
export function applyScript(): RemoteScript {
  return loadScript(
    "apply-report",
    "lock-holder",
    "apply-lock",
    "apply-input",
    "apply-files",
    "apply-compare",
    "apply-swap",
    "apply-put-back",
    "apply-validate",
    "apply-units",
    "apply-health",
    "apply-arm",
    "apply-verdict",
    "apply",
  );
}

/** What puts a change back on the host by itself; it travels with the transaction. */
export function recoveryScript(): RemoteScript {
  return loadScript(
    "apply-report",
    "lock-holder",
    "apply-lock",
    "apply-files",
    "apply-put-back",
    "apply-units",
    "apply-arm",
    "recover",
  );
}

/**
 * Changes one host. Resolves when the change is in place and healthy and waits for the verdict; its lease is
 * renewed until then. Rejects with an LfceError when nothing was changed or everything was put back: the code
 * says why (host-locked, changed-meanwhile, target-refused, disk-full, read-only, backup-failed, stage-failed,
 * validation-failed, swap-failed, unhealthy, no-systemd, recovery-failed, connection-lost …), and when files
 * had been changed, `rollbackOf(error)` what was put back. An abort of `signal` is a lost connection to the host.
 */
export async function applyTransaction(
  channel: ScriptChannel,
  transaction: Transaction,
  options: ApplyOptions = {},
): Promise<PendingTransaction> {
  const input = encodeTransaction(transaction, {
    stateDirectory: options.stateDirectory ?? STATE_DIRECTORY,
    bootUnits: options.bootUnits ?? BOOT_UNITS,
    recovery: recoveryScript().source,
    who: options.who ?? controllerName(),
  });
  const running = await channel.open(applyScript(), {
    idleTimeoutMs: LONGEST_SILENCE_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const conversation = startConversation(running, channel.host);
  // A script that stops early closes its stdin: its own last lines say why, not the failed write.
  running.write(input).catch(() => undefined);
  const restarted = await conversation.until(({ phase, healthy }) => phase === "health" || healthy);
  if (!restarted.end) options.settling?.();
  const report = await conversation.until((so_far) => so_far.healthy);
  if (!report.healthy || report.end) throw endError(channel.host, report);
  return pendingTransaction(running, conversation, channel.host, transaction, report);
}

function pendingTransaction(
  running: RunningScript,
  conversation: Conversation,
  host: string,
  transaction: Transaction,
  report: TransactionReport,
): PendingTransaction {
  const renewal = setInterval(
    () => void running.write("renew\n").catch(() => clearInterval(renewal)),
    Math.min(LONGEST_SILENCE_MS / 3, Math.max(300, (transaction.leaseSeconds * 1000) / 3)),
  );
  renewal.unref();
  const verdict = async (line: string): Promise<TransactionReport> => {
    clearInterval(renewal);
    running.write(line).catch(() => undefined);
    return conversation.until(() => false);
  };
  return {
    notices: notices(report),
    async commit(): Promise<void> {
      const end = await verdict("commit\n");
      if (end.end?.kind !== "committed") throw commitError(host, end);
    },
    async rollback(reason: string): Promise<RollbackOutcome> {
      const end = await verdict(rollbackLine(reason));
      return rollbackOutcome(host, end, reason);
    },
  };
}

function notices(report: TransactionReport): string[] {
  const { recovered } = report;
  if (!recovered) return report.notices;
  const files = recovered.restoredFiles.join(", ") || "no file had been changed";
  return [`an interrupted change (${recovered.id}) was put back first: ${files}`, ...report.notices];
}

interface Conversation {
  /** Reads on until the report fulfils the condition, or the script has said its last line. */
  until(condition: (report: TransactionReport) => boolean): Promise<TransactionReport>;
}

function startConversation(running: RunningScript, host: string): Conversation {
  const lines = running.lines[Symbol.asyncIterator]();
  let report = emptyReport();
  // Observed where the lines end; a rejection must not be unhandled before that.
  running.done.catch(() => undefined);
  return {
    async until(condition) {
      while (!condition(report) && !report.end) {
        const next = await nextLine(lines, running, host, report);
        const frame = parseTransactionFrame(next);
        if (frame) report = addFrame(report, frame);
      }
      if (report.end) running.end();
      return report;
    },
  };
}

async function nextLine(
  lines: AsyncIterator<string>,
  running: RunningScript,
  host: string,
  report: TransactionReport,
): Promise<string> {
  try {
    const next = await lines.next();
    if (!next.done) return next.value;
    const exit = await running.done;
    throw connectionLost(host, report, exit.stderr);
  } catch (error) {
    if (error instanceof LfceError && error.at !== undefined && "phase" in error.at) throw error;
    throw connectionLost(host, report, error instanceof Error ? error.message : String(error), error);
  }
}

function controllerName(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A user id without a name, as in containers.
    return hostname();
  }
}

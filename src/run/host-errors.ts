import { LfceError, type LfceErrorData, LfceErrors, type Phase } from "../core/errors.ts";
import type { HostStatus } from "../core/events.ts";
import { rollbackOf } from "../core/transaction.ts";

/** Errors that mean "nobody was there": the host is unreachable rather than failed. */
const UNREACHABLE = new Set([
  "host-unreachable",
  "connection-refused",
  "connect-timeout",
  "connection-lost",
  "jump-unreachable",
  "login-penalty",
  "server-busy",
  "name-not-found",
]);

/**
 * Any exception of a host's work as plain data: what is not an LfceError is a fault of lfce's own, and says so.
 */
export function hostError(error: unknown, host: string, phase: Phase): LfceErrorData {
  if (error instanceof LfceError) return { ...error.data, at: error.at ?? { host, phase } };
  if (error instanceof LfceErrors) return joined(error.errors, host, phase);
  return {
    code: "internal",
    message: `lfce itself failed: ${error instanceof Error ? error.message : String(error)}`,
    hint: "run again with --debug and report what it prints",
    at: { host, phase },
  };
}

/** Several errors of one host as one: all messages, and the hint of the first that has one. */
export function joined(errors: readonly LfceErrorData[], host: string, phase: Phase): LfceErrorData {
  const [first] = errors;
  if (first && errors.length === 1) return { ...first, at: first.at ?? { host, phase } };
  const hint = errors.find((error) => error.hint !== undefined)?.hint;
  return {
    code: first?.code ?? "internal",
    message: errors.map((error) => error.message).join("\n"),
    ...(hint === undefined ? {} : { hint }),
    at: { host, phase },
  };
}

/** The status that an error of a host's work ends in, as long as nothing was changed there. */
export function statusOfError(error: LfceErrorData): HostStatus {
  const changing =
    error.at && "phase" in error.at && (error.at.phase === "apply" || error.at.phase === "install");
  if (changing) return "failed";
  return UNREACHABLE.has(error.code) ? "unreachable" : "failed";
}

/** The status that an exception of a host's work ends in, a change of it that was put back included. */
export function statusAfter(error: unknown, data: LfceErrorData): HostStatus {
  if (data.code === "interrupted") return "skipped";
  const putBack = error instanceof Error ? rollbackOf(error) : undefined;
  if (putBack) return putBack.healthy ? "rolled-back" : "failed";
  return statusOfError(data);
}

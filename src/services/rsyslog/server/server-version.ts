import { errorData, type LfceErrorData, type Position } from "../../../core/errors.ts";
import { atLeast } from "../../version-order.ts";
import type { DesiredSyslogServer } from "../desired.ts";

/** RainerScript as the role's files need it (rsyslog's ChangeLog). */
const scriptSince = "7.0";
/** `address` of imtcp. */
const tcpAddressSince = "8.9";
/** `lookup_table()`. */
const tableSince = "8.17";

/** Errors for what the host's rsyslog is too old for. */
export function serverVersionErrors(
  server: DesiredSyslogServer,
  version: string | undefined,
  at?: Position,
): LfceErrorData[] {
  if (!atLeast(version, scriptSince)) return [tooOld("syslog_server", scriptSince, version, at)];
  const bound = server.listen.some(({ protocol, address }) => protocol === "tcp" && address !== undefined);
  if (!bound || atLeast(version, tcpAddressSince)) return [];
  return [tooOld("address of a TCP listener", tcpAddressSince, version, at)];
}

/** Whether a table of senders can be looked up, so that many of them do not cost a test each. */
export function knowsTables(version: string | undefined): boolean {
  return atLeast(version, tableSince);
}

function tooOld(what: string, since: string, version: string | undefined, at?: Position): LfceErrorData {
  return errorData(
    "rsyslog-too-old",
    `${what} needs rsyslog ${since}; this host has ${version}`,
    "install a newer rsyslog on the host, or take the setting out of the playbook for it",
    at,
  );
}

import { LfceError } from "../../../core/errors.ts";
import type { ConfigQuery, Evaluation } from "./evaluate.ts";
import type { ConfigKeyword } from "./values.ts";

/**
 * Stops where ssh would check something that lfce cannot: to go on would let in what ssh keeps out. Throws
 * `ssh-config-unsupported`, or `connection-refused-here` where the configuration itself refuses the host.
 */
export function refuseUnsupported(host: string, { values, origins }: Evaluation): void {
  const refuse = (keyword: ConfigKeyword, message: string, hint: string): never => {
    throw new LfceError({
      code: "ssh-config-unsupported",
      message: `${message} (${origins[keyword] ?? keyword})`,
      hint,
      at: { host, phase: "connect" },
    });
  };
  if (values.refuseconnection !== undefined) {
    throw new LfceError({
      code: "connection-refused-here",
      message: `RefuseConnection forbids connecting to ${host}: ${values.refuseconnection} (${origins.refuseconnection ?? ""})`,
      hint: "take the host out of the playbook, or the line out of the ssh configuration",
      at: { host, phase: "connect" },
    });
  }
  if (values.revokedhostkeys !== undefined && values.revokedhostkeys.length > 0) {
    refuse(
      "revokedhostkeys",
      `lfce does not read RevokedHostKeys, which ${host} is to be checked against`,
      "put the revoked keys into known_hosts with @revoked before them, which lfce obeys, and set RevokedHostKeys none",
    );
  }
  if (values.proxyusefdpass === true && values.proxycommand) {
    refuse(
      "proxyusefdpass",
      `the ProxyCommand for ${host} is to pass an open connection on, which lfce cannot take`,
      "let the command carry the bytes itself: ProxyUseFdpass no",
    );
  }
}

/** Tells what is set and has no effect, though it might change who is reached or who is trusted. */
export function warnOfUnheeded({ values, origins }: Evaluation, warn: ConfigQuery["warn"]): void {
  const tell = (keyword: ConfigKeyword, message: string, hint: string): void => {
    warn({ code: "ssh-config-unheeded", message: `${message} (${origins[keyword] ?? keyword})`, hint });
  };
  if (values.canonicalizehostname === "yes") {
    tell(
      "canonicalizehostname",
      "CanonicalizeHostname has no effect: hosts are reached by the names that they have in the inventory",
      "set ansible_host, or HostName, to the whole name where the short one does not resolve",
    );
  }
  if (values.knownhostscommand) {
    tell(
      "knownhostscommand",
      "KnownHostsCommand is not run: keys that only it knows count as unknown",
      "write what it prints into a file and name it in UserKnownHostsFile",
    );
  }
  if (values.bindinterface !== undefined) {
    tell(
      "bindinterface",
      "BindInterface has no effect: the system's routes choose the way",
      "use BindAddress with the interface's address",
    );
  }
}

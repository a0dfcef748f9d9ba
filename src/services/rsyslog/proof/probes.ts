import { isIP } from "node:net";
import { type Check, failedCheck } from "../../../core/checks.ts";
import type { SyslogEvidenceRequest } from "../../../core/evidence.ts";
import type { DesiredForward, DesiredSyslogServer } from "../desired.ts";
import { fixedDirectory, parseFilePattern } from "../server/file-tokens.ts";
import { clientFault, diagnoseDelivery } from "./diagnosis.ts";
import { isDeclaredPath } from "./diagnosis-receiver.ts";
import { connectionsTo, type Delivery, queuedOnDisk, targetTitle } from "./probes-delivery.ts";

/** Where a rule that took a message may stand; the paths are the same in every distribution. */
const CONFIGURATIONS = ["/etc/rsyslog.conf", "/etc/rsyslog.d/*.conf"];

/** What to ask a client's host when a message did not arrive, or when its server is outside the inventory. */
export function deliveryRequest(
  client: { forwards: readonly DesiredForward[] },
  unit: string,
  spoolDirectory: string,
  nonces: readonly string[],
): SyslogEvidenceRequest {
  const targets = client.forwards.map(({ address, protocol, port }) => ({ address, protocol, port }));
  return {
    unit,
    targets,
    names: [...new Set(targets.map(({ address }) => address))].filter((address) => isIP(address) === 0),
    spoolDirectory,
    searchDirectories: ["/var/log"],
    nonces: [...nonces],
    files: [],
    configurations: [],
  };
}

/** What to ask a log server: `nonces` that did not arrive, and the declared `paths` in which they were expected. */
export function receptionRequest(
  server: DesiredSyslogServer,
  unit: string,
  spoolDirectory: string,
  nonces: readonly string[],
  paths: readonly string[],
): SyslogEvidenceRequest {
  const declared = server.store.flatMap(({ file }) => {
    const pattern = parseFilePattern(file);
    return "error" in pattern ? [] : [fixedDirectory(pattern.pieces)];
  });
  return {
    unit,
    targets: [],
    names: [],
    spoolDirectory,
    searchDirectories: nonces.length === 0 ? [] : [...new Set(["/var/log", ...declared])],
    nonces: [...nonces],
    files: [...new Set(paths)],
    configurations: CONFIGURATIONS,
  };
}

/** What the look-out on the server saw. */
export interface Arrival {
  path: string;
  /** Milliseconds from the first probe message to its arrival. */
  ms: number;
}

/** Proof `syslog.arrived` for one forward whose probe message stands in the declared file on the server. */
export function syslogArrived(forward: DesiredForward, { path, ms }: Arrival): Check {
  const detail = `arrived at ${targetTitle(forward)} in ${path}`;
  return { name: "syslog.arrived", result: "passed", detail, ms };
}

/**
 * Proof `syslog.arrived` for one forward whose probe messages were not seen in time. For a server outside the
 * inventory it is passed with a live connection and an empty queue, otherwise unproven, unless the client
 * itself is at fault. Unproven, too, when the server could not be checked in this run or no message of
 * logger(1) passes the selector. Otherwise failed, with the reason.
 */
export function judgeSyslogMissing(delivery: Delivery, ms: number): Check {
  const name = "syslog.arrived";
  const { forward, server, path, priority } = delivery;
  const title = targetTitle(forward);
  const fault = clientFault(delivery);
  if (fault) return failedCheck(name, fault, ms);
  if (priority === undefined) {
    const detail = `no message of logger can show that ${forward.selector.join(";")} reaches ${title}`;
    return { name, result: "unproven", detail, ms, code: "selector-not-provable" };
  }
  if (server.state === "outside") return judgeOutside(delivery, ms);
  if (server.state !== "seen") {
    const why =
      server.state === "failed"
        ? "failed or was skipped in this run itself"
        : "could not be reached in this run";
    const detail = `${server.host} ${why}, so nobody looked for the message there`;
    return { name, result: "unproven", detail, ms, code: "server-not-checked" };
  }
  const late = server.evidence.found.find(
    (one) => delivery.nonces.includes(one.nonce) && isDeclaredPath(one.path, path),
  );
  if (late) {
    const detail = `arrived at ${title} in ${late.path}, but later than verify_timeout`;
    return { name, result: "passed", detail, ms };
  }
  if (path === undefined) {
    const detail = `the file in which ${server.host} stores messages of ${delivery.client} cannot be told beforehand`;
    return { name, result: "unproven", detail, ms, code: "file-not-known" };
  }
  return failedCheck(name, diagnoseDelivery(delivery), ms);
}

function judgeOutside(delivery: Delivery, ms: number): Check {
  const name = "syslog.arrived";
  const title = targetTitle(delivery.forward);
  const { forward } = delivery;
  if (forward.protocol === "udp") {
    const detail = `sent to ${title}, which is outside the inventory; UDP does not tell whether it arrived`;
    return { name, result: "unproven", detail, ms, code: "server-outside-inventory" };
  }
  const live = connectionsTo(delivery).find(({ state }) => state === "ESTAB");
  if (live && live.sendQueue === 0 && queuedOnDisk(delivery).bytes === 0) {
    const detail = `delivered to ${title}: the connection is up and the queue is empty (outside the inventory: its files were not looked at)`;
    return { name, result: "passed", detail, ms };
  }
  const { code, detail, hint } = diagnoseDelivery(delivery);
  return {
    name,
    result: "unproven",
    detail: `${detail} (outside the inventory)`,
    ms,
    code,
    ...(hint ? { hint } : {}),
  };
}

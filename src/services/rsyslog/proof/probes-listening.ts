import { type Check, type Diagnosis, failedCheck } from "../../../core/checks.ts";
import type { SyslogEvidence } from "../../../core/evidence.ts";
import { blockingFirewalls } from "../../firewall-hints.ts";
import type { DesiredListener, DesiredSyslogServer } from "../desired.ts";
import { bindFailure, rejectedDirective } from "./diagnosis-journal.ts";

/** Proof `syslog.listening`: rsyslogd runs and holds every declared port. */
export function judgeSyslogListening(
  server: DesiredSyslogServer,
  evidence: SyslogEvidence,
  unit: string,
  ms: number,
): Check {
  const fault =
    inactive(evidence, unit) ?? server.listen.map((one) => listenFault(one, evidence, unit)).find(Boolean);
  if (fault) return failedCheck("syslog.listening", fault, ms);
  const ports = server.listen.map(({ protocol, port }) => `${protocol} port ${port}`).join(", ");
  const closed = server.listen.flatMap(({ protocol, port }) =>
    blockingFirewalls(evidence.firewalls, { protocol, port, direction: "input" }).filter(
      ({ blocks }) => blocks === "yes",
    ),
  );
  const but = closed[0]
    ? `; but ${closed[0].where} drops what clients send (open it: ${closed[0].openCommand})`
    : "";
  return { name: "syslog.listening", result: "passed", detail: `rsyslogd listens on ${ports}${but}`, ms };
}

function inactive(evidence: SyslogEvidence, unit: string): Diagnosis | undefined {
  if (evidence.unitState === "active") return undefined;
  return {
    code: "daemon-inactive",
    detail: `rsyslogd is not running (${evidence.unitState || "unknown"})`,
    hint: `systemctl restart ${unit}; journalctl -u ${unit} -n 20`,
  };
}

function listenFault(
  { protocol, port, address }: DesiredListener,
  evidence: SyslogEvidence,
  unit: string,
): Diagnosis | undefined {
  const holders = evidence.listeners.filter(
    (one) =>
      one.protocol === protocol &&
      one.port === port &&
      (address === undefined || one.address === address || ["*", "0.0.0.0", "::"].includes(one.address)),
  );
  if (holders.some(({ process }) => process === undefined || process === "rsyslogd")) return undefined;
  const [other] = holders;
  if (other) {
    return {
      code: "port-taken",
      detail: `${protocol} port ${port} is held by ${other.process}, not by rsyslogd`,
      hint: `stop ${other.process} or declare another port, then: systemctl restart ${unit}`,
    };
  }
  const bind = bindFailure(evidence.journal);
  const said = bind ?? rejectedDirective(evidence.journal);
  return {
    code: said !== undefined && said !== bind ? "directive-rejected" : "not-listening",
    detail: `rsyslogd runs but does not listen on ${protocol} port ${port}${said ? `: ${said}` : ""}`,
    hint: /permission denied/i.test(bind ?? "")
      ? `where SELinux is on: semanage port -a -t syslogd_port_t -p ${protocol} ${port}, then: systemctl restart ${unit}`
      : `\`rsyslogd -N1\` shows what it does not take; when the files are right: systemctl restart ${unit}`,
  };
}

import { isIP } from "node:net";
import type { Check, Diagnosis } from "../../core/checks.ts";
import type { NtpEvidence, NtpEvidenceRequest } from "../../core/evidence.ts";
import { blockingFirewalls } from "../firewall-hints.ts";
import { LOCAL_REFERENCE, parseAccessCheck, parseTracking } from "./chronyc.ts";
import type { DesiredNtpClient, DesiredNtpServer, DesiredSource } from "./desired.ts";
import { beyondOffset, diagnoseSource, type NtpClientContext, seconds } from "./diagnosis.ts";
import { isDeclared, type KnownSource, knownSources, sourceTitle } from "./probes-sources.ts";

/** What to ask a client's host: it waits there until a declared source is selected and near enough. */
export function ntpSelectedRequest(client: DesiredNtpClient, unit: string): NtpEvidenceRequest {
  return {
    unit,
    waitSeconds: client.verifyTimeout,
    acceptable: [...new Set(client.sources.flatMap(({ address, aliases }) => [address, ...aliases]))],
    maxOffset: client.maxOffset,
    burst: client.sources.some(({ options }) => options.iburst === false),
    accessChecks: [],
    names: client.sources.map(({ address }) => address).filter((address) => isIP(address) === 0),
  };
}

/** What to ask a server's host. A server with `local_stratum` serves at once; another must first find a source. */
export function ntpServingRequest(
  server: DesiredNtpServer,
  unit: string,
  clientAddresses: readonly string[],
): NtpEvidenceRequest {
  return {
    unit,
    waitSeconds: server.localStratum === undefined && !server.orphan ? 30 : 0,
    acceptable: ["*"],
    burst: false,
    accessChecks: [...new Set(clientAddresses)],
    names: [],
  };
}

/**
 * Proof `ntp.selected`: passed when chronyd has selected a declared source, the clock is within `max_offset`
 * and the leap status is normal; a selected reference clock passes when a declared source is usable. Unproven
 * when none of the declared servers could be checked in this run. Otherwise failed, with the reason.
 */
export function judgeNtpSelected(
  client: DesiredNtpClient,
  evidence: NtpEvidence,
  context: NtpClientContext,
): Check {
  const ms = evidence.selectedAfterMs ?? Math.round(client.verifyTimeout * 1000);
  const down = daemonFault(evidence, context.unit);
  if (down) return failed("ntp.selected", down, ms);
  const problems = client.sources.flatMap((declared) => {
    const diagnosis = diagnoseSource(declared, client.maxOffset, evidence, context);
    return diagnosis ? [{ declared, diagnosis }] : [];
  });
  const selected = knownSources(evidence).find(({ state }) => state === "selected");
  const declared = selected && client.sources.find((one) => isDeclared(one, selected, evidence.names));
  if (selected && declared) return judgeSelected(client, evidence, selected, declared, problems, ms);
  if (selected?.mode === "refclock" && problems.length < client.sources.length) {
    const detail = `reference clock ${selected.name} is selected, and a declared source is usable`;
    return { name: "ntp.selected", result: "passed", detail: detail + remarks(problems), ms };
  }
  if (client.sources.length > 0 && client.sources.every((one) => notChecked(one, context))) {
    const hosts = [...new Set(client.sources.map(({ host }) => host))].join(", ");
    const detail = `no declared source is selected, and its time servers could not be checked in this run: ${hosts}`;
    return { name: "ntp.selected", result: "unproven", detail, ms, code: "server-unreachable" };
  }
  return failed("ntp.selected", notSelected(client, selected, problems), ms);
}

type Problem = { declared: DesiredSource; diagnosis: Diagnosis };

function judgeSelected(
  client: DesiredNtpClient,
  evidence: NtpEvidence,
  selected: KnownSource,
  declared: DesiredSource,
  problems: readonly Problem[],
  ms: number,
): Check {
  const title = sourceTitle(declared);
  const tracking = parseTracking(evidence.tracking);
  const offset = [selected.offset, tracking?.systemTime ?? 0].reduce((a, b) =>
    Math.abs(b) > Math.abs(a) ? b : a,
  );
  if (Math.abs(offset) > client.maxOffset) {
    return failed("ntp.selected", beyondOffset(title, offset, client.maxOffset), ms);
  }
  if (tracking?.leap === "Not synchronised") {
    const detail = `${title} is selected, but chronyd has not set the clock by it yet (leap status: not synchronised)`;
    return failed("ntp.selected", { code: "not-synchronised", detail, hint: "see `chronyc tracking`" }, ms);
  }
  const others = problems.filter((problem) => problem.declared !== declared);
  const detail = `${title} is selected, offset ${seconds(offset)}${remarks(others)}`;
  return { name: "ntp.selected", result: "passed", detail, ms };
}

/** A proof that passed still says which declared sources are of no use. */
function remarks(problems: readonly Problem[]): string {
  return problems.length === 0 ? "" : `; but ${problems.map(({ diagnosis }) => diagnosis.detail).join("; ")}`;
}

function notChecked(declared: DesiredSource, context: NtpClientContext): boolean {
  const view = context.servers.find(({ host }) => host === declared.host);
  return view !== undefined && view.state !== "seen";
}

function notSelected(
  client: DesiredNtpClient,
  selected: KnownSource | undefined,
  problems: readonly Problem[],
): Diagnosis {
  const [first, ...more] = problems.map(({ diagnosis }) => diagnosis);
  const reasons = [first, ...more].flatMap((diagnosis) => diagnosis?.detail ?? []).join("; ");
  if (selected && selected.mode !== "refclock") {
    const name = selected.configured ?? selected.name;
    return {
      code: "undeclared-source",
      detail: `chronyd has selected ${name}, which the playbook does not declare${reasons ? `; ${reasons}` : ""}`,
      hint: first?.hint ?? "apply the playbook with `exclusive: true`, or declare that source",
    };
  }
  if (first) {
    const all =
      client.sources.length > 1 ? `none of the ${client.sources.length} declared sources is selected: ` : "";
    return { ...first, detail: `${all}${reasons}` };
  }
  return {
    code: "not-selected-yet",
    detail: `no source is selected after ${client.verifyTimeout} s, though the declared sources answer`,
    hint: "a longer verify_timeout gives chronyd time for more measurements; see `chronyc selectdata -v`",
  };
}

/**
 * Proof `ntp.serving`: passed when chronyd runs, listens on its NTP port, has time to give (a source of its
 * own, or `local`, whose reference id is 7F7F0101) and allows every one of the client addresses.
 */
export function judgeNtpServing(
  server: DesiredNtpServer,
  evidence: NtpEvidence,
  clientAddresses: readonly string[],
  unit: string,
  ms: number,
): Check {
  const fault = daemonFault(evidence, unit) ?? servingFault(server, evidence, clientAddresses);
  if (fault) return failed("ntp.serving", fault, ms);
  const tracking = parseTracking(evidence.tracking);
  const clock = tracking?.referenceId === LOCAL_REFERENCE ? "its own clock" : `the time of ${tracking?.name}`;
  const [closed] = blockingFirewalls(evidence.firewalls, {
    protocol: "udp",
    port: ntpPort(server),
    direction: "input",
  });
  const but =
    closed?.blocks === "yes"
      ? `; but ${closed.where} drops what clients send (open it: ${closed.openCommand})`
      : "";
  const detail = `serves ${clock} at stratum ${tracking?.stratum} to ${clientAddresses.length} client address(es)${but}`;
  return { name: "ntp.serving", result: "passed", detail, ms };
}

function servingFault(
  server: DesiredNtpServer,
  evidence: NtpEvidence,
  clientAddresses: readonly string[],
): Diagnosis | undefined {
  const port = ntpPort(server);
  const listens = evidence.listeners.some(
    (listener) => listener.protocol === "udp" && listener.port === port,
  );
  if (evidence.listeners.length > 0 && !listens) {
    return {
      code: "not-listening",
      detail: `chronyd runs but does not listen on UDP port ${port}`,
      hint: "it listens only when an `allow` is in force; look at what it has loaded: chronyd -p | grep -E '^(allow|port|bindaddress)'",
    };
  }
  const denied = clientAddresses.filter(
    (address) => parseAccessCheck(evidence.accessChecks[address] ?? "") === "denied",
  );
  if (denied.length > 0) {
    const shown = denied.slice(0, 5).join(", ") + (denied.length > 5 ? ` and ${denied.length - 5} more` : "");
    return {
      code: "access-denied",
      detail: `chronyd refuses clients of this playbook: ${shown}`,
      hint: `add them to \`allow\` of the ntp_server role and apply the playbook (to see it: chronyc accheck ${denied[0]})`,
    };
  }
  if (parseTracking(evidence.tracking)?.leap === "Not synchronised") {
    return {
      code: "server-unsynchronised",
      detail: "chronyd has no time to give: it is not synchronised and has no local stratum",
      hint: "give it a source that answers (`chronyc sources`), or `local_stratum: 10` in its ntp_server role",
    };
  }
  return undefined;
}

/** The `port` directive (chrony.conf(5)) where the playbook sets one. */
function ntpPort(server: DesiredNtpServer): number {
  return Number(server.directives.find(({ name }) => name === "port")?.values.at(-1) ?? 123);
}

/** The daemon is down, or cannot be asked: with its own last words where it said why. */
function daemonFault(evidence: NtpEvidence, unit: string): Diagnosis | undefined {
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

function failed(name: Check["name"], { code, detail, hint }: Diagnosis, ms: number): Check {
  return { name, result: "failed", detail, ms, code, ...(hint === undefined ? {} : { hint }) };
}

import { isIP } from "node:net";
import { type Check, type Diagnosis, failedCheck } from "../../core/checks.ts";
import type { NtpEvidence, NtpEvidenceRequest } from "../../core/evidence.ts";
import { parseTracking } from "./chronyc.ts";
import type { DesiredNtpClient, DesiredSource } from "./desired.ts";
import { beyondOffset, diagnoseSource, seconds } from "./diagnosis.ts";
import { daemonFault } from "./diagnosis-daemon.ts";
import type { NtpClientContext } from "./diagnosis-server.ts";
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
  if (down) return failedCheck("ntp.selected", down, ms);
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
  const views = client.sources.map((one) => context.servers.find(({ host }) => host === one.host));
  if (views.length > 0 && views.every((view) => view !== undefined && view.state !== "seen")) {
    const reasons = views.flatMap((view) => (view ? `${view.host} ${notLookedAt(view.state)}` : []));
    const detail = `no declared source is selected, and ${[...new Set(reasons)].join(", ")}`;
    return { name: "ntp.selected", result: "unproven", detail, ms, code: "server-not-checked" };
  }
  return failedCheck("ntp.selected", notSelected(client, selected, problems), ms);
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
    return failedCheck("ntp.selected", beyondOffset(title, offset, client.maxOffset), ms);
  }
  if (tracking?.leap === "Not synchronised") {
    const detail = `${title} is selected, but chronyd has not set the clock by it yet (leap status: not synchronised)`;
    return failedCheck(
      "ntp.selected",
      { code: "not-synchronised", detail, hint: "see `chronyc tracking`" },
      ms,
    );
  }
  const others = problems.filter((problem) => problem.declared !== declared);
  const detail = `${title} is selected, offset ${seconds(offset)}${remarks(others)}`;
  return { name: "ntp.selected", result: "passed", detail, ms };
}

/** A proof that passed still says which declared sources are of no use. */
function remarks(problems: readonly Problem[]): string {
  return problems.length === 0 ? "" : `; but ${problems.map(({ diagnosis }) => diagnosis.detail).join("; ")}`;
}

function notLookedAt(state: "seen" | "unreachable" | "failed"): string {
  return state === "failed" ? "failed or was skipped in this run itself" : "could not be reached in this run";
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
      code: first?.code ?? "undeclared-source",
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

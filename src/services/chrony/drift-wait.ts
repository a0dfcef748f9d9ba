import { isIP } from "node:net";
import type { DriftFinding } from "../../core/drift.ts";
import type { NtpEvidence, NtpEvidenceRequest } from "../../core/evidence.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { parseSources } from "./chronyc.ts";
import { claimsOf } from "./claims.ts";
import type { DesiredChrony } from "./desired.ts";
import { means, showsNames } from "./drift-running.ts";

/** What may only be a matter of seconds after chronyd, or one of its sources, has started. */
const PASSING =
  /^(chrony-not-selected|chrony-wrong-source|chrony-no-answer|offset-too-large|leap-not-normal)$/;

/** Seconds to wait where no ntp_client role says how long; that role's own default. */
const VERIFY_TIMEOUT = 30;

/** The last polls that tell whether a source answers now. */
const LAST_POLLS = 0b111;

/**
 * What to wait for before `findings` are believed; undefined: nothing, they are no matter of time. chronyd that has
 * run for longer than `verify_timeout` without an answer has had its time; one that gets answers has not decided yet.
 */
export function waitBeforeTelling(
  desired: DesiredChrony,
  observed: ObservedHost,
  distro: Distro,
  findings: readonly DriftFinding[],
): NtpEvidenceRequest | undefined {
  const passing = findings.filter(({ code }) => PASSING.test(code));
  if (passing.length === 0) return undefined;
  const { unit } = distro.services.chrony;
  const client = desired.client?.state === "present" ? desired.client : undefined;
  const wanted = claimsOf(desired).claims.sources?.wanted ?? [];
  const timeout = client?.verifyTimeout ?? VERIFY_TIMEOUT;
  const age = observed.now - (observed.units[unit]?.startedAt ?? observed.now);
  const isAnswered = parseSources(observed.chronyc.sources ?? "").some(
    ({ name, state, reach }) =>
      state !== "selected" &&
      state !== "falseticker" &&
      (reach & LAST_POLLS) > 0 &&
      (wanted.length === 0 || wanted.some((one) => means(one, name, observed.names))),
  );
  const waitSeconds = isAnswered || age < 0 ? timeout : Math.ceil(Math.max(0, timeout - age));
  // An old version shows other names than the declared ones at first; asked again it shows addresses.
  if (waitSeconds === 0 && showsNames(observed)) return undefined;
  const acceptable = [...new Set(wanted.flatMap(({ address, aliases }) => [address, ...aliases]))];
  return {
    unit,
    waitSeconds,
    acceptable: acceptable.length > 0 ? acceptable : ["*"],
    ...(client ? { maxOffset: client.maxOffset } : {}),
    burst: wanted.some(({ options }) => options.iburst === false),
    accessChecks: [],
    names: wanted.map(({ address }) => address).filter((address) => isIP(address) === 0),
  };
}

/** The host as it was after the wait. */
export function afterWait(observed: ObservedHost, evidence: NtpEvidence): ObservedHost {
  const { namedSources, sources, tracking, listeners, names } = evidence;
  const known = namedSources.trim() === "" ? sources : namedSources;
  return {
    ...observed,
    chronyc: tracking.trim() === "" ? {} : { sources: known, tracking },
    names: { ...observed.names, ...names },
    listeners: listeners.length > 0 ? listeners : observed.listeners,
  };
}

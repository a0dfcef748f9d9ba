import type { DriftFinding, HostClock } from "../../core/drift.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { LocatedFinding } from "../host-drift.ts";
import { type ChronycTracking, LOCAL_REFERENCE, parseSources, parseTracking } from "./chronyc.ts";
import type { Claims } from "./claims.ts";
import type { DesiredChrony } from "./desired.ts";
import { seconds } from "./diagnosis.ts";

/** Seconds: what a clock may be off its source where no ntp_client role says so; that role's own default. */
const MAX_OFFSET = 0.1;

/** From this stratum on nobody takes the time from a host (RFC 5905). */
const UNUSABLE_STRATUM = 16;

/**
 * What `chronyc tracking` says that is not as declared. A stratum is too high only where nobody can use it: what the
 * playbook's graph would make of it changes with a server's own sources, and a server that serves its own clock at
 * another stratum is told once, there, and not again on each of its clients.
 */
export function clockFindings(
  desired: DesiredChrony,
  claims: Claims,
  { chronyc }: Pick<ObservedHost, "chronyc">,
  told: readonly DriftFinding[],
): LocatedFinding[] {
  const tracking = parseTracking(chronyc.tracking ?? "");
  if (!tracking) return [];
  const isTold = (pattern: RegExp) => told.some(({ code }) => pattern.test(code));
  const local = claims.access?.local;
  const isOwn = tracking.referenceId === LOCAL_REFERENCE;
  const hasNoTime = tracking.leap === "Not synchronised";
  if (claims.access && !isTold(/^local-|^unit-stale$/)) {
    if (isOwn && local && tracking.stratum !== local.stratum) {
      const message = `it serves its own clock at stratum ${tracking.stratum}, not at the declared ${local.stratum}`;
      return [finding("stratum-changed", "clock", message)];
    }
    if (isOwn && !local) {
      const message = `the running chronyd serves its own clock at stratum ${tracking.stratum}, which the playbook does not declare`;
      return [finding("local-undeclared", "local", message)];
    }
    // With orphan a server waits for the others of its kind.
    if (hasNoTime && local && !local.orphan) {
      const message = `the running chronyd does not serve its own clock, though no source is selected (declared: stratum ${local.stratum})`;
      return [finding("local-missing", "local", message)];
    }
  }
  if (isOwn) return [];
  if (hasNoTime) {
    const isKnown = isTold(/^chrony-(not-selected|wrong-source)$|^source-missing$|^local-|^unit-stale$/);
    return isKnown ? [] : [finding("leap-not-normal", "clock", "the clock is not synchronised")];
  }
  return [...offsetFindings(desired, chronyc.sources ?? "", tracking), ...announced(tracking)];
}

function offsetFindings(
  desired: DesiredChrony,
  sources: string,
  tracking: ChronycTracking,
): LocatedFinding[] {
  const limit = desired.client?.state === "present" ? desired.client.maxOffset : MAX_OFFSET;
  const selected = parseSources(sources).find(({ state }) => state === "selected");
  const offset = [selected?.offset ?? 0, -tracking.systemTime].reduce((a, b) =>
    Math.abs(b) > Math.abs(a) ? b : a,
  );
  if (Math.abs(offset) <= limit) return [];
  const message = `the clock is ${seconds(offset)} ${offset > 0 ? "ahead of" : "behind"} its source, more than the ${seconds(limit)} allowed`;
  return [finding("offset-too-large", "clock", message)];
}

function announced({ leap, stratum }: ChronycTracking): LocatedFinding[] {
  const findings: LocatedFinding[] = [];
  if (stratum >= UNUSABLE_STRATUM) {
    findings.push(
      finding("stratum-too-high", "clock", `the clock is at stratum ${stratum}, which nobody can use`),
    );
  }
  if (leap !== "Normal") {
    findings.push(finding("leap-not-normal", "clock", `the leap status is "${leap.toLowerCase()}"`));
  }
  return findings;
}

function finding(code: string, item: string, message: string): LocatedFinding {
  return { code, item, message, covers: [] };
}

const LEAPS: Record<string, HostClock["leap"]> = {
  Normal: "normal",
  "Insert second": "insert",
  "Delete second": "delete",
};

/** What a host's clock says of itself; undefined where chronyd did not answer. */
export function clockOf({ chronyc }: Pick<ObservedHost, "chronyc">): HostClock | undefined {
  const tracking = parseTracking(chronyc.tracking ?? "");
  if (!tracking) return undefined;
  const { stratum, systemTime, leap } = tracking;
  // chronyc counts the clock's lag; a zero shall not become -0.
  return { stratum, offset: 0 - systemTime, leap: LEAPS[leap] ?? "unsynchronised" };
}

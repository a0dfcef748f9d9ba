import type { DriftFinding } from "../../core/drift.ts";
import { emptyPlan, type ServicePlan } from "../../core/host-plan.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { type LocatedFinding, settleFindings, unitFindings } from "../host-drift.ts";
import { fileFindings } from "../host-drift-files.ts";
import type { DesiredRsyslog } from "./desired.ts";
import { errorFindings, withoutToldByErrors } from "./drift-errors.ts";
import { forwardFindings } from "./drift-forwards.ts";
import { listenerFindings } from "./drift-listeners.ts";
import { includeFindings, ownFilesKept, ruleFileFindings, strayFindings } from "./drift-rules.ts";
import { socketFindings } from "./drift-sockets.ts";
import { rsyslogInForce } from "./in-force/in-force.ts";
import type { RsyslogModel } from "./in-force/in-force-model.ts";
import { readStoreRules } from "./server/store-rules.ts";

/**
 * Everything in which rsyslog on a host is not as declared, as far as one look at it tells: each change of `plan` has
 * a finding, statement by statement where that can be said, and what is wrong beside the files is told too. Other
 * tools' forwards and listeners, which a plan only warns of, are findings.
 */
export function driftRsyslog(
  desired: DesiredRsyslog,
  observed: ObservedHost,
  distro: Distro,
  plan: ServicePlan = emptyPlan("rsyslog"),
): DriftFinding[] {
  const { server, client } = desired;
  const { unit, mainFile } = distro.services.rsyslog;
  const serves = server?.state === "present";
  const wanted = serves || client?.state === "present";
  if (!wanted || observed.versions.rsyslog === undefined) return settleFindings(plan, []);
  const model = rsyslogInForce(observed, mainFile);
  const located = merged([
    ...errorFindings(plan.errors, mainFile),
    ...withoutToldByErrors(statementFindings(desired, observed, unit, model, plan), plan.errors),
    ...fileFindings([mainFile], observed),
    ...fileFindings(ownFilesKept(server, observed, plan), observed, () => OWN_FILE),
  ]).map((finding) => ({ ...finding, covers: finding.covers.flatMap((path) => namesOf(path, observed)) }));
  const read = [...model.files, ...model.lookupTables.map(({ path }) => path), ...model.includeDirectories];
  const changing = plan.files.map(({ path }) => ({ code: "", item: path, message: "", covers: [path] }));
  const ofUnit = unitFindings(unit, observed, read, [...located, ...changing]);
  const runs = observed.units[unit]?.active === "active" && ofUnit.every(({ code }) => code !== "unit-stale");
  const ofSockets = serves && runs ? socketFindings(server.listen, observed, model) : [];
  return settleFindings(plan, [...ofUnit, ...located, ...ofSockets]);
}

/** Each finding once, with everything that it covers: a file may say the same thousands of times. */
function merged(findings: readonly LocatedFinding[]): LocatedFinding[] {
  const told = new Map<string, LocatedFinding & { covers: string[] }>();
  for (const finding of findings) {
    const key = `${finding.code} ${finding.item}`;
    const known = told.get(key);
    if (!known) told.set(key, { ...finding, covers: [...finding.covers] });
    else known.covers.push(...finding.covers.filter((path) => !known.covers.includes(path)));
  }
  return [...told.values()];
}

/** A path, and where a symbolic link leads: what the plan would change. */
function namesOf(path: string, { files }: ObservedHost): string[] {
  const target = files[path]?.target;
  return target === undefined ? [path] : [path, target];
}

/** How lfce makes the files that are its own. */
const OWN_FILE = { mode: "0644", owner: "root", group: "root" };

function statementFindings(
  desired: DesiredRsyslog,
  observed: ObservedHost,
  unit: string,
  model: RsyslogModel,
  plan: ServicePlan,
): LocatedFinding[] {
  // Nobody can say what is in force where a file could not be read; the plan has an error for that.
  if (model.unread.length > 0) return [];
  const findings: LocatedFinding[] = [];
  const { server, client } = desired;
  if (server?.state === "present") {
    const listeners = listenerFindings(server.listen, model);
    findings.push(...listeners, ...includeFindings(model), ...ruleFileFindings(plan, listeners));
  }
  if (client?.state === "present") findings.push(...forwardFindings(client.forwards, model));
  const rules = server?.state === "present" ? readStoreRules(server).rules : [];
  findings.push(...strayFindings(desired, rules, observed, unit, model));
  return findings;
}

import { errorData } from "../../core/errors.ts";
import { emptyPlan, type FileChange, type ServicePlan } from "../../core/host-plan.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { isEditable } from "../editable.ts";
import { maskedError, planRestart, planUnit } from "../unit-changes.ts";
import { managedAdvice, nameAdvice, overrideAdvice } from "./advice.ts";
import { idleAdvice } from "./advice-idle.ts";
import { takeRolesOut } from "./base.ts";
import { type Claims, claimsOf, type NtpRole } from "./claims.ts";
import type { DesiredChrony } from "./desired.ts";
import { includeDirectories, isInstalled, observedContents } from "./observation.ts";
import { otherTimeDaemonError } from "./other-time-daemons.ts";
import { type Settlement, settle } from "./settle.ts";
import { stageTree } from "./stage.ts";
import { valueErrors } from "./value-check.ts";
import { versionErrors } from "./version-check.ts";
import { blockLines, writeFile } from "./write.ts";

/**
 * What has to happen on a host so that its chrony is as declared. Every plan is made from the files as they
 * would be without lfce, so it says the same whatever earlier runs did. With errors nothing is planned.
 */
export function planChrony(desired: DesiredChrony, observed: ObservedHost, distro: Distro): ServicePlan {
  const names = distro.services.chrony;
  const plan = emptyPlan("chrony");
  const present = desired.server?.state === "present" || desired.client?.state === "present";
  if (!desired.server && !desired.client) return plan;

  const { claims, errors } = claimsOf(desired);
  plan.errors.push(...errors);
  const otherDaemon = present ? otherTimeDaemonError(observed) : undefined;
  if (otherDaemon) plan.errors.push(otherDaemon);
  if (!isInstalled(observed, names.unit)) {
    const masked = present ? maskedError(names.unit, observed) : undefined;
    if (masked) plan.errors.push(masked);
    if (present && plan.errors.length === 0) plan.packages.push(names.package);
    return plan;
  }
  plan.errors.push(...versionErrors(claims, observed.versions.chrony, desired.at));
  plan.errors.push(...valueErrors(claims, desired.at));

  const contents = observedContents(names.mainFile, observed);
  if (!contents.has(names.mainFile)) {
    if (present) plan.errors.push(mainFileMissing(names.mainFile));
    return plan;
  }
  const base = takeRolesOut(contents, desired, claims);
  const settlement = settle(
    names.mainFile,
    base.files,
    observed.globs,
    observed.names,
    claims,
    (path) => isEditable(path, observed),
    observed.versions.chrony,
  );
  const advice = nameAdvice(claims, settlement.missing, observed.names, desired.at);
  plan.errors.push(...base.errors, ...settlement.errors, ...advice.errors);
  plan.warnings.push(...advice.warnings, ...overrideAdvice(settlement), ...emptyClientAdvice(desired));
  plan.warnings.push(...idleAdvice(desired, claims, settlement));

  const after = new Map(contents);
  for (const file of base.files.values()) {
    const blocks = file.path === names.mainFile ? blocksOf(claims, settlement) : new Map<NtpRole, string[]>();
    const written = writeFile(file, settlement.off, blocks, desired.playbook);
    plan.errors.push(...written.errors);
    const before = contents.get(file.path) ?? "";
    if (written.content === before) continue;
    if (!isEditable(file.path, observed)) continue;
    after.set(file.path, written.content);
    plan.warnings.push(...managedAdvice([file]));
    plan.files.push({
      path: file.path,
      before: { sha256: observed.files[file.path]?.sha256 ?? "", content: before },
      after: written.content,
      reason: reasonFor(before, written.content),
    });
  }
  const loaded = settlement.loaded.files.filter((path) => !path.endsWith(".sources"));
  const read = [...loaded, ...includeDirectories(names.mainFile, observed)];
  const changing = plan.files.map((file) => file.path);
  const unit = present ? planUnit(names.unit, observed, read, changing) : undefined;
  plan.errors.push(...(unit?.errors ?? []));
  if (plan.errors.length > 0) return { ...emptyPlan("chrony"), warnings: plan.warnings, errors: plan.errors };

  plan.loadedFiles = loaded;
  if (plan.files.length > 0) {
    const tree = new Map(plan.loadedFiles.map((path) => [path, after.get(path) ?? ""]));
    plan.staged = stageTree(names.mainFile, tree, observed.globs);
  }
  plan.units = unit?.changes ?? planRestart(names.unit, observed, read, changing);
  if (present || plan.units.length > 0) plan.health.push({ kind: "active", unit: names.unit });
  return plan;
}

function blocksOf(claims: Claims, settlement: Settlement): Map<NtpRole, string[]> {
  const roles: NtpRole[] = ["ntp_client", "ntp_server"];
  return new Map(roles.map((role) => [role, blockLines(role, claims, settlement.missing)]));
}

function reasonFor(before: FileChange["after"], after: FileChange["after"]): string {
  const count = (text: string | null, pattern: RegExp) => (text?.match(pattern) ?? []).length;
  const off = count(after, /^#lfce# /gm) - count(before, /^#lfce# /gm);
  const parts: string[] = [];
  if (off > 0)
    parts.push(`switches off ${off} line${off === 1 ? "" : "s"} that the playbook does not declare`);
  if (off < 0) parts.push(`switches ${-off} line${off === -1 ? "" : "s"} on again`);
  const had = count(before, /^# lfce: begin /gm);
  const has = count(after, /^# lfce: begin /gm);
  if (has > had) parts.push("adds what is missing");
  else if (has < had) parts.push("takes lfce's block out");
  else if (has > 0) parts.push("brings lfce's block up to date");
  return parts.join(", ") || "brings the file to what the playbook declares";
}

function mainFileMissing(path: string) {
  return errorData(
    "chrony-no-main-file",
    `chrony is installed, but its configuration file ${path} is not there or cannot be read`,
    "put the distribution's file back (reinstall the chrony package), then run lfce again",
  );
}

function emptyClientAdvice(desired: DesiredChrony) {
  if (desired.client?.state !== "present" || desired.client.sources.length > 0) return [];
  if (desired.server?.state === "present" && desired.server.sources) return [];
  return [
    errorData(
      "chrony-no-server-left",
      "ntp_client has no server other than this host itself, so it leaves the host's sources alone",
      "name servers for it, or keep the role off this host",
      desired.at,
    ),
  ];
}

import type { DriftFinding } from "../../core/drift.ts";
import type { ObservedFile, ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { type LocatedFinding, someOfEach } from "../host-drift.ts";
import type { DesiredStoreRule } from "./desired.ts";
import type { ClientFiles } from "./drift-log-files.ts";
import { rsyslogInForce } from "./in-force/in-force.ts";
import { directives } from "./server/listener.ts";

/** The umask that EL's unit starts rsyslogd with: what it takes away is no drift. */
const EL_UMASK = 0o066;

/**
 * Files of received messages whose mode, owner or group is not what their rule declares; what a rule does not declare
 * is left to the daemon. rsyslogd gives them to new files only.
 */
export function logModeFindings(
  files: ReadonlyMap<string, ClientFiles>,
  observed: ObservedHost,
  distro: Distro,
): DriftFinding[] {
  const declared = [...files.values()].filter(
    ({ rule: { mode, owner, group } }) => (mode ?? owner ?? group) !== undefined,
  );
  if (declared.length === 0) return [];
  const mainFile = distro.services.rsyslog.mainFile;
  const umask =
    distro.family === "el" && directives(rsyslogInForce(observed, mainFile), "umask").length === 0
      ? EL_UMASK
      : 0;
  const rules = new Map(
    declared.flatMap(({ patterns, rule }) =>
      patterns.flatMap((pattern) => (observed.lists?.[pattern] ?? []).map((path) => [path, rule] as const)),
    ),
  );
  const findings = [...rules].flatMap(([path, rule]) => {
    const file = observed.files[path];
    return file?.kind === "file" ? metadataFindings(path, file, rule, umask) : [];
  });
  return someOfEach(findings).map(({ covers: _, ...finding }) => finding);
}

function metadataFindings(
  path: string,
  file: ObservedFile,
  { mode, owner, group }: DesiredStoreRule,
  umask: number,
): LocatedFinding[] {
  const findings: LocatedFinding[] = [];
  const tell = (code: string, message: string, detail: string) =>
    findings.push({ code, item: path, message, detail, covers: [] });
  if (mode !== undefined && file.mode !== undefined) {
    const [wanted, found] = [Number.parseInt(mode, 8), Number.parseInt(file.mode, 8)];
    if (found !== wanted && found !== (wanted & ~umask)) {
      tell("file-mode", `${path} has mode ${file.mode}, not ${mode}`, `chmod ${mode} ${path}`);
    }
  }
  if (owner !== undefined && file.owner !== undefined && file.owner !== owner) {
    tell("file-owner", `${path} belongs to ${file.owner}, not to ${owner}`, `chown ${owner} ${path}`);
  } else if (group !== undefined && file.group !== undefined && file.group !== group) {
    tell("file-owner", `${path} has group ${file.group}, not ${group}`, `chgrp ${group} ${path}`);
  }
  return findings;
}

import assert from "node:assert/strict";
import type { DriftFinding } from "../../../../src/core/drift.ts";
import type { ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import type {
  DesiredForward,
  DesiredRsyslog,
  DesiredSyslogServer,
} from "../../../../src/services/rsyslog/desired.ts";
import { driftRsyslog } from "../../../../src/services/rsyslog/drift.ts";
import { planRsyslog } from "../../../../src/services/rsyslog/plan.ts";
import { carriedOut, type Files, type HostTraits, observedHost } from "./host.ts";
import { plainMain, serverOf, storeRule } from "./server-host.ts";

/** The main file of every host here. */
export const main = "/etc/rsyslog.conf";
/** Where lfce keeps the rules for messages of web1. */
export const rulesOfWeb1 = "/etc/rsyslog.d/00-lfce-10.0.0.2.conf";
/** The logrotate file of the role syslog_server. */
export const rotation = "/etc/logrotate.d/lfce-syslog-server";

/** A forward to log1 as the role declares it by default. */
export const toLog1: DesiredForward = {
  address: "10.0.0.1",
  aliases: ["log1"],
  host: "log1",
  protocol: "tcp",
  port: 514,
  selector: ["*.*"],
  retry: -1,
  queue: { file: "site", maxDisk: "1g", saveOnShutdown: true, written: [] },
};

/** A host that sends its messages on. */
export const client: DesiredRsyslog = {
  playbook: "site",
  client: { state: "present", forwards: [toLog1], verifyTimeout: 60 },
};

/** A log server that keeps what web1 sends. */
export const server: DesiredRsyslog = {
  playbook: "site",
  server: withRotation(serverOf([storeRule({ web1: "10.0.0.2" }, "/var/log/remote/{host}.log")])),
};

function withRotation(wanted: DesiredSyslogServer): DesiredSyslogServer {
  const rotate = { keepDays: 30, compress: false };
  return { ...wanted, store: wanted.store.map((rule) => ({ ...rule, rotate })) };
}

/** The directories that the roles need, as they are on a host that has them. */
function withDirectories(observed: ObservedHost): ObservedHost {
  for (const path of ["/var/log/remote", "/var/spool/rsyslog"]) {
    observed.files[path] = { path, kind: "directory", mode: "0750", owner: "root", group: "adm" };
  }
  return observed;
}

/** A host with these files, and with the directories that the roles need. */
export function hostOf(files: Files, traits: HostTraits = {}): ObservedHost {
  return withDirectories(observedHost(files, main, traits));
}

/** The files of a plain host after lfce has applied `desired`. */
export function appliedFiles(desired: DesiredRsyslog): Map<string, string> {
  const files = new Map([[main, plainMain]]);
  return carriedOut(files, planRsyslog(desired, hostOf(files), debian));
}

/** What a drift run finds on a host. */
export function findingsOn(desired: DesiredRsyslog, observed: ObservedHost): DriftFinding[] {
  return driftRsyslog(desired, observed, debian, planRsyslog(desired, observed, debian));
}

/** `code item` of each finding, sorted. */
export function namesOf(findings: readonly DriftFinding[]): string[] {
  return findings.map(({ code, item }) => `${code} ${item}`).sort();
}

/** What lfce would have written down when it restarted rsyslogd with these files. */
export function recordOf(observed: ObservedHost): ObservedHost["restartRecords"] {
  const files = Object.values(observed.files).filter(({ sha256 }) => sha256 !== undefined);
  return [
    {
      unit: "rsyslog",
      bootId: observed.bootId,
      startedAt: observed.units.rsyslog?.startedAt ?? 0,
      checksums: Object.fromEntries(files.map(({ path, sha256 = "" }) => [path, sha256])),
    },
  ];
}

/** The host after `edit` was made on it by hand and rsyslogd restarted. */
export function edited(desired: DesiredRsyslog, edit: (files: Map<string, string>) => void) {
  const files = appliedFiles(desired);
  const restartRecords = recordOf(hostOf(files));
  edit(files);
  return hostOf(files, { restartRecords });
}

/** Replaces text in a file, which must be there. */
export function replaced(files: Map<string, string>, path: string, from: string | RegExp, to: string): void {
  const before = files.get(path) ?? "";
  const after = before.replace(from, to);
  assert.notEqual(after, before, `${from} stands in ${path}`);
  files.set(path, after);
}

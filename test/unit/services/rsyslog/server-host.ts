import { createHash } from "node:crypto";
import type { ObservedHost } from "../../../../src/core/observed.ts";
import { debian } from "../../../../src/distros/debian.ts";
import type { Distro } from "../../../../src/distros/distro.ts";
import type { DesiredStoreRule, DesiredSyslogServer } from "../../../../src/services/rsyslog/desired.ts";
import { rsyslogInForce, treeOf } from "../../../../src/services/rsyslog/in-force/in-force.ts";
import { includeMatcher } from "../../../../src/services/rsyslog/in-force/include.ts";
import type { RoleEdits } from "../../../../src/services/rsyslog/role-plan.ts";
import { planSyslogServer } from "../../../../src/services/rsyslog/server/server-plan.ts";

/** The main file of a plain host: local messages to one file, the usual include before the rule. */
export const plainMain = `module(load="imuxsock")

$IncludeConfig /etc/rsyslog.d/*.conf

*.* /var/log/syslog
`;

/** An observed host with these files, as text. */
export function hostWith(files: Record<string, string>): ObservedHost {
  const paths = Object.keys(files).sort();
  const globs: Record<string, string[]> = {};
  for (const text of Object.values(files)) {
    for (const [, pattern = ""] of text.matchAll(/(?:^\$IncludeConfig |include\(file=")([^\s"]+)/gm)) {
      globs[pattern] = paths.filter(includeMatcher(pattern));
    }
  }
  return {
    now: 1_800_000_000,
    bootId: "boot",
    hostname: "logs",
    uid: 0,
    osRelease: {},
    programs: { logrotate: "/usr/sbin/logrotate" },
    versions: { rsyslog: "8.2302.0" },
    units: {},
    files: Object.fromEntries(
      Object.entries(files).map(([path, content]) => [
        path,
        {
          path,
          kind: "file" as const,
          content,
          mode: "0644",
          owner: "root",
          group: "root",
          sha256: createHash("sha256").update(content, "latin1").digest("hex"),
        },
      ]),
    ),
    globs,
    names: {},
    addresses: [],
    chronyc: {},
    listeners: [],
    firewalls: [],
    restartRecords: [],
  };
}

/** A rule for these senders, host name → address or addresses. */
export function storeRule(
  senders: Record<string, string | string[]>,
  file: string,
  more: Partial<DesiredStoreRule> = {},
): DesiredStoreRule {
  const list = Object.entries(senders).map(([host, addresses]) => ({
    host,
    addresses: typeof addresses === "string" ? [addresses] : addresses,
  }));
  return { from: [{ kind: "senders", senders: list }], file, stop: true, ...more };
}

/** A log server with one TCP listener on port 514 unless said otherwise. */
export function serverOf(
  store: DesiredStoreRule[],
  more: Partial<DesiredSyslogServer> = {},
): DesiredSyslogServer {
  return { state: "present", listen: [{ protocol: "tcp", port: 514 }], store, ...more };
}

/** Plans the role on a host with these files. */
export function planServer(
  server: DesiredSyslogServer,
  files: Record<string, string> = { "/etc/rsyslog.conf": plainMain },
  distro: Distro = debian,
  observe: (host: ObservedHost) => ObservedHost = (host) => host,
  playbook = "lab",
): RoleEdits {
  const host = observe(hostWith(files));
  const model = rsyslogInForce(host, "/etc/rsyslog.conf");
  return planSyslogServer({ playbook, server }, host, distro, model, treeOf(host).texts);
}

/** The files as they are after a plan was carried out. */
export function filesAfter(files: Record<string, string>, edits: RoleEdits): Record<string, string> {
  const after = { ...files };
  for (const { path, after: text } of edits.files) {
    if (text === null) delete after[path];
    else after[path] = text;
  }
  return after;
}

import type { NightlyRun } from "./nightly-run.ts";
import { pathWord } from "./systemd-syntax.ts";

/** Settings of [Service] that take away from a run what it does not need. See systemd.exec(5). */
export function hardening(run: NightlyRun): string[] {
  if (run.scope.kind === "user") return [...WITHOUT_NAMESPACES, ...WITHOUT_NEW_RIGHTS];
  const writable = [run.stateDirectory, ...run.reportDirectories];
  const places = [
    "ProtectHome=read-only",
    `ReadWritePaths=${[...new Set(writable)].map(pathWord).join(" ")}`,
    ...privateTmp(run),
    "PrivateMounts=yes",
    "ProtectControlGroups=yes",
    "ProtectProc=invisible",
  ];
  if (run.startsPrograms) {
    return [
      "# sendmail and the like are set-user-ID or set-group-ID and write to a spool: what would stop them is left out.",
      "ProtectSystem=full",
      ...places,
      "UMask=0077",
    ];
  }
  return [
    "ProtectSystem=strict",
    ...places,
    ...capabilities(run.scope.user),
    "AmbientCapabilities=",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "RemoveIPC=yes",
    ...WITHOUT_NAMESPACES,
    ...WITHOUT_NEW_RIGHTS,
  ];
}

function capabilities(user: string): string[] {
  if (user !== "root") return ["CapabilityBoundingSet="];
  return [
    "# Of what root can, this is left: keys, inventories and playbooks of other users can be read.",
    "CapabilityBoundingSet=CAP_DAC_READ_SEARCH",
  ];
}

/** Needs nothing that a user's own systemd cannot do. (Its namespaces would make root's files look like nobody's.) */
const WITHOUT_NAMESPACES = ["UMask=0077"];

const WITHOUT_NEW_RIGHTS = [
  "NoNewPrivileges=yes",
  "LockPersonality=yes",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
  "SystemCallErrorNumber=EPERM",
  "# Not MemoryDenyWriteExecute: JavaScript is compiled while it runs.",
];

/** An own /tmp would hide what the run needs there. */
function privateTmp({
  agent,
  playbook,
  stateDirectory,
  reportDirectories,
  workingDirectory,
  words,
}: NightlyRun) {
  const paths = [agent ?? "", playbook, stateDirectory, workingDirectory, ...reportDirectories, ...words];
  return paths.some((path) => /(^|[=:])\/(var\/)?tmp(\/|$)/.test(path)) ? [] : ["PrivateTmp=yes"];
}

import { errorData, type LfceErrorData, type Warning } from "../../../core/errors.ts";
import type { ObservedHost } from "../../../core/observed.ts";
import type { Distro } from "../../../distros/distro.ts";
import type { DesiredStoreRule, DesiredSyslogServer } from "../desired.ts";
import type { RsyslogModel } from "../in-force/in-force-model.ts";
import { directives } from "./listener.ts";
import { unprivilegedUser } from "./server-directories.ts";
import { hostIsAddress } from "./store-rules.ts";

/** A rule without `rotate` grows for ever: also for `lfce validate`, which needs no host. */
export function rotationWarnings(server: DesiredSyslogServer): Warning[] {
  return server.store
    .filter((rule) => rule.rotate === undefined)
    .map((rule) =>
      warning(
        "disk-will-fill",
        `nothing removes old messages from ${rule.file}: the disk will fill`,
        "add to the rule, for example: rotate: {keep: 30d, compress: true}",
        rule,
      ),
    );
}

/** What an administrator should know about a server that can be had as declared. */
export function serverWarnings(server: DesiredSyslogServer, distro: Distro, model: RsyslogModel): Warning[] {
  const user = unprivilegedUser(model);
  return [
    ...rotationWarnings(server),
    ...server.store.flatMap((rule) => [
      ...hostTokenWarning(rule),
      ...ownerWarning(rule, user),
      ...placeWarning(rule, distro),
      ...umaskWarning(rule, distro, model),
    ]),
  ];
}

function hostTokenWarning(rule: DesiredStoreRule): Warning[] {
  if (!rule.file.includes("{host}") || !hostIsAddress(rule)) return [];
  return [
    warning(
      "host-is-address",
      `${rule.file} is also for senders that are not in the inventory: {host} is the sender's address there`,
      "write {address} or {hostname} to say which is meant",
      rule,
    ),
  ];
}

function ownerWarning(rule: DesiredStoreRule, user: string | undefined): Warning[] {
  if (user === undefined || rule.owner === undefined || rule.owner === user) return [];
  return [
    warning(
      "owner-impossible",
      `rsyslogd runs as ${user} here and cannot give ${rule.file} to ${rule.owner}`,
      `leave owner out, or declare owner: ${user}`,
      rule,
    ),
  ];
}

function placeWarning(rule: DesiredStoreRule, distro: Distro): Warning[] {
  if (rule.file.startsWith("/var/log/")) return [];
  const guard =
    distro.family === "debian" ? "an AppArmor profile (Ubuntu has one)" : "SELinux, where it is enforcing,";
  return [
    warning(
      "outside-var-log",
      `${rule.file} is outside /var/log: ${guard} may keep rsyslogd from writing it`,
      "use a file below /var/log",
      rule,
    ),
  ];
}

function warning(code: string, message: string, hint: string, rule: DesiredStoreRule): Warning {
  return { code, message, hint, ...(rule.at === undefined ? {} : { at: rule.at }) };
}

/** EL's unit starts rsyslogd with UMask=0066, and a file is created with its mode less the mask. */
function umaskWarning(rule: DesiredStoreRule, distro: Distro, model: RsyslogModel): Warning[] {
  const open = (Number.parseInt(rule.mode ?? "0", 8) & 0o066) !== 0;
  if (!open || distro.family !== "el" || directives(model, "umask").length > 0) return [];
  return [
    warning(
      "mode-masked",
      `mode ${rule.mode} of ${rule.file}: EL starts rsyslogd with the umask 0066, which takes bits away from it`,
      "on the host: systemctl edit rsyslog, and set UMask=0022 in [Service]",
      rule,
    ),
  ];
}

/** Packages besides rsyslog's own that a server needs: `rotate` is logrotate's work. */
export function serverPackages(server: DesiredSyslogServer | undefined, observed: ObservedHost): string[] {
  const rotates = server?.state === "present" && server.store.some(({ rotate }) => rotate !== undefined);
  return rotates && observed.programs.logrotate === undefined ? ["logrotate"] : [];
}

/** A declared port on which another program listens already: rsyslogd would start and not get it. */
export function foreignListenerErrors(server: DesiredSyslogServer, observed: ObservedHost): LfceErrorData[] {
  return server.listen.flatMap(({ protocol, port }) => {
    const other = observed.listeners.find(
      (one) =>
        one.protocol === protocol &&
        one.port === port &&
        one.process !== undefined &&
        !/^(rsyslogd|rs:|in:|systemd)/.test(one.process),
    );
    return other
      ? [
          errorData(
            "port-taken",
            `${other.process} listens on ${protocol} port ${port} already`,
            `stop ${other.process}, or declare another port in listen`,
          ),
        ]
      : [];
  });
}

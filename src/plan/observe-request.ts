import { dirname } from "node:path/posix";
import type { ServiceName } from "../core/host-plan.ts";
import type { ObserveRequest } from "../core/host-session.ts";
import { distros } from "../distros/recognise.ts";
import { OTHER_TIME_DAEMONS } from "../services/chrony/other-time-daemons.ts";
import { fixedDirectory, parseFilePattern } from "../services/rsyslog/server/file-tokens.ts";
import type { HostDeclaration } from "./declaration.ts";
import { OWN_PLACES } from "./refusals.ts";
import { namesOfAliases } from "./resolve-names.ts";

/** Programs whose presence decides what can be planned or proven. */
const PROGRAMS = ["chronyd", "chronyc", "rsyslogd", "logrotate", "logger", "systemctl"];

/** What to look at on a host, whatever its distribution: that is known only afterwards. */
export function observeRequestFor(declaration: HostDeclaration): ObserveRequest {
  const services = wantedServices(declaration);
  const names = distros.flatMap((distro) =>
    services.map((service) => ({ service, ...distro.services[service] })),
  );
  const aliases = new Set(namesOfAliases(declaration));
  return {
    follow: distinct(
      names.map(({ service, mainFile, includes }) => ({ service, path: mainFile, usual: includes })),
    ),
    files: services.includes("rsyslog")
      ? ["/etc/rsyslog.d/*.conf", "/etc/rsyslog.d/00-lfce-*", "/etc/logrotate.d/lfce-*"]
      : [],
    stat: statPaths(declaration),
    places: [
      ...OWN_PLACES,
      ...new Set(names.map(({ mainFile }) => dirname(mainFile))),
      ...(services.includes("rsyslog") ? ["/etc/rsyslog.d", "/etc/logrotate.d"] : []),
    ],
    units: [
      ...new Set([
        ...names.map(({ unit }) => unit),
        ...(services.includes("chrony") ? OTHER_TIME_DAEMONS : []),
      ]),
    ],
    programs: PROGRAMS,
    names: declaration.names.filter((name) => !aliases.has(name)),
    // Only these roles need ports that a packet filter or another program could keep from them.
    ...(declaration.chrony?.server || declaration.rsyslog?.server ? { firewalls: true } : {}),
    ...(declaration.chrony?.server ? { sockets: ["udp", "udp6"] as const } : {}),
    ...(declaration.rsyslog?.server ? { socketPrograms: true } : {}),
  };
}

/** What else is asked of a host that is not as declared: the room for a change, and servers' other addresses. */
export function closerRequest(declaration: HostDeclaration, places: readonly string[]): ObserveRequest {
  const nothing = { follow: [], files: [], stat: [], units: [], programs: [] };
  return { ...nothing, places: [...places], space: true, names: namesOfAliases(declaration) };
}

function wantedServices(declaration: HostDeclaration): ServiceName[] {
  return (["chrony", "rsyslog"] as const).filter((service) => declaration[service] !== undefined);
}

/** Directories that the plan may have to create: spools, and those of log files as far as their path is fixed. */
function statPaths({ rsyslog }: HostDeclaration): string[] {
  if (!rsyslog) return [];
  const logDirectories = (rsyslog.server?.store ?? []).flatMap(({ file }) => {
    const pattern = parseFilePattern(file);
    return "error" in pattern ? [] : parents(fixedDirectory(pattern.pieces));
  });
  return [...new Set([...distros.map((distro) => distro.spoolDirectory), ...logDirectories])];
}

function parents(directory: string): string[] {
  return directory === "/" || directory === "." ? [] : [...parents(dirname(directory)), directory];
}

function distinct<Item>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

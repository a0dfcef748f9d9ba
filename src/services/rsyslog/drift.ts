import type { DriftFinding } from "../../core/drift.ts";
import type { ObservedHost } from "../../core/observed.ts";
import type { Distro } from "../../distros/distro.ts";
import { planUnit } from "../unit-changes.ts";
import type { DesiredRsyslog } from "./desired.ts";
import { rsyslogInForce } from "./in-force/in-force.ts";

/** What is wrong with rsyslog at run time, whatever its files say: the unit, and ports that nobody listens on. */
export function driftRsyslog(
  desired: DesiredRsyslog,
  observed: ObservedHost,
  distro: Distro,
): DriftFinding[] {
  const { server, client } = desired;
  const wanted = server?.state === "present" || client?.state === "present";
  if (!wanted || observed.versions.rsyslog === undefined) return [];
  const { unit, mainFile } = distro.services.rsyslog;
  const model = rsyslogInForce(observed, mainFile);
  const loaded = [...model.files, ...model.lookupTables.map(({ path }) => path), ...model.includeDirectories];
  const findings = planUnit(unit, observed, loaded, []).findings;
  const runs = observed.units[unit]?.active === "active";
  if (server?.state === "present" && runs) findings.push(...silentPorts(server.listen, observed));
  return findings;
}

/** Declared ports without a socket; nothing is said when the host's sockets could not be listed at all. */
function silentPorts(
  listen: NonNullable<DesiredRsyslog["server"]>["listen"],
  observed: ObservedHost,
): DriftFinding[] {
  if (observed.listeners.length === 0) return [];
  return listen
    .filter(
      ({ protocol, port }) =>
        !observed.listeners.some((socket) => socket.protocol === protocol && socket.port === port),
    )
    .map(({ protocol, port }) => ({
      code: "not-listening",
      item: `${protocol}/${port}`,
      message: `nothing listens on ${protocol} port ${port}`,
    }));
}

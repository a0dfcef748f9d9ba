import type { ObservedHost, ObservedListener } from "../../core/observed.ts";
import type { LocatedFinding } from "../host-drift.ts";
import type { DesiredListener } from "./desired.ts";
import { isOpened, portItem } from "./drift-listeners.ts";
import type { RsyslogModel } from "./in-force/in-force-model.ts";

/** Where Linux takes ports from for sockets that only send (ip_local_port_range): forwards by UDP have such. */
const FIRST_EPHEMERAL_PORT = 32_768;

/**
 * What the sockets of a running rsyslogd say beyond its files: declared ports that the files open and nobody listens
 * on, and ports that neither the playbook nor the files know. Empty where the host's sockets could not be listed.
 */
export function socketFindings(
  declared: readonly DesiredListener[],
  observed: ObservedHost,
  model: RsyslogModel,
): LocatedFinding[] {
  const { listeners } = observed;
  if (listeners.length === 0) return [];
  const silent = declared
    .filter((wanted) => isOpened(wanted, model))
    .filter((wanted) => !listeners.some((socket) => isSame(socket, wanted)));
  const findings: LocatedFinding[] = silent.map((wanted) => ({
    code: "not-listening",
    item: portItem(wanted),
    message: `nothing listens on ${wanted.protocol} port ${wanted.port}, although the files say so`,
    covers: [],
  }));
  // A port whose number cannot be read in the files may be any of those that are open.
  if (model.listeners.some(({ port }) => Number.isNaN(port))) return findings;
  const known = [
    ...declared,
    ...model.listeners.map(({ protocol, port }) => ({
      protocol: protocol === "udp" ? ("udp" as const) : ("tcp" as const),
      port,
    })),
  ];
  const others = listeners.filter(
    (socket) =>
      socket.process === "rsyslogd" &&
      (socket.protocol === "tcp" || socket.port < FIRST_EPHEMERAL_PORT) &&
      !known.some((one) => isSame(socket, one)),
  );
  for (const item of new Set(others.map(portItem))) {
    const [protocol, port] = item.split("/");
    findings.push({
      code: "listener-undeclared",
      item,
      message: `rsyslogd also listens on ${protocol} port ${port}, which neither the playbook nor its files declare`,
      covers: [],
    });
  }
  return findings;
}

function isSame(socket: ObservedListener, { protocol, port }: { protocol: string; port: number }): boolean {
  return socket.protocol === protocol && socket.port === port;
}

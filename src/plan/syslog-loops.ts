import { errorData, type LfceErrorData, type Warning } from "../core/errors.ts";
import type { HostDeclaration } from "./declaration.ts";
import { findCycle } from "./graph.ts";

/**
 * Circles in which a message would travel for ever: every host of the circle forwards, and lets messages that
 * it received run on to its forwards because some store rule does not stop them (or none takes them).
 */
export function syslogLoops(hosts: ReadonlyMap<string, HostDeclaration>): LfceErrorData[] {
  const relays = new Map(
    [...hosts.values()]
      .filter(isRelay)
      .map(({ host, rsyslog }) => [
        host,
        (rsyslog?.client?.forwards ?? []).flatMap((forward) => forward.host ?? []),
      ]),
  );
  const cycle = findCycle([...relays.keys()], relays);
  if (!cycle) return [];
  const first = hosts.get(cycle[0] ?? "");
  return [
    errorData(
      "syslog-loop",
      `messages would go round for ever: ${cycle.join(" → ")}: each of these forwards what it received`,
      "leave `stop: true` (the default) on the store rules of one of them, or take one of the forwards out",
      first?.rsyslog?.at,
    ),
  ];
}

/** Says of a log server that also forwards: what it received and does not stop goes on to its own servers. */
export function relayWarnings(declaration: HostDeclaration): Warning[] {
  if (!isRelay(declaration)) return [];
  const { host, rsyslog } = declaration;
  const targets = (rsyslog?.client?.forwards ?? []).map((forward) => forward.host ?? forward.address);
  return [
    errorData(
      "relays-received-messages",
      `${host} sends on to ${targets.join(", ")} what it receives, besides its own messages`,
      "where only its own messages shall go there, leave `stop: true` (the default) on its store rules",
      rsyslog?.at,
    ),
  ];
}

function isRelay({ rsyslog }: HostDeclaration): boolean {
  const { server, client } = rsyslog ?? {};
  if (server?.state !== "present" || client?.state !== "present" || client.forwards.length === 0)
    return false;
  return server.store.length === 0 || !server.store.every(({ stop }) => stop);
}

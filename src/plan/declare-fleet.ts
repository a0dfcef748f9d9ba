import { isAddress } from "../config/address.ts";
import type { Host, Inventory } from "../config/inventory-model.ts";
import type { HostRoles } from "../config/role-settings.ts";
import { LfceError, type LfceErrorData, LfceErrors } from "../core/errors.ts";
import { type AddressBook, addressBook } from "./address-book.ts";
import type { FleetDeclaration, HostDeclaration } from "./declaration.ts";
import { declareNtp } from "./declare-ntp.ts";
import { declareSyslog, listenersOf, targetsOf } from "./declare-syslog.ts";
import { namesToResolve } from "./resolve-names.ts";
import { relayWarnings, syslogLoops } from "./syslog-loops.ts";
import type { Reference } from "./waves.ts";

/**
 * Works out what every host of the playbook must be, from the full inventory: who serves whom, defaults
 * filled in, hosts and groups replaced by addresses (or by names that only a host can resolve).
 * @throws LfceErrors when a host that is used has variables that cannot be evaluated, or messages would loop
 */
export function declareFleet(
  playbook: string,
  roles: ReadonlyMap<string, HostRoles>,
  inventory: Inventory,
): FleetDeclaration {
  const book = addressBook(inventory);
  const present = (name: "ntp_server" | "syslog_server") =>
    [...roles.values()]
      .filter((one) => one.roles[name]?.state === "present")
      .flatMap((one) => inventory.hosts.get(one.host) ?? []);
  const listeners = new Map(
    present("syslog_server").map((host) => [
      host.name,
      listenersOf(roles.get(host.name)?.roles.syslog_server?.parameters.listen),
    ]),
  );
  const errors: LfceErrorData[] = [];
  const clients = syslogClients(roles, book, listeners, errors);
  const hosts = new Map<string, HostDeclaration>();
  const ntpServers = present("ntp_server");
  for (const one of roles.values()) {
    const host = inventory.hosts.get(one.host);
    if (!host) continue;
    collect(errors, () => {
      const ntp = declareNtp(host, one.roles, { playbook, book, ntpServers });
      const syslog = declareSyslog(host, one.roles, {
        playbook,
        book,
        listeners,
        clientsOf: (server) => [...(clients.get(server) ?? [])],
      });
      hosts.set(host.name, {
        host: host.name,
        connection: { ...host.connection, become: one.become ?? host.connection.become },
        serviceAddress: host.serviceAddress,
        ...(ntp.desired ? { chrony: ntp.desired } : {}),
        ...(syslog.desired ? { rsyslog: syslog.desired } : {}),
        names: namesToResolve({ chrony: ntp.desired, rsyslog: syslog.desired }),
        warnings: [...ntp.warnings, ...syslog.warnings],
        play: playOf(one),
      });
    });
  }
  errors.push(...syslogLoops(hosts));
  for (const host of hosts.values()) host.warnings.push(...relayWarnings(host));
  if (errors.length > 0) throw new LfceErrors(errors);
  return {
    playbook,
    hosts,
    references: referencesOf(hosts),
    inventoryNames: inventoryNames(inventory, book),
  };
}

function syslogClients(
  roles: ReadonlyMap<string, HostRoles>,
  book: AddressBook,
  listeners: ReadonlyMap<string, ReturnType<typeof listenersOf>>,
  errors: LfceErrorData[],
): Map<string, Set<Host>> {
  const clients = new Map<string, Set<Host>>();
  for (const one of roles.values()) {
    const client = one.roles.syslog_client;
    const host = book.host(one.host);
    if (!host || client?.state !== "present") continue;
    collect(errors, () => {
      const isServer = one.roles.syslog_server !== undefined;
      for (const target of targetsOf(host, client.parameters, isServer, { book, listeners })) {
        if (!target.host) continue;
        const known = clients.get(target.host.name);
        if (known) known.add(host);
        else clients.set(target.host.name, new Set([host]));
      }
    });
  }
  return clients;
}

function playOf({ firstPlay }: HostRoles): HostDeclaration["play"] {
  return {
    id: `${firstPlay.at.line}:${firstPlay.at.column}`,
    name: firstPlay.name,
    serial: firstPlay.serial ?? [],
    ...(firstPlay.maxFailPercentage === undefined ? {} : { maxFailPercentage: firstPlay.maxFailPercentage }),
  };
}

/** Peers give no order, and neither does what a role takes away. */
function referencesOf(hosts: ReadonlyMap<string, HostDeclaration>): Reference[] {
  return [...hosts.values()].flatMap(({ host: client, chrony, rsyslog }) => {
    const sources = [
      ...(chrony?.server?.state === "present" ? (chrony.server.sources ?? []) : []),
      ...(chrony?.client?.state === "present" ? chrony.client.sources : []),
    ];
    const forwards = rsyslog?.client?.state === "present" ? rsyslog.client.forwards : [];
    return [
      ...sources
        .filter((source) => source.kind !== "peer")
        .flatMap(({ host }): Reference[] => (host ? [{ client, server: host, kind: "ntp" }] : [])),
      ...forwards.flatMap(({ host }): Reference[] =>
        host ? [{ client, server: host, kind: "syslog" }] : [],
      ),
    ];
  });
}

/** Names under which hosts of the inventory, in the playbook or not, may stand for their address. */
function inventoryNames(inventory: Inventory, book: AddressBook): Set<string> {
  const spellings = [...inventory.hosts.values()].flatMap((host) => book.spellings(host));
  return new Set(spellings.filter((name) => !isAddress(name)));
}

/** Runs `work` and keeps its LfceErrors, so that all of them are told at once. */
function collect(errors: LfceErrorData[], work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof LfceErrors) errors.push(...error.errors);
    else if (error instanceof LfceError) errors.push(error.data);
    else throw error;
  }
}

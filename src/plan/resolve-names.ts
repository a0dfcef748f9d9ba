import ipaddr from "ipaddr.js";
import { isAddress } from "../config/address.ts";
import { errorData, type LfceErrorData } from "../core/errors.ts";
import type { DesiredChrony, DesiredSource } from "../services/chrony/desired.ts";
import type { DesiredRsyslog, DesiredStoreRule, SyslogSender } from "../services/rsyslog/desired.ts";
import type { FleetDeclaration, HostDeclaration } from "./declaration.ts";

/** A host's desired state in which every name that must be an address is one. */
export interface ResolvedHost {
  chrony?: DesiredChrony;
  rsyslog?: DesiredRsyslog;
  errors: LfceErrorData[];
}

/** Names that a host has to resolve before it can be planned. */
export function namesToResolve(declaration: Pick<HostDeclaration, "chrony" | "rsyslog">): string[] {
  return namesIn([...necessaryNames(declaration), ...aliasNames(declaration)]);
}

/**
 * Of these, the names that only tell under which other addresses a declared server is known: where a host has
 * nothing to change without them, they would change nothing.
 */
export function namesOfAliases(declaration: Pick<HostDeclaration, "chrony" | "rsyslog">): string[] {
  const necessary = new Set(necessaryNames(declaration));
  return namesIn(aliasNames(declaration)).filter((name) => !necessary.has(name));
}

function necessaryNames({ chrony, rsyslog }: Pick<HostDeclaration, "chrony" | "rsyslog">): string[] {
  return [
    ...(chrony?.server?.allow ?? []),
    ...(chrony?.server?.deny ?? []),
    ...sendersOf(rsyslog?.server?.store ?? []).flatMap(({ addresses }) => addresses),
  ];
}

function aliasNames({ chrony, rsyslog }: Pick<HostDeclaration, "chrony" | "rsyslog">): string[] {
  const sources = [...(chrony?.server?.sources ?? []), ...(chrony?.client?.sources ?? [])];
  return [...sources, ...(rsyslog?.client?.forwards ?? [])].flatMap(({ aliases }) => aliases);
}

function namesIn(words: readonly string[]): string[] {
  return [...new Set(words.filter((name) => name !== "all" && !isAddress(name) && !isNetwork(name)))];
}

/**
 * Puts what the host itself resolved in place of names: all addresses of a name count. A host of the
 * inventory that does not resolve where it must be written as an address is an error, and so are two
 * senders with one address.
 */
export function resolveNames(
  declaration: HostDeclaration,
  fleet: Pick<FleetDeclaration, "inventoryNames">,
  names: Record<string, string[]>,
): ResolvedHost {
  const errors: LfceErrorData[] = [];
  const addresses = (name: string): string[] => {
    if (isAddress(name)) return [name];
    const found = names[name] ?? [];
    if (found.length === 0) errors.push(unresolved(declaration.host, name));
    return found;
  };
  const access = (entries: string[]) =>
    entries.flatMap((entry) => (fleet.inventoryNames.has(entry) ? addresses(entry) : [entry]));
  const widen = <T extends { aliases: string[] }>(target: T): T => ({
    ...target,
    aliases: [...new Set([...target.aliases, ...target.aliases.flatMap((name) => names[name] ?? [])])],
  });
  const { chrony, rsyslog } = declaration;
  const resolved: ResolvedHost = { errors };
  if (chrony) {
    resolved.chrony = {
      ...chrony,
      ...(chrony.server
        ? {
            server: {
              ...chrony.server,
              allow: access(chrony.server.allow),
              deny: access(chrony.server.deny),
              ...(chrony.server.sources ? { sources: chrony.server.sources.map(widen<DesiredSource>) } : {}),
            },
          }
        : {}),
      ...(chrony.client ? { client: { ...chrony.client, sources: chrony.client.sources.map(widen) } } : {}),
    };
  }
  if (rsyslog) {
    const sender = (one: SyslogSender): SyslogSender => ({
      ...one,
      addresses: one.addresses.flatMap(addresses),
    });
    resolved.rsyslog = {
      ...rsyslog,
      ...(rsyslog.server
        ? {
            server: {
              ...rsyslog.server,
              store: rsyslog.server.store.map((rule) => mapSenders(rule, sender)),
            },
          }
        : {}),
      ...(rsyslog.client
        ? { client: { ...rsyslog.client, forwards: rsyslog.client.forwards.map(widen) } }
        : {}),
    };
    errors.push(...sharedAddresses(declaration.host, resolved.rsyslog.server?.store ?? []));
  }
  return { ...resolved, errors: distinct(errors) };
}

function sendersOf(store: readonly DesiredStoreRule[]): SyslogSender[] {
  return store.flatMap((rule) => rule.from.flatMap((from) => (from.kind === "senders" ? from.senders : [])));
}

function mapSenders(
  rule: DesiredStoreRule,
  change: (sender: SyslogSender) => SyslogSender,
): DesiredStoreRule {
  return {
    ...rule,
    from: rule.from.map((from) =>
      from.kind === "senders" ? { ...from, senders: from.senders.map(change) } : from,
    ),
  };
}

function sharedAddresses(host: string, store: readonly DesiredStoreRule[]): LfceErrorData[] {
  const owner = new Map<string, string>();
  const errors: LfceErrorData[] = [];
  for (const sender of sendersOf(store)) {
    for (const address of sender.addresses) {
      const first = owner.get(address);
      if (first === undefined) owner.set(address, sender.host);
      else if (first !== sender.host) {
        errors.push(
          errorData(
            "shared-address",
            `${host} cannot tell ${first} from ${sender.host}: both send from ${address}`,
            "give each its own `service_address` in the inventory",
          ),
        );
      }
    }
  }
  return errors;
}

function unresolved(host: string, name: string): LfceErrorData {
  return errorData(
    "name-unresolved",
    `${name} does not resolve on ${host}, and its address is needed there`,
    `set \`service_address\` (or \`ansible_host\`) of ${name} to an address, or make ${name} resolvable on ${host}`,
  );
}

/** Networks are not names; chrony's short forms (`10.0`, `172.16/12`) are digits, dots and a slash. */
function isNetwork(text: string): boolean {
  if (/^[0-9./]+$/.test(text)) return true;
  // Without a slash it is none, and finding that out by an exception costs more than all the rest of a plan.
  return text.includes("/") && (/^[0-9a-f:]+\/[0-9]+$/i.test(text) || ipaddr.isValidCIDR(text));
}

function distinct(errors: readonly LfceErrorData[]): LfceErrorData[] {
  return [...new Map(errors.map((error) => [error.message, error])).values()];
}

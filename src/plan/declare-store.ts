import ipaddr from "ipaddr.js";
import { isAddress } from "../config/address.ts";
import { parseDuration } from "../config/duration.ts";
import type { Host } from "../config/inventory-model.ts";
import type { RoleSettings } from "../config/role-settings.ts";
import type { DesiredStoreRule, StoreSelection, SyslogSender } from "../services/rsyslog/desired.ts";
import type {
  SenderParameter,
  StoreRuleParameter,
  SyslogServerParameters,
} from "../services/rsyslog/schema.ts";
import type { AddressBook } from "./address-book.ts";

const STORE_FILE = "/var/log/remote/{host}.log";
const SECONDS_A_DAY = 86_400;

/** The store rules of a log server, defaults filled in and references to hosts and groups replaced by senders. */
export function declareStore(
  server: RoleSettings<SyslogServerParameters>,
  clients: readonly Host[],
  book: AddressBook,
): DesiredStoreRule[] {
  const given = server.parameters.store ?? {};
  const rules: StoreRuleParameter[] = Array.isArray(given) ? given : [given];
  const at = server.positions.store ?? server.at;
  return rules.map((rule) => ({
    from:
      rule.from === undefined
        ? [{ kind: "senders", senders: clients.map(senderOf) }]
        : selections(rule.from, book),
    file: rule.file ?? STORE_FILE,
    stop: rule.stop ?? true,
    ...(rule.mode === undefined ? {} : { mode: rule.mode.padStart(4, "0") }),
    ...(rule.owner === undefined ? {} : { owner: rule.owner }),
    ...(rule.group === undefined ? {} : { group: rule.group }),
    ...(rule.rotate === undefined
      ? {}
      : {
          rotate: {
            keepDays: Math.ceil((parseDuration(rule.rotate.keep) ?? SECONDS_A_DAY) / SECONDS_A_DAY),
            compress: rule.rotate.compress ?? false,
          },
        }),
    at,
  }));
}

function selections(from: SenderParameter | SenderParameter[], book: AddressBook): StoreSelection[] {
  return (Array.isArray(from) ? from : [from]).map((sender) => selection(sender, book));
}

/** A bare string was checked already: it is `any`, a host, a group, an address or a network. */
function selection(sender: SenderParameter, book: AddressBook): StoreSelection {
  if (typeof sender === "string") {
    if (sender === "any") return { kind: "any" };
    const host = book.host(sender);
    if (host) return { kind: "senders", senders: [senderOf(host)] };
    const group = book.hostsOfGroup(sender);
    if (group.length > 0) return { kind: "senders", senders: group.map(senderOf) };
    return addressSelection(sender, book);
  }
  if ("host" in sender)
    return {
      kind: "senders",
      senders: [book.host(sender.host)].flatMap((host) => (host ? [senderOf(host)] : [])),
    };
  if ("group" in sender) return { kind: "senders", senders: book.hostsOfGroup(sender.group).map(senderOf) };
  if ("hostname" in sender) return { kind: "hostname", hostname: sender.hostname };
  return addressSelection(sender.address, book);
}

function addressSelection(text: string, book: AddressBook): StoreSelection {
  const host = book.hostOf(text);
  if (host) return { kind: "senders", senders: [senderOf(host)] };
  if (isAddress(text)) return { kind: "address", address: text };
  return { kind: "network", network: ipaddr.isValidCIDR(text) ? text : `${text}/32` };
}

function senderOf(host: Host): SyslogSender {
  return { host: host.name, addresses: [host.serviceAddress] };
}

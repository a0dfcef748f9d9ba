import type { Position } from "../core/errors.ts";
import type { AccessEntryParameter, SourceParameter } from "../services/chrony/schema.ts";
import { canonicalAddress, contains, isAddress, parseNetwork } from "./address.ts";
import type { AdviceContext } from "./advice-context.ts";
import type { Host } from "./inventory-model.ts";
import type { HostRoles } from "./role-settings.ts";

/** The usual number of servers that chrony takes from one pool (`maxsources`). */
const POOL_SIZE = 4;

/** Advice about time, for one host. */
export function adviseTime(one: HostRoles, context: AdviceContext): void {
  const { ntp_server: server, ntp_client: client } = one.roles;
  if (server?.state === "present") {
    adviseAccess(one, server, context);
    if (server.parameters.sources !== undefined) {
      adviseSources(one, server.parameters.sources, server.positions.sources ?? server.at, context);
    }
  }
  if (client?.state !== "present") return;
  const at = client.positions.servers ?? client.at;
  const isServer = server?.state === "present";
  const given = client.parameters.servers ?? (isServer ? undefined : defaultSources(one, context));
  if (given === undefined) return;
  if (!isServer) adviseSources(one, given, at, context);
  adviseAllowed(one, given, at, context);
}

function defaultSources(one: HostRoles, context: AdviceContext): SourceParameter[] {
  return context.timeServers.filter((name) => name !== one.host).map((host) => ({ host }));
}

function adviseSources(
  one: HostRoles,
  sources: readonly SourceParameter[],
  at: Position,
  context: AdviceContext,
): void {
  const count = sources.reduce((sum, source) => sum + sourceCount(one, source, context), 0);
  if (count === 1 || count === 2) {
    const message =
      count === 1
        ? "one time source: when it is wrong, nothing shows it"
        : "two time sources: when they differ, nothing shows which one is wrong";
    const hint = "give at least three, better four: a majority outvotes a false one";
    context.say(one.host, { code: "advice.few-sources", message, hint, at });
  }
  for (const source of sources) {
    if (typeof source === "string" || !("peer" in source)) continue;
    const idle = ["iburst", "burst", "presend", "copy"].filter(
      (name) => (source as Record<string, unknown>)[name] !== undefined,
    );
    if (idle.length === 0) continue;
    const message = `${idle.join(", ")} has no effect on the peer ${source.peer}`;
    context.say(one.host, { code: "advice.idle-option", message, hint: "leave it out", at });
  }
}

function sourceCount(one: HostRoles, source: SourceParameter, context: AdviceContext): number {
  if (typeof source === "string") return 1;
  if ("pool" in source) return source.maxsources ?? POOL_SIZE;
  if ("group" in source) {
    const hosts = context.inventory.groups.get(source.group)?.hosts ?? [];
    return hosts.filter((host) => host !== one.host).length;
  }
  return source.noselect === true ? 0 : 1;
}

function adviseAccess(
  one: HostRoles,
  server: NonNullable<HostRoles["roles"]["ntp_server"]>,
  context: AdviceContext,
): void {
  const { allow = [] } = server.parameters;
  const at = server.positions.allow ?? server.at;
  if (allow === "all" || allow.includes("all")) {
    const message = "allow: all serves time to everyone who can reach this server";
    const hint = "name the networks of your clients, unless a firewall does it";
    context.say(one.host, { code: "advice.allow-all", message, hint, at });
  }
  for (const entry of Array.isArray(allow) ? allow : []) {
    const text = typeof entry === "string" ? entry : "address" in entry ? entry.address : "";
    const network = text.includes("/") ? parseNetwork(text) : undefined;
    const base = network && networkText(network);
    if (base === undefined || base.split("/")[0] === text.split("/")[0]) continue;
    if (/^[0-9]+(\.[0-9]+){0,2}\//.test(text)) continue;
    const hint = `write ${base}, or the address alone if only one host is meant`;
    const message = `${text} means the whole network ${base}`;
    context.say(one.host, { code: "advice.host-bits", message, hint, at });
  }
}

function networkText([address, bits]: NonNullable<ReturnType<typeof parseNetwork>>): string {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff00 >> kept) & 0xff;
  });
  const text =
    bytes.length === 4
      ? bytes.join(".")
      : Array.from({ length: 8 }, (_, index) =>
          (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
        ).join(":");
  return `${bytes.length === 4 ? text : canonicalAddress(text)}/${bits}`;
}

/** Whether this client may ask its servers, as far as that shows without resolving names. */
function adviseAllowed(
  one: HostRoles,
  sources: readonly SourceParameter[],
  at: Position,
  context: AdviceContext,
): void {
  const client = context.inventory.hosts.get(one.host);
  if (client === undefined) return;
  for (const server of sources.flatMap((source) => inventoryHosts(source, context))) {
    if (server.name === one.host) continue;
    const role = context.roles.get(server.name)?.roles.ntp_server;
    if (role?.state !== "present") {
      const message = `${server.name} is used as a time server, but the playbook does not make it an ntp_server`;
      const hint = `give ${server.name} the role ntp_server, unless it serves time already`;
      context.say(one.host, { code: "advice.no-server", message, hint, at });
    } else if (isDenied(client, role.parameters.allow ?? [], role.parameters.deny ?? [], context)) {
      const message = `${server.name} does not serve ${client.serviceAddress}: its deny names this client`;
      const hint = `take ${client.serviceAddress} out of deny (${place(role.positions.deny ?? role.at)})`;
      context.say(one.host, { code: "advice.not-allowed", message, hint, at });
    } else if (!isAllowed(client, role.parameters.allow ?? [], context)) {
      const message = `${server.name} does not serve ${client.serviceAddress}: its allow leaves this client out`;
      const hint = `add ${client.serviceAddress} to allow (${place(role.positions.allow ?? role.at)})`;
      context.say(one.host, { code: "advice.not-allowed", message, hint, at });
    }
  }
}

function place(at: Position): string {
  return `${at.file}:${at.line}`;
}

function inventoryHosts(source: SourceParameter, context: AdviceContext): Host[] {
  const { hosts, groups } = context.inventory;
  const named = (name: string) => hosts.get(name) ?? [];
  if (typeof source === "string") return [named(source)].flat();
  if ("host" in source) return [named(source.host)].flat();
  if ("group" in source) return (groups.get(source.group)?.hosts ?? []).flatMap(named);
  return "server" in source ? [named(source.server)].flat() : [];
}

function isAllowed(client: Host, allow: "all" | AccessEntryParameter[], context: AdviceContext): boolean {
  if (allow === "all") return true;
  const address = client.serviceAddress;
  return allow.some((entry) => {
    if (typeof entry !== "string" && "group" in entry) {
      return entry.group === "all" || client.groups.includes(entry.group);
    }
    const text = typeof entry === "string" ? entry : "host" in entry ? entry.host : entry.address;
    if (text === "all" || text === client.name || text === address) return true;
    const network = parseNetwork(text);
    // A name may stand for anything, and so may a client's address that is a name.
    if (network === undefined) return !context.inventory.hosts.has(text);
    return !isAddress(address) || contains(network, address);
  });
}

/** Whether `deny` has a closer network for a client than `allow` (chrony.conf(5): the closest one decides). */
function isDenied(
  client: Host,
  allow: "all" | AccessEntryParameter[],
  deny: "all" | AccessEntryParameter[],
  { inventory }: AdviceContext,
): boolean {
  const named = (allow === "all" ? [] : allow)
    .map(textOf)
    .filter((text) => text !== "all" && !parseNetwork(text));
  // A name of somewhere else may stand for the client.
  if (named.some((text) => text !== "" && !inventory.hosts.has(text))) return false;
  return closest(client, deny) > closest(client, allow);
}

/** What an entry names; empty for a group. */
function textOf(entry: AccessEntryParameter): string {
  if (typeof entry === "string") return entry;
  return "host" in entry ? entry.host : "address" in entry ? entry.address : "";
}

/** Bits of the closest network that holds a client; -1: none does. Hosts and groups are written as addresses. */
function closest(client: Host, entries: "all" | AccessEntryParameter[]): number {
  if (entries === "all") return 0;
  const bits = entries.map((entry) => {
    const text = textOf(entry);
    if (text === "all") return 0;
    if (text === client.name) return Number.POSITIVE_INFINITY;
    if (typeof entry !== "string" && "group" in entry) {
      return entry.group === "all" || client.groups.includes(entry.group) ? Number.POSITIVE_INFINITY : -1;
    }
    const network = parseNetwork(text);
    return network && contains(network, client.serviceAddress) ? network[1] : -1;
  });
  return Math.max(-1, ...bits);
}

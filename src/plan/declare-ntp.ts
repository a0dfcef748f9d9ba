import { parseDuration } from "../config/duration.ts";
import type { Host } from "../config/inventory-model.ts";
import type { HostRoles } from "../config/role-settings.ts";
import { errorData, type Warning } from "../core/errors.ts";
import type {
  DesiredChrony,
  DesiredDirective,
  DesiredNtpClient,
  DesiredNtpServer,
  DesiredSource,
  SourceKind,
} from "../services/chrony/desired.ts";
import type {
  AccessEntryParameter,
  NtpClientParameters,
  NtpServerParameters,
  SourceParameter,
} from "../services/chrony/schema.ts";
import type { AddressBook } from "./address-book.ts";

const MAX_OFFSET_SECONDS = 0.1;
const VERIFY_TIMEOUT_SECONDS = 30;

/** What declaring the time of one host needs to know of the others. */
export interface NtpContext {
  playbook: string;
  book: AddressBook;
  /** Hosts that the playbook makes an ntp_server, in inventory order. */
  ntpServers: readonly Host[];
}

/** chrony's side of one host's roles, with names still unresolved; undefined when it has no time role. */
export function declareNtp(
  host: Host,
  roles: HostRoles["roles"],
  context: NtpContext,
): { desired: DesiredChrony | undefined; warnings: Warning[] } {
  const { ntp_server: server, ntp_client: client } = roles;
  if (!server && !client) return { desired: undefined, warnings: [] };
  const warnings: Warning[] = [];
  const desired: DesiredChrony = { playbook: context.playbook, at: (server ?? client)?.at };
  if (server) desired.server = declareServer(host, server.parameters, server.state, context);
  if (client) {
    const sources = clientSources(host, client.parameters, roles.ntp_server !== undefined, context);
    desired.client = declareClient(client.parameters, client.state, sources);
    if (sources.length === 0 && client.state === "present" && desired.server?.sources === undefined) {
      delete desired.client;
      warnings.push(
        errorData(
          "nothing-to-do",
          `ntp_client does nothing on ${host.name}: the playbook has no other ntp_server that it could follow`,
          "name its servers: `servers: [ADDRESS]`",
          client.at,
        ),
      );
    }
  }
  if (!desired.server && !desired.client) return { desired: undefined, warnings };
  return { desired, warnings };
}

function declareServer(
  host: Host,
  parameters: NtpServerParameters,
  state: "present" | "absent",
  context: NtpContext,
): DesiredNtpServer {
  const sources = parameters.sources?.flatMap((source) => sourcesOf(source, host, context));
  return {
    state,
    allow: accessEntries(parameters.allow ?? [], context.book),
    deny: accessEntries(parameters.deny ?? [], context.book),
    ...(parameters.local_stratum === undefined ? {} : { localStratum: parameters.local_stratum }),
    orphan: parameters.orphan ?? false,
    ...(sources === undefined ? {} : { sources }),
    exclusive: parameters.exclusive ?? sources !== undefined,
    directives: directivesOf(parameters.directives),
  };
}

function declareClient(
  parameters: NtpClientParameters,
  state: "present" | "absent",
  sources: DesiredSource[],
): DesiredNtpClient {
  return {
    state,
    sources,
    exclusive: parameters.exclusive ?? true,
    maxOffset: seconds(parameters.max_offset, MAX_OFFSET_SECONDS),
    verifyTimeout: seconds(parameters.verify_timeout, VERIFY_TIMEOUT_SECONDS),
    directives: directivesOf(parameters.directives),
  };
}

/** Default: the playbook's time servers without the host itself; a time server follows others only by name. */
function clientSources(
  host: Host,
  parameters: NtpClientParameters,
  isServer: boolean,
  context: NtpContext,
): DesiredSource[] {
  if (parameters.servers) return parameters.servers.flatMap((source) => sourcesOf(source, host, context));
  if (isServer) return [];
  return context.ntpServers
    .filter((server) => server.name !== host.name)
    .map((server) => hostSource("server", server, {}, context.book));
}

function sourcesOf(source: SourceParameter, self: Host, context: NtpContext): DesiredSource[] {
  const { book } = context;
  const notSelf = (host: Host) => host.name !== self.name;
  if (typeof source === "string") return namedSource("server", source, {}, self, book);
  if ("host" in source) {
    const { host: name, ...options } = source;
    const found = book.host(name);
    return found && notSelf(found) ? [hostSource("server", found, options, book)] : [];
  }
  if ("group" in source) {
    const { group, ...options } = source;
    return book
      .hostsOfGroup(group)
      .filter(notSelf)
      .map((host) => hostSource("server", host, options, book));
  }
  if ("pool" in source) {
    const { pool, ...options } = source;
    return [{ kind: "pool", address: pool, aliases: [pool], options: written(options) }];
  }
  if ("peer" in source) {
    const { peer, ...options } = source;
    return namedSource("peer", peer, options, self, book);
  }
  const { server, ...options } = source;
  return namedSource("server", server, options, self, book);
}

function namedSource(
  kind: SourceKind,
  nameOrAddress: string,
  options: object,
  self: Host,
  book: AddressBook,
): DesiredSource[] {
  const found = book.hostOf(nameOrAddress);
  if (found) return found.name === self.name ? [] : [hostSource(kind, found, options, book)];
  return [{ kind, address: nameOrAddress, aliases: [nameOrAddress], options: written(options) }];
}

function hostSource(kind: SourceKind, host: Host, options: object, book: AddressBook): DesiredSource {
  return {
    kind,
    address: host.serviceAddress,
    aliases: book.spellings(host),
    options: written(options),
    host: host.name,
  };
}

function written(options: object): DesiredSource["options"] {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function accessEntries(entries: "all" | AccessEntryParameter[], book: AddressBook): string[] {
  if (entries === "all") return ["all"];
  return entries.flatMap((entry) => {
    if (typeof entry === "string") return [book.hostOf(entry)?.serviceAddress ?? entry];
    if ("host" in entry) return [book.host(entry.host)?.serviceAddress ?? entry.host];
    if ("group" in entry) return book.hostsOfGroup(entry.group).map((host) => host.serviceAddress);
    return [entry.address];
  });
}

/** `true` is a directive without arguments, `false` none of it. */
function directivesOf(directives: NtpServerParameters["directives"]): DesiredDirective[] {
  return Object.entries(directives ?? {}).map(([name, value]) => {
    if (value === true) return { name, values: [""] };
    if (value === false) return { name, values: [] };
    return { name, values: Array.isArray(value) ? value.map(String) : [String(value)] };
  });
}

function seconds(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseDuration(text) ?? otherwise);
}

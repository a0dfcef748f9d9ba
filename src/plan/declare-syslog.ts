import { parseDuration } from "../config/duration.ts";
import type { Host } from "../config/inventory-model.ts";
import type { HostRoles } from "../config/role-settings.ts";
import { errorData, LfceError, type Position, type Warning } from "../core/errors.ts";
import type {
  DesiredForward,
  DesiredListener,
  DesiredQueue,
  DesiredRsyslog,
  DesiredSyslogClient,
} from "../services/rsyslog/desired.ts";
import type {
  ListenParameter,
  QueueParameter,
  SyslogClientParameters,
  SyslogTargetParameter,
} from "../services/rsyslog/schema.ts";
import type { AddressBook } from "./address-book.ts";
import { declareStore } from "./declare-store.ts";

const SYSLOG_PORT = 514;
const VERIFY_TIMEOUT_SECONDS = 60;
const QUEUE_FILE = "lfce-forward";
const QUEUE_MAX_DISK = "1g";

/** What declaring the logs of one host needs to know of the others. */
export interface SyslogContext {
  playbook: string;
  book: AddressBook;
  /** Hosts that the playbook makes a syslog_server → where they listen, in inventory order. */
  listeners: ReadonlyMap<string, DesiredListener[]>;
  /** Hosts that send to a server: server → its clients, in inventory order. */
  clientsOf(server: string): Host[];
}

/**
 * rsyslog's side of one host's roles, with names still unresolved; undefined when it has no log role.
 * @throws LfceError when the host is named as its own log server
 */
export function declareSyslog(
  host: Host,
  roles: HostRoles["roles"],
  context: SyslogContext,
): { desired: DesiredRsyslog | undefined; warnings: Warning[] } {
  const { syslog_server: server, syslog_client: client } = roles;
  if (!server && !client) return { desired: undefined, warnings: [] };
  const warnings: Warning[] = [];
  const desired: DesiredRsyslog = { playbook: context.playbook, at: (server ?? client)?.at };
  if (server) {
    desired.server = {
      state: server.state,
      listen: listenersOf(server.parameters.listen),
      store: declareStore(server, context.clientsOf(host.name), context.book),
    };
  }
  if (client) {
    if (client.state === "present")
      refuseSelf(host, client.parameters, context.book, client.positions.servers ?? client.at);
    desired.client = declareClient(host, client.parameters, client.state, server !== undefined, context);
    if (desired.client.forwards.length === 0 && client.state === "present") {
      delete desired.client;
      warnings.push(
        errorData(
          "nothing-to-do",
          `syslog_client does nothing on ${host.name}: the playbook has no other syslog_server that it could send to`,
          "name its servers: `servers: [{address: ADDRESS}]`",
          client.at,
        ),
      );
    }
  }
  if (!desired.server && !desired.client) return { desired: undefined, warnings };
  return { desired, warnings };
}

/** Where a log server listens, defaults filled in. */
export function listenersOf(listen: ListenParameter[] | undefined): DesiredListener[] {
  return (listen ?? [{}]).map((listener) => ({
    protocol: listener.protocol ?? "tcp",
    port: listener.port ?? SYSLOG_PORT,
    ...(listener.address === undefined ? {} : { address: listener.address }),
  }));
}

function declareClient(
  host: Host,
  parameters: SyslogClientParameters,
  state: "present" | "absent",
  isServer: boolean,
  context: SyslogContext,
): DesiredSyslogClient {
  const targets = targetsOf(host, parameters, isServer, context);
  return {
    state,
    forwards: targets.map((target, index) => forwardOf(target, parameters, index, targets.length, context)),
    verifyTimeout: parseDuration(parameters.verify_timeout ?? "") ?? VERIFY_TIMEOUT_SECONDS,
  };
}

/** Only a default or a group leaves the host itself out; who names it means a loop, or another host. */
function refuseSelf(
  self: Host,
  { servers = [] }: SyslogClientParameters,
  book: AddressBook,
  at: Position | undefined,
): void {
  for (const target of servers) {
    const named = "host" in target ? target.host : "address" in target ? target.address : undefined;
    if (named === undefined || (book.host(named) ?? book.hostOf(named))?.name !== self.name) continue;
    throw new LfceError(
      errorData(
        "forward-to-self",
        `${self.name} is named as its own log server (${named}): its messages would go round in a loop`,
        `take ${self.name} out of the play's hosts (hosts: all:!${self.name}), or leave servers out: the default never holds the host itself`,
        at,
      ),
    );
  }
}

type TargetSettings = Omit<Extract<SyslogTargetParameter, { address: string }>, "address">;

/** One server to send to: a host of the inventory, or an address outside it. */
interface Target {
  host?: Host;
  address: string;
  settings: TargetSettings;
}

/** The servers of one client; by default the playbook's, and a log server sends on only where that is said. */
export function targetsOf(
  self: Host,
  parameters: SyslogClientParameters,
  isServer: boolean,
  context: Pick<SyslogContext, "book" | "listeners">,
): Target[] {
  const ofHost = (host: Host | undefined, settings: TargetSettings): Target[] =>
    host && host.name !== self.name ? [{ host, address: host.serviceAddress, settings }] : [];
  if (!parameters.servers) {
    if (isServer) return [];
    return [...context.listeners.keys()].flatMap((name) => ofHost(context.book.host(name), {}));
  }
  return parameters.servers.flatMap((target) => {
    if ("host" in target) {
      const { host, ...settings } = target;
      return ofHost(context.book.host(host), settings);
    }
    if ("group" in target) {
      const { group, ...settings } = target;
      return context.book.hostsOfGroup(group).flatMap((host) => ofHost(host, settings));
    }
    const { address, ...settings } = target;
    const host = context.book.hostOf(address);
    return host ? ofHost(host, settings) : [{ address, settings }];
  });
}

function forwardOf(
  target: Target,
  parameters: SyslogClientParameters,
  index: number,
  count: number,
  context: SyslogContext,
): DesiredForward {
  const { settings, host } = target;
  const listener = matchingListener(context.listeners.get(host?.name ?? "") ?? [], settings);
  const selector = settings.selector ?? parameters.selector ?? "*.*";
  return {
    address: target.address,
    aliases: host ? context.book.spellings(host) : [target.address],
    ...(host ? { host: host.name } : {}),
    protocol: settings.protocol ?? listener?.protocol ?? "tcp",
    port: settings.port ?? listener?.port ?? SYSLOG_PORT,
    selector: Array.isArray(selector) ? selector : [selector],
    queue: queueOf(settings.queue ?? parameters.queue, index, count),
    retry: parameters.retry ?? -1,
  };
}

function matchingListener(
  listeners: DesiredListener[],
  settings: TargetSettings,
): DesiredListener | undefined {
  return listeners.find(
    (listener) =>
      (settings.protocol ?? listener.protocol) === listener.protocol &&
      (settings.port ?? listener.port) === listener.port,
  );
}

/** Queue file names must differ between the forwards of a host: NAME-1, NAME-2 where there are several. */
function queueOf(queue: QueueParameter | undefined, index: number, count: number): DesiredQueue | false {
  if (queue === false) return false;
  const name = queue?.file ?? QUEUE_FILE;
  const written: DesiredQueue["written"] = [];
  if (queue?.file !== undefined) written.push("file");
  if (queue?.max_disk !== undefined) written.push("maxDisk");
  if (queue?.save_on_shutdown !== undefined) written.push("saveOnShutdown");
  return {
    file: count > 1 ? `${name}-${index + 1}` : name,
    maxDisk: queue?.max_disk ?? QUEUE_MAX_DISK,
    saveOnShutdown: queue?.save_on_shutdown ?? true,
    written,
  };
}

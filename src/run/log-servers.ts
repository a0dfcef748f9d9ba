import type { SilentFile } from "../services/rsyslog/drift-log-files.ts";

/** What a drift run remembers of a log server for its clients. */
export interface LogServerSeen {
  /** False: what was found there keeps messages from being received or stored. */
  receives: boolean;
  /** Clients whose files were not written for a day. */
  silent: ReadonlyMap<string, SilentFile>;
}

/** The log servers of one drift run. Hosts are looked at side by side, so that a client may come before its server. */
export interface LogServers {
  tell(server: string, seen: LogServerSeen): void;
  /** The host's way has ended: nothing more will be told of it. */
  ended(host: string): void;
  /** Undefined: it was not looked at, or not yet. */
  seen(server: string): LogServerSeen | undefined;
  /** Calls back once each of these servers was looked at, has ended, or is no part of the run. */
  whenSeen(servers: readonly string[], callback: () => void): void;
}

/** A run over these hosts. Nobody waits in a place that somebody else may need: what waits are callbacks. */
export function createLogServers(hosts: Iterable<string>): LogServers {
  const expected = new Set(hosts);
  const told = new Map<string, LogServerSeen>();
  const waiting = new Map<string, (() => void)[]>();
  const known = (server: string): void => {
    if (!expected.delete(server)) return;
    const callbacks = waiting.get(server) ?? [];
    waiting.delete(server);
    for (const callback of callbacks) callback();
  };
  const whenSeen: LogServers["whenSeen"] = (servers, callback) => {
    const server = servers.find((one) => expected.has(one));
    if (server === undefined) return callback();
    const callbacks = waiting.get(server) ?? [];
    waiting.set(server, callbacks);
    callbacks.push(() => whenSeen(servers, callback));
  };
  return {
    tell: (server, seen) => {
      told.set(server, seen);
      known(server);
    },
    ended: known,
    seen: (server) => told.get(server),
    whenSeen,
  };
}

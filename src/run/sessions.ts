import type { ConnectionSettings } from "../core/connection.ts";
import type { Connect, HostSession } from "../core/host-session.ts";

/** One connection a host, opened when it is needed first. */
export interface Sessions {
  get(settings: ConnectionSettings): Promise<HostSession>;
  /** Closes the host's connection, unless other hosts' proofs will need it again. */
  release(host: string): Promise<void>;
  closeAll(): Promise<void>;
}

/** Keeps connections; those of `shared` hosts (servers) stay open until the end of the run. */
export function createSessions(connect: Connect, shared: ReadonlySet<string>, signal: AbortSignal): Sessions {
  const open = new Map<string, Promise<HostSession>>();
  const close = async (host: string) => {
    const session = open.get(host);
    open.delete(host);
    // A connection that never came about was reported where it was asked for.
    await session?.then(
      (one) => one.close(),
      () => {},
    );
  };
  return {
    get(settings) {
      const known = open.get(settings.host);
      if (known) return known;
      const session = connect(settings, signal);
      open.set(settings.host, session);
      session.catch(() => open.delete(settings.host));
      return session;
    },
    release: async (host) => {
      if (!shared.has(host)) await close(host);
    },
    closeAll: async () => {
      await Promise.all([...open.keys()].map(close));
    },
  };
}

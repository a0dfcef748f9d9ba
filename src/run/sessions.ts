import type { ConnectionSettings } from "../core/connection.ts";
import type { HostSession } from "../core/host-session.ts";
import type { RunEffects } from "./effects.ts";

/** One connection a host, opened when it is needed first. */
export interface Sessions {
  get(settings: ConnectionSettings): Promise<HostSession>;
  /**
   * Opens a connection that will be needed soon; what comes of it, `get` tells. Only for what is read ahead meanwhile is
   * it handed out. Undefined where there is one already, or where the run is interrupted.
   */
  warm(settings: ConnectionSettings): Promise<HostSession> | undefined;
  /** Closes the host's connection, unless other hosts' proofs will need it again. */
  release(host: string): Promise<void>;
  closeAll(): Promise<void>;
}

/** Milliseconds after which a connection that was opened ahead is made anew: who knows what stands between. */
const KEPT_WARM_MS = 20_000;

/** Keeps connections; those of `shared` hosts (servers) stay open until the end of the run. */
export function createSessions(
  effects: Pick<RunEffects, "connect" | "now" | "signal">,
  shared: ReadonlySet<string>,
): Sessions {
  const open = new Map<string, Promise<HostSession>>();
  /** Host → its connection, while nobody has asked for it: when it was opened, and what gives it up. */
  const warmed = new Map<string, { since: number; givenUp: AbortController }>();
  const close = async (host: string) => {
    const session = open.get(host);
    open.delete(host);
    // Nobody waits for it: a host that does not answer must not hold up who closes it.
    warmed.get(host)?.givenUp.abort();
    warmed.delete(host);
    // A connection that never came about was reported where it was asked for.
    await session?.then(
      (one) => one.close(),
      () => {},
    );
  };
  const connect = (settings: ConnectionSettings, until = effects.signal): Promise<HostSession> => {
    const session = effects.connect(settings, until);
    open.set(settings.host, session);
    return session;
  };
  return {
    get(settings) {
      const { host } = settings;
      const { since = effects.now() } = warmed.get(host) ?? {};
      if (effects.now() - since > KEPT_WARM_MS) void close(host);
      warmed.delete(host);
      const session = open.get(host) ?? connect(settings);
      session.catch(() => {
        if (open.get(host) === session) open.delete(host);
      });
      return session;
    },
    warm(settings) {
      if (effects.signal.aborted || open.has(settings.host)) return undefined;
      const givenUp = new AbortController();
      warmed.set(settings.host, { since: effects.now(), givenUp });
      const session = connect(settings, AbortSignal.any([effects.signal, givenUp.signal]));
      session.catch(() => {}); // kept for whoever asks
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

import type { ConnectionSettings } from "../core/connection.ts";
import type { HostSession } from "../core/host-session.ts";
import type { RunEffects } from "./effects.ts";
import { type OwnAbort, ownAbort } from "./own-abort.ts";

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

interface Opened {
  session: Promise<HostSession>;
  /** Of a connection that was opened before anybody asked for it: gives it up. */
  own?: OwnAbort;
}

/** Keeps connections; those of `shared` hosts (servers) stay open until the end of the run. */
export function createSessions(
  effects: Pick<RunEffects, "connect" | "now" | "signal">,
  shared: ReadonlySet<string>,
): Sessions {
  const open = new Map<string, Opened>();
  /** Host → when its connection was opened, while nobody has asked for it. */
  const warmed = new Map<string, number>();
  const close = async (host: string) => {
    const { session, own } = open.get(host) ?? {};
    open.delete(host);
    // Nobody waits for it: a host that does not answer must not hold up who closes it.
    if (warmed.delete(host)) own?.abort();
    else own?.release();
    // A connection that never came about was reported where it was asked for.
    await session?.then(
      (one) => one.close(),
      () => {},
    );
  };
  const connect = (settings: ConnectionSettings, own?: OwnAbort): Promise<HostSession> => {
    const session = effects.connect(settings, own?.signal ?? effects.signal);
    open.set(settings.host, { session, ...(own ? { own } : {}) });
    return session;
  };
  return {
    get(settings) {
      const { host } = settings;
      const since = warmed.get(host) ?? effects.now();
      if (effects.now() - since > KEPT_WARM_MS) void close(host);
      warmed.delete(host);
      const session = open.get(host)?.session ?? connect(settings);
      session.catch(() => {
        const failed = open.get(host);
        if (failed?.session !== session) return;
        failed.own?.release();
        open.delete(host);
      });
      return session;
    },
    warm(settings) {
      if (effects.signal.aborted || open.has(settings.host)) return undefined;
      warmed.set(settings.host, effects.now());
      const session = connect(settings, ownAbort(effects.signal));
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

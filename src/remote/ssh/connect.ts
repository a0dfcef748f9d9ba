import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { ConnectionSettings } from "../../core/connection.ts";
import { LfceError, type Warning } from "../../core/errors.ts";
import type { Transport } from "../transport.ts";
import { type RetryTools, realTools, withRetries } from "./attempts.ts";
import { clientTransport } from "./client-transport.ts";
import { connectHop, openStream } from "./connect-hop.ts";
import type { SshEnvironment } from "./environment.ts";
import type { HandshakeRequest } from "./handshake.ts";
import type { Hop } from "./hop.ts";
import { readKnownHosts } from "./host-keys/known-hosts-read.ts";
import { createJumpPool, type JumpLease } from "./jump-pool.ts";
import { collectCredentials } from "./login/credentials.ts";
import { penalised } from "./login-failure.ts";
import { resolveRoute } from "./route.ts";
import { interruptedConnect } from "./socket.ts";
import { createTurns } from "./turns.ts";

/** All SSH connections of one run: what they share is a connection to each jump host. */
export interface Connector {
  /**
   * One connection to one host, through its jump hosts if it has any; every hop's host key is checked. What can
   * pass by itself is tried again. Rejects with an LfceError whose code says why; nothing stays open then.
   */
  connect(settings: ConnectionSettings, signal: AbortSignal): Promise<Transport>;
  /**
   * A stream to the last machine of a route, to which nothing has been said yet; lfce logs in to those before it.
   * Whoever destroys the stream calls `release`, too. Rejects as `connect` does.
   */
  reach(route: readonly Hop[], signal: AbortSignal): Promise<ReachedMachine>;
  /** Closes what is shared. */
  close(): void;
}

/** A stream that `Connector.reach` has opened, and what the user must be told of the way to it. */
export interface ReachedMachine {
  stream: Duplex;
  warnings: readonly Warning[];
  release(): void;
}

/** sshd begins to drop logins when ten are in progress (MaxStartups 10:30:100), other people's among them. */
const LOGINS_AT_ONCE = 6;
/** Errors of a login that the server counts as a failed one. */
const DENIALS = new Set(["authentication-failed", "password-refused", "too-many-keys"]);

/** The connections of one run; `tools` say how what can pass by itself is tried again. */
export function createConnector(environment: SshEnvironment, tools: RetryTools = realTools): Connector {
  const turns = createTurns(LOGINS_AT_ONCE);
  /** Servers that have denied a login of this run. */
  const denied = new Set<string>();
  const jumps = createJumpPool(async (hop, through, signal, warn) => {
    const request = { ...(await prepare(hop, signal, warn)), isJump: true };
    return withRetries(request, tools, (counted) => counted(() => login(request, through)));
  });

  async function prepare(
    hop: Hop,
    signal: AbortSignal,
    warn: (warning: Warning) => void,
  ): Promise<HandshakeRequest> {
    const credentials = await collectCredentials(hop, environment);
    const knownHosts = await readKnownHosts(hop.knownHostsFiles, environment);
    return { ...hop, signal, warn, credentials, knownHosts };
  }

  function login(request: HandshakeRequest, through: JumpLease | undefined): Promise<Client> {
    const server = serverOf(request, through);
    return turns.take(server, async () => {
      if (request.signal.aborted) throw interruptedConnect(request.host);
      try {
        return await connectHop(request, through);
      } catch (error) {
        if (error instanceof LfceError && DENIALS.has(error.code)) denied.add(server);
        if (error instanceof LfceError && error.code === "server-busy" && denied.has(server)) {
          throw penalised(error, request.host);
        }
        throw error;
      }
    });
  }

  return {
    async connect(settings, signal) {
      const warnings: Warning[] = [];
      const route = await resolveRoute(settings, environment);
      const target = route.at(-1) as Hop;
      const request = await prepare(target, signal, (warning) => warnings.push(warning));
      return withRetries(request, tools, async (counted) => {
        // Anew each time: the connection to the jump host may be what broke.
        const lease = route.length > 1 ? await jumps.acquire(route.slice(0, -1), signal) : undefined;
        try {
          const client = await counted(() => login(request, lease));
          const transport = clientTransport(client, settings.host, () => lease?.release());
          return { ...transport, user: target.user, warnings: [...(lease?.warnings ?? []), ...warnings] };
        } catch (error) {
          lease?.release();
          throw error;
        }
      });
    },
    async reach(route, signal) {
      const lease = route.length > 1 ? await jumps.acquire(route.slice(0, -1), signal) : undefined;
      const release = (): void => lease?.release();
      try {
        const stream = await openStream({ ...(route.at(-1) as Hop), signal }, lease);
        return { stream, warnings: lease?.warnings ?? [], release };
      } catch (error) {
        release();
        throw error;
      }
    },
    close: () => jumps.close(),
  };
}

/** Behind different jump hosts the same address is another machine. */
function serverOf({ address, port, proxyCommand }: Hop, through: JumpLease | undefined): string {
  const way = through ? `${through.hop.address} ${through.hop.port}` : (proxyCommand ?? "");
  return `${way} ${address} ${port}`;
}

import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { ConnectionSettings } from "../../core/connection.ts";
import { LfceError, type Warning } from "../../core/errors.ts";
import type { Transport } from "../transport.ts";
import { clientTransport } from "./client-transport.ts";
import { collectCredentials } from "./credentials.ts";
import type { SshEnvironment } from "./environment.ts";
import type { HandshakeRequest } from "./handshake.ts";
import { handshake } from "./handshake.ts";
import { readKnownHosts } from "./known-hosts-read.ts";
import { resolveRoute } from "./route.ts";
import { interruptedConnect, openSocket } from "./socket.ts";

/**
 * One SSH connection to one host, through its jump hosts if it has any; every hop's host key is checked.
 * Rejects with an LfceError whose code says why; nothing stays open then.
 */
export async function connectSsh(
  settings: ConnectionSettings,
  environment: SshEnvironment,
  signal: AbortSignal,
): Promise<Transport> {
  const clients: Client[] = [];
  const warnings: Warning[] = [];
  try {
    for (const hop of await resolveRoute(settings, environment)) {
      const request: HandshakeRequest = {
        ...hop,
        signal,
        warn: (warning) => warnings.push(warning),
        credentials: await collectCredentials(hop, environment),
        knownHosts: await readKnownHosts(hop.knownHostsFiles, environment),
      };
      const jump = clients[0];
      const stream = jump ? await forward(jump, request) : await openSocket(request);
      clients.unshift(await handshake(stream, request));
    }
  } catch (error) {
    for (const client of clients) client.destroy();
    throw error;
  }
  const [client, ...jumps] = clients as [Client, ...Client[]];
  return { ...clientTransport(client, settings.host, jumps), warnings };
}

/** A stream to the next hop through the one before it. Rejects: host-unreachable, interrupted. */
function forward(jump: Client, request: HandshakeRequest): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      clearTimeout(deadline);
      request.signal.removeEventListener("abort", onAbort);
      end();
    };
    const failed = (why: string): void => settle(() => reject(notForwarded(request, why)));
    const onAbort = (): void => settle(() => reject(interruptedConnect(request.host)));
    const deadline = setTimeout(() => failed("no answer in time"), request.timeoutMs);
    request.signal.addEventListener("abort", onAbort, { once: true });
    try {
      jump.forwardOut("127.0.0.1", 0, request.address, request.port, (error, stream) => {
        if (error) failed(error.message);
        else settle(() => resolve(stream));
      });
    } catch (error) {
      // The jump host has gone already.
      failed((error as Error).message);
    }
    if (request.signal.aborted) onAbort();
  });
}

function notForwarded({ host, address, port }: HandshakeRequest, why: string): LfceError {
  return new LfceError({
    code: "host-unreachable",
    message: `the jump host cannot reach ${address}:${port}: ${why}`,
    hint: "check the address as the jump host sees it, and AllowTcpForwarding in its sshd_config",
    at: { host, phase: "connect" },
  });
}

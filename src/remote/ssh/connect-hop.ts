import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { escapeControls } from "../../core/byte-text.ts";
import { LfceError } from "../../core/errors.ts";
import { type HandshakeRequest, handshake } from "./handshake.ts";
import type { Hop } from "./hop.ts";
import type { JumpLease } from "./jump-pool.ts";
import { openProxyCommand } from "./proxy-command.ts";
import { interruptedConnect, openSocket, where } from "./socket.ts";

/** Connects to one machine and logs in there, once. Rejects as `openSocket`, `openProxyCommand` and `handshake` do. */
export async function connectHop(request: HandshakeRequest, through: JumpLease | undefined): Promise<Client> {
  return handshake(await openStream(request, through), request);
}

/** A machine to open a stream to; an abort ends the attempt. */
export type StreamRequest = Hop & { signal: AbortSignal };

/** A stream to one machine. Rejects as `openSocket`, `openProxyCommand` and a forward through a jump host do. */
export async function openStream(request: StreamRequest, through: JumpLease | undefined): Promise<Duplex> {
  if (through) return forward(through, request);
  const { proxyCommand } = request;
  return proxyCommand === undefined ? openSocket(request) : openProxyCommand({ ...request, proxyCommand });
}

/**
 * A stream to a machine through the jump host before it. Rejects: host-unreachable, connection-refused,
 * connect-timeout, connection-lost (the way to the jump host broke), interrupted.
 */
function forward({ client, hop }: JumpLease, request: StreamRequest): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (end: () => void): void => {
      settled = true;
      clearTimeout(deadline);
      request.signal.removeEventListener("abort", onAbort);
      end();
    };
    const fail = (error: LfceError): void => settle(() => reject(error));
    const onAbort = (): void => fail(interruptedConnect(request.host));
    const deadline = setTimeout(() => fail(noAnswer(hop.host, request)), request.timeoutMs);
    request.signal.addEventListener("abort", onAbort, { once: true });
    try {
      client.forwardOut("127.0.0.1", 0, request.address, request.port, (error, stream) => {
        // Too late: whoever asked has given up.
        if (settled) stream?.destroy();
        else if (error) fail(notForwarded(hop.host, request, error));
        else settle(() => resolve(stream));
      });
    } catch (error) {
      fail(notForwarded(hop.host, request, error as Error));
    }
    if (request.signal.aborted) onAbort();
  });
}

function noAnswer(jump: string, request: StreamRequest): LfceError {
  return new LfceError({
    code: "connect-timeout",
    message: `${where(request)} did not answer the jump host ${jump} within ${request.timeoutMs / 1000} s`,
    hint: "check from the jump host that the host is up; give a slow host a longer --timeout",
    at: { host: request.host, phase: "connect" },
  });
}

/** The answers of RFC 4254, 5.1, by their numbers; no number where the jump host's own connection has broken. */
function notForwarded(jump: string, request: StreamRequest, error: Error & { reason?: unknown }): LfceError {
  const at = { host: request.host, phase: "connect" } as const;
  const why = escapeControls(error.message).slice(0, 200);
  if (error.reason === undefined) {
    return new LfceError({
      code: "connection-lost",
      message: `the connection to the jump host ${jump} broke before it reached ${where(request)}: ${why}`,
      hint: "look at the jump host and the network before it",
      at,
    });
  }
  if (/connection refused/i.test(why)) {
    return new LfceError({
      code: "connection-refused",
      message: `${where(request)} refuses the connection from the jump host ${jump}`,
      hint: "check ansible_port, and `systemctl status ssh sshd` on the host: it is up, but no sshd listens there",
      at,
    });
  }
  return new LfceError({
    code: "host-unreachable",
    message: `the jump host ${jump} cannot reach ${where(request)}: ${why}`,
    hint: "check the address as the jump host sees it, and AllowTcpForwarding in its sshd_config",
    at,
  });
}

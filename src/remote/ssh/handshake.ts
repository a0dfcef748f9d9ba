import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import { escapeControls } from "../../core/byte-text.ts";
import { LfceError } from "../../core/errors.ts";
import { type Authentication, createAuthentication } from "./authentication.ts";
import { authenticationFailed, passwordExpired, tooManyKeys } from "./authentication-errors.ts";
import type { Credentials } from "./credentials.ts";
import type { HostKeyCheckRequest } from "./host-key-check.ts";
import { createHostKeyCheck } from "./host-key-check.ts";
import { dropped, type LoginPhase, loginTimeout } from "./login-failure.ts";
import { interruptedConnect } from "./socket.ts";
import { watchTime } from "./time-watch.ts";

/** One login at one machine. */
export interface HandshakeRequest extends HostKeyCheckRequest {
  signal: AbortSignal;
  credentials: Credentials;
}

/** sshd tells why it drops a connection in one short line; more is not looked at. */
const MAX_FIRST_WORDS = 512;

/**
 * Speaks SSH over an open stream until the user is logged in. The host key is always checked. Rejects with
 * host-key-unknown, host-key-changed, host-key-revoked, authentication-failed, connect-timeout, connection-lost,
 * server-busy, login-penalty, login-cut-off, ssh-protocol-error or interrupted, and then the stream is closed.
 * The time-out counts the server's time only, not that of a person who is asked for something.
 */
export function handshake(stream: Duplex, request: HandshakeRequest): Promise<ssh2.Client> {
  const { host, signal } = request;
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const hostKey = createHostKeyCheck(request);
    let recorded = Promise.resolve();
    const authentication = createAuthentication(request, hostKey.trusted, (error) => settle(error));
    let phase: LoginPhase = "greeting";
    let firstWords = "";
    const hear = (chunk: Buffer): void => {
      if (firstWords.length < MAX_FIRST_WORDS) firstWords += chunk.toString("latin1", 0, MAX_FIRST_WORDS);
      if (firstWords.length >= MAX_FIRST_WORDS || /^SSH-/m.test(firstWords)) stream.off("data", hear);
      if (/^SSH-/m.test(firstWords)) phase = "keys";
    };
    const time = watchTime(request.timeoutMs, () =>
      settle(hostKey.refusal() ?? loginTimeout(request, phase)),
    );
    const settle = (error?: LfceError): void => {
      time.stop();
      authentication.ended(error === undefined);
      stream.off("data", hear);
      signal.removeEventListener("abort", onAbort);
      client.removeAllListeners();
      // Errors of an ended connection reach those who wait for its channels.
      client.on("error", () => {});
      if (error) {
        client.destroy();
        stream.destroy();
        reject(hostKey.explain(error));
      } else resolve(client);
    };
    const onAbort = (): void => settle(interruptedConnect(host));
    signal.addEventListener("abort", onAbort, { once: true });
    // By now the host has proved that the key is its own.
    client.once("handshake", () => {
      phase = "login";
      recorded = hostKey.record();
    });
    client.once("ready", () => void recorded.then(() => settle()));
    client.once("close", () => settle(hostKey.refusal() ?? dropped(host, phase, firstWords)));
    client.on("error", (error: Error & { level?: string }) => {
      // An agent that does not answer is no reason to give up: the next credential follows.
      if (error.level === "agent") authentication.agentFailed(error);
      else settle(hostKey.refusal() ?? handshakeError(error, request, authentication, phase, firstWords));
    });
    client.once("change password", () => settle(passwordExpired(request)));
    try {
      client.connect({
        sock: stream,
        username: request.user,
        // Counted here, so that it can stand still while somebody is asked.
        readyTimeout: 0,
        keepaliveInterval: request.serverAliveIntervalMs,
        keepaliveCountMax: request.serverAliveCountMax,
        algorithms: { serverHostKey: hostKey.algorithms as never },
        hostVerifier: hostKey.verify,
        authHandler: ((methodsLeft, partial, callback) =>
          authentication.next(
            methodsLeft,
            partial,
            time.excluding(callback),
          )) satisfies Authentication["next"] as never,
      });
      // After connect(), which pauses the stream: ssh2 must not miss a byte.
      stream.on("data", hear);
    } catch (error) {
      settle(handshakeError(error as Error, request, authentication, phase, firstWords));
    }
    if (signal.aborted) onAbort();
  });
}

function handshakeError(
  error: Error & { level?: string; code?: string },
  request: HandshakeRequest,
  { log }: Authentication,
  phase: LoginPhase,
  firstWords: string,
): LfceError {
  const { host } = request;
  const at = { host, phase: "connect" } as const;
  // A ProxyCommand says itself what is wrong with it.
  if (error instanceof LfceError) return error;
  if (error.level === "client-socket" || /^Connection lost/.test(error.message))
    return dropped(host, phase, firstWords, error.code);
  if (error.level === "client-authentication") return authenticationFailed(request, log);
  if (/^Too many authentication failures/i.test(error.message)) return tooManyKeys(request, log);
  return new LfceError({
    code: "ssh-protocol-error",
    message: `${host} does not speak SSH as lfce does: ${escapeControls(error.message).slice(0, 300)}`,
    hint: `compare with: ssh -v -p ${request.port} ${request.address}`,
    at,
  });
}

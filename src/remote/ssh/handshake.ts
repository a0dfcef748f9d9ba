import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import type { LfceError } from "../../core/errors.ts";
import { runsOver } from "./cut-off.ts";
import { firstWordsOf } from "./first-words.ts";
import type { HostKeyCheckRequest } from "./host-keys/host-key-check.ts";
import { createHostKeyCheck } from "./host-keys/host-key-check.ts";
import { type Authentication, createAuthentication } from "./login/authentication.ts";
import { authenticationFailed, passwordExpired, tooManyKeys } from "./login/authentication-errors.ts";
import type { Credentials } from "./login/credentials.ts";
import { brokenConnection, dropped, type LoginPhase, loginTimeout, protocolError } from "./login-failure.ts";
import { ignoreOtherHostKeys } from "./other-host-keys.ts";
import { interruptedConnect } from "./socket.ts";
import { watchTime } from "./time-watch.ts";

/** One login at one machine. */
export interface HandshakeRequest extends HostKeyCheckRequest {
  signal: AbortSignal;
  credentials: Credentials;
}

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
    runsOver(client, stream);
    const hostKey = createHostKeyCheck(request);
    let recorded = Promise.resolve();
    const authentication = createAuthentication(request, hostKey.trusted, (error) => settle(error));
    let phase: LoginPhase = "greeting";
    const firstWords = firstWordsOf(stream, () => {
      phase = "keys";
    });
    const time = watchTime(request.timeoutMs, () =>
      settle(hostKey.refusal() ?? loginTimeout(request, phase)),
    );
    const settle = (error?: LfceError): void => {
      time.stop();
      authentication.ended(error === undefined);
      firstWords.stop();
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
    client.once("close", () => settle(hostKey.refusal() ?? dropped(host, phase, firstWords.text())));
    client.on("error", (error: Error & { level?: string }) => {
      // An agent that does not answer is no reason to give up: the next credential follows.
      if (error.level === "agent") authentication.agentFailed(error);
      else
        settle(hostKey.refusal() ?? handshakeError(error, request, authentication, phase, firstWords.text()));
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
      ignoreOtherHostKeys(client);
      firstWords.listen();
    } catch (error) {
      settle(handshakeError(error as Error, request, authentication, phase, firstWords.text()));
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
  const broken = brokenConnection(error, request.host, phase, firstWords);
  if (broken) return broken;
  if (error.level === "client-authentication") return authenticationFailed(request, log);
  if (/^Too many authentication failures/i.test(error.message)) return tooManyKeys(request, log);
  return protocolError(request, error);
}

import type { Duplex } from "node:stream";
import type { AnyAuthMethod, AuthenticationType } from "ssh2";
import ssh2 from "ssh2";
import { escapeControls } from "../../core/byte-text.ts";
import { LfceError } from "../../core/errors.ts";
import type { Credential, Credentials } from "./credentials.ts";
import type { HostKeyCheckRequest } from "./host-key-check.ts";
import { createHostKeyCheck } from "./host-key-check.ts";
import { connectTimeout, interruptedConnect } from "./socket.ts";

export interface HandshakeRequest extends HostKeyCheckRequest {
  signal: AbortSignal;
  credentials: Credentials;
}

const KEEPALIVE_INTERVAL_MS = 15_000;
const KEEPALIVE_MISSES = 3;

/**
 * Speaks SSH over an open stream until the user is logged in. The host key is always checked. Rejects with
 * host-key-unknown, host-key-changed, host-key-revoked, authentication-failed, connect-timeout,
 * connection-lost, ssh-protocol-error or interrupted, and then the stream is closed.
 */
export function handshake(stream: Duplex, request: HandshakeRequest): Promise<ssh2.Client> {
  const { host, signal } = request;
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const hostKey = createHostKeyCheck(request);
    let recorded = Promise.resolve();
    const log = createAuthentication(request.user, request.credentials.offer);
    const settle = (error?: LfceError): void => {
      signal.removeEventListener("abort", onAbort);
      client.removeAllListeners();
      // Errors of an ended connection reach those who wait for its channels.
      client.on("error", () => {});
      if (error) {
        client.destroy();
        stream.destroy();
        reject(error);
      } else resolve(client);
    };
    const onAbort = (): void => settle(interruptedConnect(host));
    signal.addEventListener("abort", onAbort, { once: true });
    // By now the host has proved that the key is its own.
    client.once("handshake", () => {
      recorded = hostKey.record();
    });
    client.once("ready", () => void recorded.then(() => settle()));
    client.once("close", () => settle(hostKey.refusal() ?? dropped(host)));
    client.on("error", (error: Error & { level?: string }) => {
      // An agent that does not answer is no reason to give up: the next credential follows.
      if (error.level === "agent") log.agentFailed(error);
      else settle(hostKey.refusal() ?? handshakeError(error, request, log));
    });
    try {
      client.connect({
        sock: stream,
        username: request.user,
        readyTimeout: request.timeoutMs,
        keepaliveInterval: KEEPALIVE_INTERVAL_MS,
        keepaliveCountMax: KEEPALIVE_MISSES,
        algorithms: { serverHostKey: hostKey.algorithms as never },
        hostVerifier: hostKey.verify,
        authHandler: log.next as never,
      });
    } catch (error) {
      settle(handshakeError(error as Error, request, log));
    }
    if (signal.aborted) onAbort();
  });
}

interface Authentication {
  next(
    methodsLeft: AuthenticationType[] | null,
    partial: boolean | null,
    callback: (method: AnyAuthMethod | false) => void,
  ): void;
  agentFailed(error: Error): void;
  offered: string[];
  /** What the server said it takes. */
  accepted: string[];
}

/** Offers one credential after the other; with none, asks the server what it would take. */
function createAuthentication(username: string, credentials: readonly Credential[]): Authentication {
  const waiting = [...credentials];
  let asked = false;
  const log: Authentication = {
    offered: [],
    accepted: [],
    agentFailed: (error) => {
      log.offered.push(`ssh-agent failed (${escapeControls(error.message)})`);
    },
    next: (methodsLeft, _partial, callback) => {
      if (methodsLeft) log.accepted = methodsLeft;
      const credential = waiting.shift();
      if (credential === undefined) {
        const first = !asked && credentials.length === 0;
        asked = true;
        callback(first ? { type: "none", username } : false);
      } else if (methodsLeft && !methodsLeft.includes("publickey")) callback(false);
      else {
        log.offered.push(credential.label);
        if (credential.kind === "agent") callback({ type: "agent", username, agent: credential.socket });
        else callback({ type: "publickey", username, key: credential.key as never });
      }
    },
  };
  return log;
}

function handshakeError(
  error: Error & { level?: string; code?: string },
  request: HandshakeRequest,
  log: Authentication,
): LfceError {
  const { host, user } = request;
  const at = { host, phase: "connect" } as const;
  if (error.level === "client-timeout") return connectTimeout(request);
  if (error.level === "client-socket" || /^Connection lost/.test(error.message))
    return dropped(host, error.code);
  if (error.level === "client-authentication") {
    const offered = log.offered.length > 0 ? log.offered.join(", ") : "nothing (no key and no agent found)";
    const takes = log.accepted.length > 0 ? log.accepted.map(escapeControls).join(", ") : "something else";
    return new LfceError({
      code: "authentication-failed",
      message: [
        `${host} does not let ${user} in; offered: ${offered}; the server takes: ${takes}`,
        ...request.credentials.unusable,
      ].join("; "),
      hint: `put the public key into ~${user}/.ssh/authorized_keys on the host, or name another key (ansible_ssh_private_key_file) or user (ansible_user)`,
      at,
    });
  }
  return new LfceError({
    code: "ssh-protocol-error",
    message: `${host} does not speak SSH as lfce does: ${escapeControls(error.message).slice(0, 300)}`,
    hint: `compare with: ssh -v -p ${request.port} ${request.address}`,
    at,
  });
}

function dropped(host: string, code?: string): LfceError {
  return new LfceError({
    code: "connection-lost",
    message: `${host} closed the connection before the login was done${code ? ` (${code})` : ""}`,
    hint: "look at the journal of sshd: it drops connections above its MaxStartups, and from addresses that failed before",
    at: { host, phase: "connect" },
  });
}

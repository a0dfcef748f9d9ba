import type { Socket } from "node:net";
import { connect } from "node:net";
import { LfceError } from "../../core/errors.ts";
import type { StreamRules } from "./hop.ts";

/** Where a TCP connection goes, and how long that may take, in milliseconds. */
export interface SocketTarget {
  /** Inventory name, for messages. */
  host: string;
  address: string;
  port: number;
  addressFamily?: StreamRules["addressFamily"];
  bindAddress?: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** net.connect's numbers; 0 takes both. */
const FAMILY = { any: 0, inet: 4, inet6: 6 } as const;

/** Opens a TCP connection. Rejects: host-unreachable, connection-refused, connect-timeout, interrupted. */
export function openSocket(target: SocketTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.address,
      port: target.port,
      family: FAMILY[target.addressFamily ?? "any"],
      ...(target.bindAddress === undefined ? {} : { localAddress: target.bindAddress }),
      noDelay: true,
      // Names with several addresses: give each of them the time that a slow line needs.
      autoSelectFamilyAttemptTimeout: 3_000,
    });
    const settle = (error?: LfceError): void => {
      clearTimeout(deadline);
      target.signal.removeEventListener("abort", onAbort);
      socket.removeAllListeners("error");
      if (error) {
        socket.on("error", () => {});
        socket.destroy();
        reject(error);
      } else resolve(socket);
    };
    const deadline = setTimeout(() => settle(connectTimeout(target)), target.timeoutMs);
    const onAbort = (): void => settle(interruptedConnect(target.host));
    target.signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle());
    socket.once("error", (error: NodeJS.ErrnoException) => settle(socketError(target, error)));
    if (target.signal.aborted) onAbort();
  });
}

/** The run was interrupted before the connection was made. */
export function interruptedConnect(host: string): LfceError {
  return new LfceError({
    code: "interrupted",
    message: `connecting to ${host} was interrupted`,
    hint: "run the same command again",
  });
}

/** No answer in time, be it to the first packet or in the middle of the handshake. */
export function connectTimeout(target: Omit<SocketTarget, "signal">): LfceError {
  return new LfceError({
    code: "connect-timeout",
    message: `${where(target)} did not answer within ${target.timeoutMs / 1000} s`,
    hint: "check that the host is up and that no firewall drops the packets; give a slow host a longer --timeout",
    at: { host: target.host, phase: "connect" },
  });
}

function socketError(target: SocketTarget, error: NodeJS.ErrnoException): LfceError {
  const at = { host: target.host, phase: "connect" } as const;
  switch (error.code) {
    case "ETIMEDOUT":
      return connectTimeout(target);
    case "ECONNRESET":
      return new LfceError({
        code: "connection-lost",
        message: `${where(target)} reset the connection as it was made`,
        hint: "look at the host's load and at firewalls between",
        at,
      });
    case "ECONNREFUSED":
      return new LfceError({
        code: "connection-refused",
        message: `${where(target)} refuses the connection`,
        hint: "check ansible_port, and `systemctl status ssh sshd` on the host: it is up, but no sshd listens there",
        at,
      });
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new LfceError({
        code: "host-unreachable",
        message: `the name ${target.address} does not resolve here`,
        hint: "set ansible_host to an address, or correct the name in the inventory",
        at,
      });
    default:
      return new LfceError({
        code: "host-unreachable",
        message: `${where(target)} cannot be reached: ${error.code ?? error.message}`,
        hint: "check the address (ansible_host) and the route to it",
        at,
      });
  }
}

/** The host by name and address, for messages. */
export function where(target: Omit<SocketTarget, "signal">): string {
  const place = target.address.includes(":")
    ? `[${target.address}]:${target.port}`
    : `${target.address}:${target.port}`;
  return target.host === target.address ? place : `${target.host} (${place})`;
}

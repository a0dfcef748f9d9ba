import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { ConnectionSettings } from "../../core/connection.ts";
import { LfceError } from "../../core/errors.ts";
import type { Transport } from "../transport.ts";
import { clientTransport } from "./client-transport.ts";
import { collectCredentials } from "./credentials.ts";
import type { SshEnvironment } from "./environment.ts";
import { expandHome } from "./environment.ts";
import type { HandshakeRequest } from "./handshake.ts";
import { handshake } from "./handshake.ts";
import type { KnownHostLine } from "./known-hosts.ts";
import { parseKnownHosts } from "./known-hosts.ts";
import { interruptedConnect, openSocket } from "./socket.ts";

/** The files of ssh_config(5): UserKnownHostsFile and GlobalKnownHostsFile. */
const KNOWN_HOSTS_FILES = [
  "~/.ssh/known_hosts",
  "~/.ssh/known_hosts2",
  "/etc/ssh/ssh_known_hosts",
  "/etc/ssh/ssh_known_hosts2",
];

/**
 * One SSH connection to one host, through its jump hosts if it has any; every hop's host key is checked.
 * Rejects with an LfceError whose code says why; nothing stays open then.
 */
export async function connectSsh(
  settings: ConnectionSettings,
  environment: SshEnvironment,
  signal: AbortSignal,
): Promise<Transport> {
  const credentials = await collectCredentials(settings.privateKeyFile, environment);
  const knownHosts = await readKnownHosts(settings.knownHostsFiles ?? KNOWN_HOSTS_FILES, environment);
  const target = { host: settings.host, address: settings.address, port: settings.port, user: settings.user };
  const hops = (settings.proxyJump ?? []).map((hop) => parseJump(hop, environment.localUser));
  const clients: Client[] = [];
  try {
    for (const hop of [...hops, target]) {
      const request: HandshakeRequest = {
        ...hop,
        timeoutMs: settings.connectTimeoutMs,
        signal,
        credentials,
        knownHosts,
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
  return clientTransport(client, settings.host, jumps);
}

async function readKnownHosts(
  paths: readonly string[],
  environment: SshEnvironment,
): Promise<{ lines: KnownHostLine[]; files: string[] }> {
  const files = paths.map((path) => expandHome(path, environment));
  const lines: KnownHostLine[] = [];
  for (const file of files) {
    const bytes = await environment.readFile(file);
    if (bytes) lines.push(...parseKnownHosts(bytes.toString("latin1"), file));
  }
  return { lines, files };
}

/** `[user@]host[:port]`, with an IPv6 address in brackets. */
function parseJump(
  text: string,
  localUser: string,
): { host: string; address: string; port: number; user: string } {
  const match = /^(?:([^@\s]+)@)?(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[2] ?? match?.[3];
  if (!match || address === undefined || address.startsWith("-")) {
    throw new LfceError({
      code: "proxy-jump-invalid",
      message: `"${text}" does not name a jump host`,
      hint: "write it as user@host:port; user and port may be left out",
    });
  }
  return { host: address, address, port: Number(match[4] ?? 22), user: match[1] ?? localUser };
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

import type { ConnectionSettings } from "../../../src/core/connection.ts";
import type { SshEnvironment } from "../../../src/remote/ssh/environment.ts";
import { newKey, type SshServer, type SshServerOptions, startSshServer } from "../../ssh/ssh-server.ts";

export const hostKey = newKey();
export const otherHostKey = newKey();
export const rsaHostKey = newKey("rsa");
export const userKey = newKey();
export const rsaUserKey = newKey("rsa");
export const strangerKey = newKey();

const servers: SshServer[] = [];

/** Starts a server that knows `hostKey` and lets `userKey` and `rsaUserKey` in. */
export async function serve(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
  const defaults = { hostKeys: [hostKey], authorized: [userKey.public, rsaUserKey.public] };
  const server = await startSshServer({ ...defaults, ...options });
  servers.push(server);
  return server;
}

export async function closeServers(): Promise<void> {
  for (const server of servers) await server.close();
}

/** `TYPE KEY` as known_hosts has it. */
export const publicPart = (key: { public: string }): string => key.public.split(" ").slice(0, 2).join(" ");

/** The known_hosts line for a server. */
export const known = (server: { port: number }, key = hostKey): string =>
  `[127.0.0.1]:${server.port} ${publicPart(key)}\n`;

/** A controller whose files exist only in the test. */
export function environment(files: Record<string, string>): SshEnvironment {
  return {
    home: "/home/me",
    localUser: "me",
    readFile: async (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
  };
}

/** The files of someone who may log in at the server, and more. */
export function filesFor(server: SshServer, more: Record<string, string> = {}): Record<string, string> {
  return {
    "/home/me/.ssh/known_hosts": known(server),
    "/home/me/.ssh/id_ed25519": userKey.private,
    ...more,
  };
}

export function settings(
  server: { port: number },
  more: Partial<ConnectionSettings> = {},
): ConnectionSettings {
  return {
    host: "web1",
    address: "127.0.0.1",
    port: server.port,
    user: "root",
    become: false,
    connectTimeoutMs: 10_000,
    ...more,
  };
}

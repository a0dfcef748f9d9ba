import type { ConnectionSettings } from "../../../core/connection.ts";
import type { Secret } from "../../../core/secrets.ts";
import type { SshEnvironment } from "../environment.ts";
import type { Hop } from "../hop.ts";
import { resolveRoute } from "../route.ts";
import { listAgentKeys } from "./agent.ts";
import { readKeyFile } from "./key-files.ts";
import { readPrivateKey } from "./private-key.ts";

/**
 * The encrypted key files that the connections would use and no agent holds, each once: a passphrase is asked
 * for before the run, since nobody can be asked in the middle of it. Of the files that ssh tries by itself only
 * where the agent has no key at all. What is wrong with a connection is told when it is made.
 */
export async function keysWithoutPassphrase(
  connections: readonly ConnectionSettings[],
  environment: SshEnvironment,
): Promise<string[]> {
  const routes = await Promise.all(
    connections.map((one) => resolveRoute(one, environment).catch((): Hop[] => [])),
  );
  const hops = routes.flat().filter((hop) => hop.publicKeyAuthentication && !hop.batchMode);
  const sockets = [...new Set(hops.map((hop) => hop.agentSocket))];
  const held = new Map(
    await Promise.all(sockets.map(async (socket) => [socket, await heldBy(socket)] as const)),
  );
  const wanted = new Set<string>();
  for (const { agentSocket, identitiesNamed, identityFiles } of hops) {
    const agentKeys = held.get(agentSocket) ?? [];
    if (!identitiesNamed && agentKeys.length > 0) continue;
    for (const path of identityFiles) {
      const file = await readKeyFile(path, environment);
      const inAgent = agentKeys.some((key) => file.publicKey?.equals(key));
      if (file.encrypted && !inAgent) wanted.add(path);
    }
  }
  return [...wanted];
}

async function heldBy(socket: string | undefined): Promise<Buffer[]> {
  if (socket === undefined) return [];
  // An agent that does not answer holds nothing; the login says so.
  const keys = await listAgentKeys(socket).catch(() => []);
  return keys.map(({ publicKey }) => publicKey);
}

/** Whether a passphrase opens a key file. Rejects when the file cannot be read. */
export async function opensKey(
  path: string,
  passphrase: Secret,
  environment: SshEnvironment,
): Promise<boolean> {
  const bytes = await environment.readFile(path);
  return bytes !== undefined && readPrivateKey(bytes, passphrase.reveal()).result === "key";
}

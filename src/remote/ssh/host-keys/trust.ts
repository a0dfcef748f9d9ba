import type { ConnectionSettings } from "../../../core/connection.ts";
import { LfceError, type Warning } from "../../../core/errors.ts";
import type { HostKeys, HostWay, KeyedMachine, SeenHostKey } from "../../../core/host-keys.ts";
import { type RetryTools, realTools, withRetries } from "../attempts.ts";
import { createConnector } from "../connect.ts";
import type { SshEnvironment } from "../environment.ts";
import type { Hop } from "../hop.ts";
import { resolveRoute } from "../route.ts";
import { keyFamily } from "./host-key.ts";
import { hostKeyAlgorithms } from "./host-key-algorithms.ts";
import { askHostKey } from "./host-key-ask.ts";
import { noCommonAlgorithm } from "./host-key-errors.ts";
import { seenKeys } from "./host-key-seen.ts";
import { knownHostsName } from "./known-hosts.ts";
import { indexKnownHosts, readKnownHosts } from "./known-hosts-read.ts";
import { replaceWithHostKeys } from "./known-hosts-write.ts";

/** The host keys of a fleet: which machines there are, and how to ask them and note what they show. */
export interface TrustLayer extends HostKeys {
  /** The machines on the way to each host. Never rejects: what is wrong with one host is said in its place. */
  ways(settings: readonly ConnectionSettings[]): Promise<HostWay[]>;
  /** Closes the connections to jump hosts. */
  close(): void;
}

/** The host keys of one run of `lfce trust`, by connections of its own. */
export function createTrustLayer(environment: SshEnvironment, tools: RetryTools = realTools): TrustLayer {
  const connector = createConnector(environment, tools);
  const routes = new Map<string, readonly Hop[]>();

  async function wayTo(settings: ConnectionSettings): Promise<HostWay> {
    const { host } = settings;
    try {
      const route = await resolveRoute(settings, environment);
      const machines: KeyedMachine[] = [];
      for (const [index, hop] of route.entries()) {
        const behind = machines.map(({ id }) => id);
        const machine = machineOf(hop, behind);
        routes.set(machine.id, route.slice(0, index + 1));
        machines.push(machine);
      }
      return { host, machines };
    } catch (error) {
      if (!(error instanceof LfceError)) throw error;
      return { host, error: { ...error.data, at: error.at ?? { host, phase: "connect" } } };
    }
  }

  return {
    ways: (settings) => Promise.all(settings.map(wayTo)),
    async ask(machine, signal) {
      const route = routes.get(machine.id) ?? [];
      const hop = route.at(-1) as Hop;
      const known = await readKnownHosts(hop.knownHostsFiles, environment);
      const wanted = hostKeyAlgorithms(indexKnownHosts([], []), "", 22, hop.hostKeyAlgorithms);
      const keys: Buffer[] = [];
      const warnings: Warning[] = [];
      for (const family of ["ssh-ed25519", "ecdsa", "rsa"]) {
        const algorithms = wanted.filter((algorithm) => familyOf(algorithm) === family);
        if (algorithms.length === 0) continue;
        const key = await withRetries({ ...hop, signal }, tools, async (counted) => {
          const reached = await connector.reach(route, signal);
          warnings.push(...reached.warnings);
          try {
            return await counted(() => askHostKey(reached.stream, hop, algorithms, signal));
          } finally {
            reached.release();
          }
        });
        if (key) keys.push(key);
      }
      if (keys.length === 0) throw noCommonAlgorithm(hop, wanted);
      return { keys: seenKeys(known, hop, keys), warnings };
    },
    async write(entries) {
      for (const file of new Set(entries.flatMap(({ machine }) => machine.file ?? []))) {
        const ofFile = entries.filter(({ machine }) => machine.file === file);
        const hash = ofFile.some(({ machine }) => routes.get(machine.id)?.at(-1)?.hashKnownHosts);
        const added = await replaceWithHostKeys(file, ofFile.flatMap(newKeys), hash);
        const [one] = ofFile;
        const files = routes.get(one?.machine.id ?? "")?.at(-1)?.knownHostsFiles ?? [file];
        const known = await readKnownHosts(files, environment);
        for (const line of added) known.add(line);
      }
    },
    close: () => connector.close(),
  };

  function newKeys({ machine, keys }: { machine: KeyedMachine; keys: readonly SeenHostKey[] }) {
    const hop = routes.get(machine.id)?.at(-1) as Hop;
    return keys.map(({ encoded }) => ({
      host: hop.hostKeyName,
      port: hop.hostKeyPort,
      key: Buffer.from(encoded, "base64"),
    }));
  }
}

function machineOf(hop: Hop, behind: string[]): KeyedMachine {
  const knownAs = knownHostsName(hop.hostKeyName, hop.hostKeyPort);
  const { address, port, proxyCommand, newHostKeysFile } = hop;
  return {
    // Behind other jump hosts the same address is another machine, and so is what another command leads to.
    id: JSON.stringify([knownAs, address, port, proxyCommand, newHostKeysFile, behind.at(-1)]),
    name: hop.host,
    knownAs,
    behind,
    ...(newHostKeysFile === undefined ? {} : { file: newHostKeysFile }),
  };
}

function familyOf(algorithm: string): string {
  return /^(rsa-sha2-|ssh-rsa)/.test(algorithm) ? "rsa" : keyFamily(algorithm);
}

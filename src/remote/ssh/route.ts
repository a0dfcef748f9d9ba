import type { ConnectionSettings } from "../../core/connection.ts";
import { LfceError } from "../../core/errors.ts";
import type { SshEnvironment } from "./environment.ts";
import { expandHome } from "./environment.ts";
import type { Hop } from "./hop.ts";
import { type JumpHost, jumpHostText } from "./jump-host.ts";
import { hopOf } from "./resolve-hop.ts";
import type { ConfigStatement } from "./ssh-config/document.ts";
import { evaluateConfig } from "./ssh-config/evaluate.ts";
import { readSshConfig } from "./ssh-config/files.ts";
import { givenConfig, givenValue } from "./ssh-config/given-config.ts";
import { isOwnConfig, limitToInventory } from "./ssh-config/inventory.ts";
import { warnOfUnheeded } from "./ssh-config/refusals.ts";
import type { SshConfigSource } from "./ssh-config/source.ts";

/** The files as they were when a run first asked for them: every host of a run is reached by the same ones. */
const readFiles = new WeakMap<SshConfigSource, Map<string, Promise<ConfigStatement[][]>>>();

/**
 * The jump hosts in order, then the host itself: what `ssh -o … ADDRESS` would do, with the inventory and the
 * command line as its options. Each jump host has its own configuration, evaluated for its own name, as ssh has it;
 * of what the inventory says of the host, only its known_hosts, its key and the time-out are added.
 * Rejects: proxy-jump-invalid, proxy-jump-loop, proxy-command-unsafe, connection-refused-here, ssh-config-*.
 */
export async function resolveRoute(
  settings: ConnectionSettings,
  environment: SshEnvironment,
): Promise<[...Hop[], Hop]> {
  const files = await configFiles(environment, settings.sshConfigFile);
  const route = routeTo(
    { host: settings.address, name: settings.host, given: givenConfig(settings), trail: [settings.host] },
    files,
    environment,
  );
  const [target, ...jumps] = [...route].reverse() as [Hop, ...Hop[]];
  return [
    ...jumps.reverse().map((jump) => withInventory(jump, settings, environment)),
    targetOf(target, settings, environment),
  ];
}

/** Reads the files that every host is reached by. Rejects: ssh-config-*. */
export async function checkSshConfig(environment: SshEnvironment): Promise<void> {
  await configFiles(environment);
}

function configFiles(environment: SshEnvironment, inventorys = ""): Promise<ConfigStatement[][]> {
  const { sshConfig, home } = environment;
  if (sshConfig === undefined) return Promise.resolve([]);
  const known = readFiles.get(sshConfig) ?? new Map<string, Promise<ConfigStatement[][]>>();
  readFiles.set(sshConfig, known);
  const file = sshConfig.file ?? inventorys;
  const statements = known.get(file) ?? readConfig(sshConfig, file, home);
  known.set(file, statements);
  return statements;
}

async function readConfig(source: SshConfigSource, file: string, home: string): Promise<ConfigStatement[][]> {
  const files = await readSshConfig(file === "" ? source : { ...source, file }, home);
  const isInventorys = file !== "" && source.file === undefined && !isOwnConfig(file, home);
  return isInventorys ? files.map((statements) => limitToInventory(statements, source.warn)) : files;
}

interface Leg {
  /** ssh's argument. */
  host: string;
  /** Name for messages. */
  name: string;
  given: ConfigStatement[];
  /** The host's name, and then the jump hosts that led from it to here, as they were written. */
  trail: string[];
}

function routeTo(leg: Leg, files: readonly ConfigStatement[][], environment: SshEnvironment): Hop[] {
  const warn = environment.sshConfig?.warn ?? (() => {});
  const query = { host: leg.host, localUser: environment.localUser, warn };
  const evaluation = evaluateConfig(leg.given, files, query);
  warnOfUnheeded(evaluation, warn);
  const hop = hopOf(leg, evaluation, environment);
  const jumps = evaluation.values.proxyjump ?? [];
  const jump = jumps.at(-1);
  if (jump === undefined) return [hop];
  const before = jumps.slice(0, -1);
  const step = [...before, jump].map(jumpHostText).join(",");
  const trail = [...leg.trail, step];
  if (leg.trail.slice(1).includes(step) || isItself(jump, hop))
    throw jumpLoop(trail, evaluation.origins.proxyjump);
  const given = [
    ...(jump.user === undefined ? [] : [givenValue("user", jump.user, "ProxyJump")]),
    ...(jump.port === undefined ? [] : [givenValue("port", jump.port, "ProxyJump")]),
    ...(before.length === 0 ? [] : [givenValue("proxyjump", before, "ProxyJump")]),
  ];
  const name = jumpHostText({ host: jump.host });
  return [...routeTo({ host: jump.host, name, given, trail }, files, environment), hop];
}

function isItself(jump: JumpHost, hop: Hop): boolean {
  return jump.host === hop.address && (jump.port ?? 22) === hop.port && (jump.user ?? hop.user) === hop.user;
}

function jumpLoop(trail: readonly string[], origin: string | undefined): LfceError {
  return new LfceError({
    code: "proxy-jump-loop",
    message: `the way to ${trail[0]} leads back to itself: ${trail.join(" via ")}${origin ? ` (${origin})` : ""}`,
    hint: "write `ProxyJump none` in a Host block for the jump host, before the block that sets ProxyJump",
  });
}

function targetOf(hop: Hop, settings: ConnectionSettings, environment: SshEnvironment): Hop {
  const { privateKeyFile, password } = settings;
  const key =
    privateKeyFile === undefined
      ? {}
      : {
          identityFiles: [expandHome(privateKeyFile, environment)],
          identityRequired: true,
          identitiesNamed: true,
        };
  return { ...hop, ...key, ...(password ? { password } : {}) };
}

/** ssh passes no options on to a jump host; but a project that brings its known_hosts and key means them for it, too. */
function withInventory(jump: Hop, settings: ConnectionSettings, environment: SshEnvironment): Hop {
  const { knownHostsFiles = [], privateKeyFile } = settings;
  const files = knownHostsFiles.map((file) => expandHome(file, environment));
  const own = jump.identitiesNamed ? jump.identityFiles : [];
  const others = jump.identitiesNamed ? [] : jump.identityFiles;
  const key = privateKeyFile === undefined ? [] : [expandHome(privateKeyFile, environment)];
  return {
    ...jump,
    knownHostsFiles: unique([...files, ...jump.knownHostsFiles]),
    ...(files[0] === undefined ? {} : { newHostKeysFile: files[0] }),
    identityFiles: unique([...own, ...key, ...others]),
  };
}

const unique = (paths: readonly string[]): string[] => [...new Set(paths)];

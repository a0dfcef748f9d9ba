import type { ConnectionSettings } from "../../core/connection.ts";
import { LfceError } from "../../core/errors.ts";
import type { SshEnvironment } from "./environment.ts";
import { expandHome } from "./environment.ts";
import type { Hop } from "./hop.ts";

/** The files of ssh_config(5): UserKnownHostsFile and GlobalKnownHostsFile. */
const KNOWN_HOSTS_FILES = [
  "~/.ssh/known_hosts",
  "~/.ssh/known_hosts2",
  "/etc/ssh/ssh_known_hosts",
  "/etc/ssh/ssh_known_hosts2",
];

/** The files that ssh tries by itself, in the order of their strength. */
const DEFAULT_KEYS = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];

/** The jump hosts in order, then the host itself. Rejects: proxy-jump-invalid. */
export async function resolveRoute(
  settings: ConnectionSettings,
  environment: SshEnvironment,
): Promise<[...Hop[], Hop]> {
  const { privateKeyFile } = settings;
  const expand = (path: string): string => expandHome(path, environment);
  const common = {
    knownHostsFiles: (settings.knownHostsFiles ?? KNOWN_HOSTS_FILES).map(expand),
    newHostKeysFile: expand(settings.knownHostsFiles?.[0] ?? "~/.ssh/known_hosts"),
    strictHostKeyChecking: "yes" as const,
    hashKnownHosts: false,
    identityFiles: (privateKeyFile === undefined ? DEFAULT_KEYS : [privateKeyFile]).map(expand),
    identityRequired: privateKeyFile !== undefined,
    identitiesNamed: privateKeyFile !== undefined,
    identitiesOnly: false,
    certificateFiles: [],
    ...(environment.agentSocket === undefined ? {} : { agentSocket: environment.agentSocket }),
    publicKeyAuthentication: true,
    passwordAuthentication: true,
    keyboardInteractiveAuthentication: true,
    passwordPrompts: 3,
    batchMode: false,
    addressFamily: "any" as const,
    timeoutMs: settings.connectTimeoutMs,
    serverAliveIntervalMs: 15_000,
    serverAliveCountMax: 3,
    origins: {},
  };
  const hop = (own: Pick<Hop, "host" | "address" | "port" | "user">): Hop => {
    return { ...common, ...own, hostKeyName: own.address, hostKeyPort: own.port };
  };
  const jumps = (settings.proxyJump ?? []).map((text) => parseJump(text, environment.localUser));
  const { host, address, port, user, password } = settings;
  return [...jumps.map(hop), { ...hop({ host, address, port, user }), ...(password ? { password } : {}) }];
}

/** `[user@]host[:port]`, with an IPv6 address in brackets. */
function parseJump(text: string, localUser: string): Pick<Hop, "host" | "address" | "port" | "user"> {
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

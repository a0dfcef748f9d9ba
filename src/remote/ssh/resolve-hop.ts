import type { SshEnvironment } from "./environment.ts";
import { expandHome } from "./environment.ts";
import type { Hop, HostKeyRules, LoginRules, StreamRules } from "./hop.ts";
import { proxyCommandOf } from "./proxy-command-text.ts";
import type { Evaluation } from "./ssh-config/evaluate.ts";
import { fieldOrigins } from "./ssh-config/origins.ts";
import { refuseUnsupported } from "./ssh-config/refusals.ts";
import { expandTokens, type TokenValues, tokenTable } from "./ssh-config/tokens.ts";
import type { ConfigKeyword } from "./ssh-config/values.ts";

/** UserKnownHostsFile and GlobalKnownHostsFile when nobody names them. */
const USERS_KNOWN_HOSTS = ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];
const SYSTEMS_KNOWN_HOSTS = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
/** The key files that ssh tries by itself, in its order; those on security keys are none that lfce could use. */
const DEFAULT_KEYS = ["~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519"];

const CONNECT_TIMEOUT_MS = 10_000;
/** ssh asks for no sign of life unless told to; a host that hangs must not hold up a run. */
const ALIVE_INTERVAL_MS = 15_000;
const ALIVE_COUNT = 3;

/** What ssh_config says of a machine, as the machine to connect to. `asked` is the name that it was evaluated for. */
export function hopOf(
  asked: { host: string; name: string },
  evaluation: Evaluation,
  environment: SshEnvironment,
): Hop {
  const { origins } = evaluation;
  const tokens = tokensFor(asked.host, evaluation, environment);
  const path = (text: string, keyword: ConfigKeyword): string =>
    expandTokens(
      expandHome(text, environment),
      tokenTable(tokens),
      origins[keyword] ?? keyword,
      environment.sshConfig?.variable,
    );
  refuseUnsupported(asked.name, evaluation);
  return {
    host: asked.name,
    user: tokens.user,
    ...hostKeyRules(evaluation, tokens, path),
    ...loginRules(evaluation, environment, path),
    ...streamRules(asked.name, evaluation, tokens),
    origins: fieldOrigins(origins),
  };
}

type Path = (text: string, keyword: ConfigKeyword) => string;

function hostKeyRules({ values, address }: Evaluation, { port }: TokenValues, path: Path): HostKeyRules {
  const alias = values.hostkeyalias?.toLowerCase();
  const users = (values.userknownhostsfile ?? USERS_KNOWN_HOSTS).map((file) =>
    path(file, "userknownhostsfile"),
  );
  const [newHostKeysFile] = users;
  return {
    hostKeyName: alias ?? address,
    hostKeyPort: alias === undefined ? port : 22,
    knownHostsFiles: [...users, ...(values.globalknownhostsfile ?? SYSTEMS_KNOWN_HOSTS)],
    ...(newHostKeysFile === undefined ? {} : { newHostKeysFile }),
    strictHostKeyChecking: values.stricthostkeychecking ?? "yes",
    hashKnownHosts: values.hashknownhosts ?? false,
    ...(values.hostkeyalgorithms === undefined ? {} : { hostKeyAlgorithms: values.hostkeyalgorithms }),
  };
}

function loginRules(
  { values, identityFiles, certificateFiles }: Evaluation,
  environment: SshEnvironment,
  path: Path,
): LoginRules {
  const named = identityFiles.length > 0;
  const files = (named ? identityFiles : DEFAULT_KEYS).filter((file) => file.toLowerCase() !== "none");
  const agentSocket = agentOf(values.identityagent, environment, path);
  return {
    identityFiles: files.map((file) => path(file, "identityfile")),
    identityRequired: false,
    identitiesNamed: named,
    identitiesOnly: values.identitiesonly ?? false,
    certificateFiles: certificateFiles.map((file) => path(file, "certificatefile")),
    ...(agentSocket ? { agentSocket } : {}),
    publicKeyAuthentication: values.pubkeyauthentication ?? true,
    passwordAuthentication: values.passwordauthentication ?? true,
    keyboardInteractiveAuthentication: values.kbdinteractiveauthentication ?? true,
    ...(values.preferredauthentications === undefined
      ? {}
      : { preferredAuthentications: values.preferredauthentications.split(",") }),
    batchMode: values.batchmode ?? false,
    ...(values.pubkeyacceptedalgorithms === undefined
      ? {}
      : { publicKeyAlgorithms: values.pubkeyacceptedalgorithms }),
  };
}

function streamRules(name: string, evaluation: Evaluation, tokens: TokenValues): StreamRules {
  const { values, address } = evaluation;
  const proxyCommand = proxyCommandOf(name, evaluation, tokens);
  return {
    address,
    port: tokens.port,
    ...(proxyCommand === undefined ? {} : { proxyCommand }),
    addressFamily: values.addressfamily ?? "any",
    ...(values.bindaddress === undefined ? {} : { bindAddress: values.bindaddress }),
    timeoutMs: milliseconds(values.connecttimeout) ?? CONNECT_TIMEOUT_MS,
    serverAliveIntervalMs: milliseconds(values.serveraliveinterval) ?? ALIVE_INTERVAL_MS,
    serverAliveCountMax: Math.max(1, values.serveralivecountmax ?? ALIVE_COUNT),
  };
}

/** `0` means "no limit" to ssh; lfce keeps its own. */
function milliseconds(seconds: number | undefined): number | undefined {
  return seconds ? seconds * 1000 : undefined;
}

/** `none`, `SSH_AUTH_SOCK`, `$NAME` or a path. */
function agentOf(agent: string | undefined, environment: SshEnvironment, path: Path): string | undefined {
  if (agent === undefined || agent === "SSH_AUTH_SOCK") return environment.agentSocket;
  if (agent === "none") return undefined;
  const name = /^\$(\w+)$/.exec(agent)?.[1];
  return name === undefined ? path(agent, "identityagent") : environment.sshConfig?.variable(name);
}

function tokensFor(asked: string, { values, address }: Evaluation, environment: SshEnvironment): TokenValues {
  const jump = values.proxyjump?.at(-1);
  return {
    address,
    originalHost: asked,
    port: values.port ?? 22,
    user: values.user ?? environment.localUser,
    localUser: environment.localUser,
    localHost: environment.sshConfig?.hostName ?? "localhost",
    home: environment.home,
    userId: environment.sshConfig?.userId ?? 0,
    ...(values.hostkeyalias === undefined ? {} : { hostKeyAlias: values.hostkeyalias.toLowerCase() }),
    jumpHost: jump?.host ?? "",
  };
}

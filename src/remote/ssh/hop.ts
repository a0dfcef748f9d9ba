import type { Secret } from "../../core/secrets.ts";

/**
 * One machine on the way to a host: what `ssh -G` would say of it, with what the inventory and the command line
 * say put first. Names in brackets are the keywords of ssh_config(5). Paths are absolute, tokens expanded.
 */
export interface Hop extends HostKeyRules, LoginRules, StreamRules {
  /** Name for messages: the inventory name, or a jump host as it was written. */
  host: string;
  user: string;
  /** Who said what, for messages: `~/.ssh/config:12`, `ansible_user`; a field that nobody set is left out. */
  origins: Partial<Record<keyof HostKeyRules | keyof LoginRules | keyof StreamRules | "user", string>>;
}

/** How a machine's host key is judged. */
export interface HostKeyRules {
  /** Name under which known_hosts has it [HostKeyAlias, else the address]. */
  hostKeyName: string;
  /** Port that belongs to that name: 22, which known_hosts leaves out, where an alias stands for name and port. */
  hostKeyPort: number;
  /** Files of known keys, the user's before the system's [UserKnownHostsFile, GlobalKnownHostsFile]. */
  knownHostsFiles: string[];
  /** The file that new keys are written to: the first of the user's; undefined when the user has none. */
  newHostKeysFile?: string;
  /** What to do about an unknown key; "ask" counts as "yes". A changed key is refused unless "no" [StrictHostKeyChecking]. */
  strictHostKeyChecking: "yes" | "accept-new" | "no";
  /** Names and addresses are hashed when a key is written [HashKnownHosts]. */
  hashKnownHosts: boolean;
  /** Algorithms as the user wrote them: a list of patterns, or one after `+`, `-`, `^` [HostKeyAlgorithms]. */
  hostKeyAlgorithms?: string;
}

/** What is offered to a machine to be let in. */
export interface LoginRules {
  /** Key files to offer, in order; missing ones are passed over unless `identityRequired` [IdentityFile]. */
  identityFiles: string[];
  /** The inventory names the key: it must be there, and nothing else is offered. */
  identityRequired: boolean;
  /** The user named `identityFiles` (they are not the ones that ssh tries by itself). */
  identitiesNamed: boolean;
  /** Of the agent's keys only those that `identityFiles` and `certificateFiles` name [IdentitiesOnly]. */
  identitiesOnly: boolean;
  /** Certificates to offer with the keys, besides KEY-cert.pub beside each key [CertificateFile]. */
  certificateFiles: string[];
  /** Socket of the agent to ask; undefined for none [IdentityAgent, SSH_AUTH_SOCK]. */
  agentSocket?: string;
  publicKeyAuthentication: boolean;
  passwordAuthentication: boolean;
  keyboardInteractiveAuthentication: boolean;
  /** Order of the methods: `publickey`, `keyboard-interactive`, `password` …; undefined for ssh's own order. */
  preferredAuthentications?: string[];
  /** The password of this machine's user; a jump host never gets that of the host behind it. */
  password?: Secret;
  /** Nobody is to be asked for anything [BatchMode]. */
  batchMode: boolean;
  /** Signature algorithms for the user's keys as the user wrote them, like `hostKeyAlgorithms` [PubkeyAcceptedAlgorithms]. */
  publicKeyAlgorithms?: string;
}

/** How bytes get to a machine, and how long that may take. */
export interface StreamRules {
  /** What the TCP connection goes to [HostName]. */
  address: string;
  port: number;
  /** Command whose stdin and stdout are the connection, in place of TCP; for `sh -c "exec …"` [ProxyCommand]. */
  proxyCommand?: string;
  addressFamily: "any" | "inet" | "inet6";
  /** Local address to connect from. */
  bindAddress?: string;
  /** Limit for connecting and, again, for logging in, in milliseconds [ConnectTimeout]. */
  timeoutMs: number;
  /** Silence after which the machine is asked for a sign of life, in milliseconds; 0 for never [ServerAliveInterval]. */
  serverAliveIntervalMs: number;
  /** How many such questions may stay unanswered [ServerAliveCountMax]. */
  serverAliveCountMax: number;
}

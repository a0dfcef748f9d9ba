/** One machine on the way to a host: what `ssh -G` would say of it, with what the inventory says put first. */
export interface Hop {
  /** Name for messages: the inventory name, or a jump host as it was written. */
  host: string;
  /** What the TCP connection goes to (ssh_config's HostName). */
  address: string;
  port: number;
  user: string;
  /** Name under which known_hosts has it (HostKeyAlias, else the address). */
  hostKeyName: string;
  /** Files of known keys, the user's before the system's, with `~` expanded. */
  knownHostsFiles: string[];
  /** Key files to offer, in order, with `~` expanded; missing ones are passed over unless `identityRequired`. */
  identityFiles: string[];
  /** The inventory names the key: it must be there, and nothing else is offered. */
  identityRequired: boolean;
  /** Socket of the agent to ask; undefined for none. */
  agentSocket?: string;
  /** Limit for connecting and, again, for logging in, in milliseconds. */
  timeoutMs: number;
}

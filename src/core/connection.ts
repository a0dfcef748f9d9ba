import type { Secret } from "./secrets.ts";

/** How one host is reached: what the inventory and the command line say, already evaluated. */
export interface ConnectionSettings {
  /** Inventory name, for messages and for known_hosts when `address` was not given. */
  host: string;
  /** `ansible_host`, else the inventory name. */
  address: string;
  port: number;
  user: string;
  privateKeyFile?: string;
  /** Replaces ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts when given (`-o UserKnownHostsFile=`). */
  knownHostsFiles?: string[];
  /** `[user@]host[:port]` of jump hosts, in order. */
  proxyJump?: string[];
  /** `ansible_password`, else what was asked for by --ask-pass; for the host itself, never for a jump host. */
  password?: Secret;
  become: boolean;
  /** How root is become; sudo when left out. */
  becomeMethod?: "doas";
  becomePassword?: Secret;
  /** Limit for connecting and authenticating, in milliseconds. */
  connectTimeoutMs: number;
}

import type { Secret } from "./secrets.ts";

/** How one host is reached: what the inventory and the command line say, already evaluated. */
export interface ConnectionSettings {
  /** Inventory name, for messages. */
  host: string;
  /** `ansible_host`, else the inventory name: what ssh would be asked for, and ssh_config is looked up by. */
  address: string;
  /** Left out where the inventory does not say it: then ssh_config does, else it is 22. */
  port?: number;
  /** Left out where the inventory does not say it: then ssh_config does, else it is the local user. */
  user?: string;
  privateKeyFile?: string;
  /** Replaces ~/.ssh/known_hosts when given (`-o UserKnownHostsFile=`). */
  knownHostsFiles?: string[];
  /** `[user@]host[:port]` of jump hosts, in order; none at all when empty. */
  proxyJump?: string[];
  /** The ssh_config to read for this host (`-F`); `none` for none. The command line's goes before it. */
  sshConfigFile?: string;
  /** Further options of ssh that the inventory gives, in order: they win over ssh_config. */
  sshOptions?: SshOption[];
  /** `ansible_password`, else what was asked for by --ask-pass; for the host itself, never for a jump host. */
  password?: Secret;
  become: boolean;
  /** How root is become; sudo when left out. */
  becomeMethod?: "doas";
  becomePassword?: Secret;
  /** Limit for connecting and authenticating, in milliseconds; left out where the command line does not say it. */
  connectTimeoutMs?: number;
}

/** One option as ssh's `-o` takes it. */
export interface SshOption {
  /** `Keyword=value`. */
  option: string;
  /** Who gave it, for messages: `ansible_ssh_common_args`. */
  from: string;
}

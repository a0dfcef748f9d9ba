import type { ConnectionSettings } from "../../../src/core/connection.ts";
import type { AgentName, Ground } from "./ground.ts";

export interface Combination {
  name: string;
  /** ssh_config; UserKnownHostsFile and GlobalKnownHostsFile are put behind it. */
  config: string;
  /** known_hosts; the target's and the jump hosts' own keys when left out. */
  knownHosts?: string;
  agent?: AgentName;
  /** ssh's argument; `target` when left out. */
  host?: string;
  arguments?: readonly string[];
  settings?: Partial<ConnectionSettings>;
  /** What ssh must make of it, so that the two do not agree on nothing. */
  expect?: string;
}

/** Lines that know the machines by their addresses, on both ports. */
export function allKnown(ground: Ground): string {
  const { target, jump, second, hostKey } = ground;
  return [
    `${target},[${target}]:2222 ${hostKey("web1", "ssh-ed25519")}`,
    `${jump} ${hostKey("time1", "ssh-ed25519")}`,
    `${second} ${hostKey("log1", "ssh-ed25519")}`,
    "",
  ].join("\n");
}

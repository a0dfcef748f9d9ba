import type { Hop } from "../hop.ts";
import type { Evaluation } from "./evaluate.ts";
import type { ConfigKeyword } from "./values.ts";

type Field = keyof Hop["origins"];

/** Keyword → the fields of a hop that it sets. */
const FIELDS: Partial<Record<ConfigKeyword, Field[]>> = {
  addressfamily: ["addressFamily"],
  batchmode: ["batchMode"],
  bindaddress: ["bindAddress"],
  certificatefile: ["certificateFiles"],
  connecttimeout: ["timeoutMs"],
  globalknownhostsfile: ["knownHostsFiles"],
  hashknownhosts: ["hashKnownHosts"],
  hostkeyalgorithms: ["hostKeyAlgorithms"],
  hostkeyalias: ["hostKeyName", "hostKeyPort"],
  hostname: ["address"],
  identitiesonly: ["identitiesOnly"],
  identityagent: ["agentSocket"],
  identityfile: ["identityFiles", "identitiesNamed"],
  kbdinteractiveauthentication: ["keyboardInteractiveAuthentication"],
  passwordauthentication: ["passwordAuthentication"],
  port: ["port"],
  preferredauthentications: ["preferredAuthentications"],
  proxycommand: ["proxyCommand"],
  pubkeyacceptedalgorithms: ["publicKeyAlgorithms"],
  pubkeyauthentication: ["publicKeyAuthentication"],
  serveralivecountmax: ["serverAliveCountMax"],
  serveraliveinterval: ["serverAliveIntervalMs"],
  stricthostkeychecking: ["strictHostKeyChecking"],
  user: ["user"],
  userknownhostsfile: ["knownHostsFiles", "newHostKeysFile"],
};

/** Who said what, by the fields of a hop. */
export function fieldOrigins(origins: Evaluation["origins"]): Hop["origins"] {
  const fields: Hop["origins"] = {};
  for (const [keyword, origin] of Object.entries(origins)) {
    for (const field of FIELDS[keyword as ConfigKeyword] ?? []) fields[field] ??= origin;
  }
  return fields;
}

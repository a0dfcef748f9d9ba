import type { DesiredStoreRule, DesiredSyslogServer, SyslogSender } from "../desired.ts";
import { expectedPath } from "./file-tokens.ts";
import { canonicalAddress, compareAddresses } from "./server-address.ts";
import { hostIsAddress, readStoreRules, ruleApplies, type StoreRule } from "./store-rules.ts";

/** What a proof knows of its own messages besides the sender. */
export interface ReportedNames {
  /** Host name that the sender puts into its messages. */
  hostname?: string;
  /** Program name (tag) of the message. */
  program?: string;
}

/** Every file in which a message of this sender may arrive under this rule, one for each of its addresses. */
export function proofPaths(
  rule: DesiredStoreRule,
  sender: SyslogSender,
  reported: ReportedNames = {},
): string[] {
  const addresses = canonicalAddresses(sender);
  const paths = addresses.map((address) => {
    const host = hostIsAddress(rule) ? address : sender.host;
    return expectedPath(rule.file, { host, address, ...reported });
  });
  return [...new Set(paths)].filter((path) => path !== undefined);
}

/**
 * The file that proves arrival, with the strftime tokens %Y %m %d for the server's own date. Undefined when
 * it is not one certain file (a sender with several addresses and `{address}`; `{hostname}` without a name).
 */
export function proofPath(
  rule: DesiredStoreRule,
  sender: SyslogSender,
  reported: ReportedNames = {},
): string | undefined {
  const paths = proofPaths(rule, sender, reported);
  return paths.length === 1 ? paths[0] : undefined;
}

/**
 * The rule whose file proves that a sender's messages arrive: the first that applies, rules after one with
 * `stop` left out; of several, the first with one certain file. A `{hostname}` rule is taken to apply when
 * the sender's reported name (without one: its inventory name) is that name, domain or not.
 */
export function storeRuleFor(
  server: DesiredSyslogServer,
  sender: SyslogSender,
  reported: ReportedNames = {},
): DesiredStoreRule | undefined {
  const applicable: DesiredStoreRule[] = [];
  for (const rule of rulesOf(server)) {
    const ways = canonicalAddresses(sender).map((address) => ruleApplies(rule, address));
    const named = rule.hostnames.some((name) => sameHost(name, reported.hostname ?? sender.host));
    if (!ways.includes("always") && !(ways.includes("hostname") && named)) continue;
    applicable.push(rule.declared);
    if (rule.declared.stop) break;
  }
  return applicable.find((rule) => proofPath(rule, sender, reported) !== undefined) ?? applicable[0];
}

/** Read once a server: every one of its clients asks. */
const rulesRead = new WeakMap<DesiredSyslogServer, StoreRule[]>();

function rulesOf(server: DesiredSyslogServer): StoreRule[] {
  const rules = rulesRead.get(server) ?? readStoreRules(server).rules;
  rulesRead.set(server, rules);
  return rules;
}

/** A sender's addresses, spelled canonically and sorted. */
export function canonicalAddresses(sender: SyslogSender): string[] {
  const addresses = sender.addresses.map(canonicalAddress).filter((address) => address !== undefined);
  return [...new Set(addresses)].sort(compareAddresses);
}

function sameHost(name: string, host: string): boolean {
  const lower = host.toLowerCase();
  return name === lower || name === lower.split(".")[0] || name.split(".")[0] === lower;
}

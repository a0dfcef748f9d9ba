import { errorData, type LfceErrorData } from "../../core/errors.ts";
import type { DesiredStoreRule, DesiredSyslogServer, SyslogSender } from "./desired.ts";
import { expectedPath, type FilePiece, hasToken, parseFilePattern } from "./file-tokens.ts";
import { canonicalAddress, compareAddresses, networkContains, parseNetwork } from "./server-address.ts";

/** A store rule with its selections sorted out and every address spelled as rsyslog spells it. */
export interface StoreRule {
  declared: DesiredStoreRule;
  pieces: FilePiece[];
  /** Sender's address → its inventory name; undefined for an address that stands alone. */
  exact: Map<string, string | undefined>;
  networks: string[];
  hostnames: string[];
  any: boolean;
}

/** Does a rule concern senders that it does not name one by one? */
export function isGeneral(rule: StoreRule): boolean {
  return rule.any || rule.networks.length > 0 || rule.hostnames.length > 0;
}

/** `{host}` is the inventory name where all of a rule's senders have one, otherwise their address. */
export function hostIsAddress(rule: DesiredStoreRule): boolean {
  return rule.from.some((selection) => selection.kind !== "senders");
}

/** The same pattern with `{host}` replaced by `{address}` where senders have no inventory name. */
function withoutNames(rule: DesiredStoreRule, pieces: FilePiece[]): FilePiece[] {
  if (!hostIsAddress(rule)) return pieces;
  return pieces.map((piece) =>
    "token" in piece && piece.token === "host" ? { token: "address" as const } : piece,
  );
}

/** Reads the declared rules; every rule that cannot be written yields an error. */
export function readStoreRules(server: DesiredSyslogServer): { rules: StoreRule[]; errors: LfceErrorData[] } {
  const errors: LfceErrorData[] = [];
  const rules: StoreRule[] = [];
  const owners = new Map<string, string>();
  for (const declared of server.store) {
    const parsed = parseFilePattern(declared.file, declared.at);
    if ("error" in parsed) {
      errors.push(parsed.error);
      continue;
    }
    const rule: StoreRule = {
      declared,
      pieces: withoutNames(declared, parsed.pieces),
      exact: new Map(),
      networks: [],
      hostnames: [],
      any: false,
    };
    errors.push(...modeErrors(declared));
    for (const selection of declared.from) {
      const add = (text: string, host: string | undefined) => {
        const address = canonicalAddress(text);
        if (address === undefined) {
          errors.push(notAnAddress(text, declared));
          return;
        }
        const owner = host === undefined ? undefined : owners.get(address);
        if (host !== undefined && owner !== undefined && owner !== host)
          errors.push(sharedAddress(address, owner, host, declared));
        if (host !== undefined) owners.set(address, host);
        rule.exact.set(address, host ?? rule.exact.get(address));
      };
      if (selection.kind === "any") rule.any = true;
      else if (selection.kind === "address") add(selection.address, undefined);
      else if (selection.kind === "hostname") readHostname(selection.hostname, rule, errors);
      else if (selection.kind === "network") readNetwork(selection.network, rule, errors);
      else for (const sender of selection.senders) for (const one of sender.addresses) add(one, sender.host);
      if (selection.kind === "senders") errors.push(...senderErrors(selection.senders, rule));
    }
    rules.push(rule);
  }
  return { rules, errors };
}

function readHostname(hostname: string, rule: StoreRule, errors: LfceErrorData[]): void {
  if (/^[A-Za-z0-9._:-]{1,255}$/.test(hostname)) rule.hostnames.push(hostname.toLowerCase());
  else
    errors.push(
      errorData(
        "hostname-invalid",
        `not a name that a sender can report: ${JSON.stringify(hostname)}`,
        "use letters, digits, dots and hyphens",
        rule.declared.at,
      ),
    );
}

function readNetwork(network: string, rule: StoreRule, errors: LfceErrorData[]): void {
  if (parseNetwork(network)) rule.networks.push(network);
  else errors.push(notAnAddress(network, rule.declared));
}

function notAnAddress(text: string, rule: DesiredStoreRule): LfceErrorData {
  return errorData(
    "address-invalid",
    `neither an address nor a network: ${JSON.stringify(text)}`,
    "write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32",
    rule.at,
  );
}

function sharedAddress(
  address: string,
  first: string,
  second: string,
  rule: DesiredStoreRule,
): LfceErrorData {
  return errorData(
    "address-shared",
    `${first} and ${second} both send from ${address}; their messages cannot be told apart`,
    "give each its own service_address in the inventory",
    rule.at,
  );
}

function senderErrors(senders: readonly SyslogSender[], rule: StoreRule): LfceErrorData[] {
  return senders.flatMap((sender) => {
    if (sender.addresses.length === 0)
      return [
        errorData(
          "sender-without-address",
          `${sender.host} has no address on this server, so its messages cannot be recognised`,
          `set service_address of ${sender.host} in the inventory`,
          rule.declared.at,
        ),
      ];
    if (
      hasToken(rule.pieces, "host") &&
      (!/^[A-Za-z0-9._@+-]+$/.test(sender.host) || /^\.+$/.test(sender.host))
    )
      return [
        errorData(
          "host-name-unsafe",
          `the inventory name ${JSON.stringify(sender.host)} cannot be part of a file name`,
          "use {address} instead of {host} in file",
          rule.declared.at,
        ),
      ];
    return [];
  });
}

function modeErrors(rule: DesiredStoreRule): LfceErrorData[] {
  const errors: LfceErrorData[] = [];
  if (rule.mode !== undefined && !/^[0-7]{3,4}$/.test(rule.mode))
    errors.push(errorData("mode-invalid", `not a file mode: ${rule.mode}`, "write it as 0640", rule.at));
  for (const name of [rule.owner, rule.group]) {
    if (name !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name))
      errors.push(
        errorData("owner-invalid", `not a user or group name: ${JSON.stringify(name)}`, undefined, rule.at),
      );
  }
  return errors;
}

/** How a rule applies to messages from one address; `hostname` needs a look at the message as well. */
export function ruleApplies(rule: StoreRule, address: string): "always" | "hostname" | "never" {
  if (rule.any || rule.exact.has(address)) return "always";
  if (rule.networks.some((network) => networkContains(network, address))) return "always";
  return rule.hostnames.length > 0 ? "hostname" : "never";
}

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
  for (const rule of readStoreRules(server).rules) {
    const ways = canonicalAddresses(sender).map((address) => ruleApplies(rule, address));
    const named = rule.hostnames.some((name) => sameHost(name, reported.hostname ?? sender.host));
    if (!ways.includes("always") && !(ways.includes("hostname") && named)) continue;
    applicable.push(rule.declared);
    if (rule.declared.stop) break;
  }
  return applicable.find((rule) => proofPath(rule, sender, reported) !== undefined) ?? applicable[0];
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

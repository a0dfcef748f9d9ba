import { errorData, type LfceErrorData } from "../../../core/errors.ts";
import type { DesiredStoreRule, DesiredSyslogServer, SyslogSender } from "../desired.ts";
import { type FilePiece, hasToken, parseFilePattern } from "./file-tokens.ts";
import { canonicalAddress, networkContains, parseNetwork } from "./server-address.ts";

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

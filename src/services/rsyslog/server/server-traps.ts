import { displayText } from "../../../core/byte-text.ts";
import type { Warning } from "../../../core/errors.ts";
import type { ObservedHost } from "../../../core/observed.ts";
import { messageSet } from "../client/forward-selector.ts";
import type { DesiredSyslogServer } from "../desired.ts";
import {
  type Discard,
  defaultRuleset,
  type MessageFilter,
  type RsyslogModel,
} from "../in-force/in-force-model.ts";
import { includeMatcher } from "../in-force/include.ts";
import { positionOf } from "../in-force/position.ts";
import { type Met, metBy } from "../in-force/reached.ts";
import { directives } from "./listener.ts";
import { canonicalAddress, networkContains } from "./server-address.ts";
import { filePrefix } from "./store-files.ts";
import { isGeneral, type StoreRule } from "./store-rules.ts";

/** What in the host's own configuration keeps received messages from the declared rules, or sends them round. */
export function serverTraps(
  server: DesiredSyslogServer,
  rules: readonly StoreRule[],
  observed: ObservedHost,
  model: RsyslogModel,
): Warning[] {
  return [
    ...discardedBefore(rules, model),
    ...loops(server, rules, observed, model),
    ...allowedSenders(server, rules, model),
  ];
}

/** `$AllowedSender TCP, …` drops messages of everybody it does not name, without a word to the sender. */
function allowedSenders(
  server: DesiredSyslogServer,
  rules: readonly StoreRule[],
  model: RsyslogModel,
): Warning[] {
  const allowed = new Map<string, string[]>();
  for (const value of directives(model, "allowedsender")) {
    const [protocol = "", ...names] = value.toLowerCase().split(/[\s,]+/);
    allowed.set(protocol, [...(allowed.get(protocol) ?? []), ...names]);
  }
  const senders = rules.flatMap(({ exact }) => [...exact.keys()]);
  return [...new Set(server.listen.map(({ protocol }) => protocol))].flatMap((protocol) => {
    const names = allowed.get(protocol);
    if (!names) return [];
    const isAllowed = (address: string) => names.some((name) => holds(name.replace(/[[\]]/g, ""), address));
    const refused = senders.find((address) => !isAllowed(address));
    if (refused === undefined && !rules.some(isGeneral)) return [];
    const whose = refused === undefined ? "others" : `others, such as ${refused},`;
    return [
      {
        code: "allowed-sender",
        message: `$AllowedSender limits who may send by ${protocol} to this server: messages of ${whose} are dropped`,
        hint: "name every client in $AllowedSender, or remove the line",
      },
    ];
  });
}

/** Whether an address or network of `$AllowedSender` holds an address. */
function holds(name: string, address: string): boolean {
  return canonicalAddress(name) === address || networkContains(name, address);
}

/** The first statement that takes received messages away before the declared rules see them. */
function discardedBefore(rules: readonly StoreRule[], model: RsyslogModel): Warning[] {
  const [discard] = discardsBeforeRules(rules, model);
  if (!discard) return [];
  const filter = discard.filters.map(({ text }) => displayText(text)).join(" and ");
  return [
    {
      code: "discarded-before-rules",
      message: `messages that match ${filter || "anything"} are discarded before the declared rules see them`,
      hint: "move that line behind the include of /etc/rsyslog.d, or limit it to local messages",
      at: positionOf(discard.met, model),
    },
  ];
}

/** Every statement that takes messages of declared senders away before the declared rules see them. */
export function discardsBeforeRules(rules: readonly StoreRule[], model: RsyslogModel): Met<Discard>[] {
  const include = model.includes.find(({ pattern }) => includeMatcher(pattern)(`${filePrefix}zz-any.conf`));
  if (rules.length === 0 || !include) return [];
  const isBefore = ({ met, at }: Met<Discard>) =>
    at < include.order || (include.paths.includes(met.file) && met.file < filePrefix);
  return metBy(defaultRuleset, model.discards, model).filter(
    (one) => isBefore(one) && mayConcern(one.filters, rules),
  );
}

const localInput = /\$?inputname[^"']*["'](imuxsock|imjournal|imklog|imkmsg)["']/i;

/** Whether received messages of a declared sender may pass these filters, as far as that can be told. */
function mayConcern(filters: readonly MessageFilter[], rules: readonly StoreRule[]): boolean {
  if (messageSet(filters)?.every((mask) => mask === 0)) return false;
  return filters.every((filter) => {
    if (localInput.test(filter.text)) return false;
    const sender = exactSender(filter);
    return sender === undefined || rules.some((rule) => isGeneral(rule) || rule.exact.has(sender));
  });
}

/** The one address that a filter is about; undefined for every other filter. */
function exactSender(filter: MessageFilter): string | undefined {
  if (filter.kind === "property") {
    const exact = /^\$?fromhost-ip$/.test(filter.property) && filter.operation === "isequal";
    return exact && !filter.negated ? (canonicalAddress(filter.value) ?? filter.value) : undefined;
  }
  const address = /^[\s(]*\$fromhost-ip\s*==\s*["']([^"']*)["'][\s)]*$/i.exec(filter.text)?.[1];
  return address === undefined ? undefined : (canonicalAddress(address) ?? address);
}

/**
 * Forwards of the ruleset that receives, by which a message comes back: to this host's own listener, or to a
 * sender whose messages the declared rules let run on.
 */
function loops(
  server: DesiredSyslogServer,
  rules: readonly StoreRule[],
  observed: ObservedHost,
  model: RsyslogModel,
): Warning[] {
  const own = new Set(
    ["localhost", observed.hostname, ...observed.addresses].map((name) => name.toLowerCase()),
  );
  const running = new Set(
    rules.filter(({ declared }) => !declared.stop).flatMap(({ exact }) => [...exact.keys()]),
  );
  const ports = new Set(server.listen.map(({ protocol, port }) => `${protocol} ${port}`));
  return metBy(defaultRuleset, model.forwards, model).flatMap(({ met: forward }) => {
    const listens = ports.has(`${forward.protocol} ${forward.port}`);
    if (!listens && running.size === 0) return [];
    const target = canonicalAddress(forward.target) ?? forward.target.toLowerCase();
    const isOwn = own.has(target) || /^127\./.test(target) || target === "::1";
    if (!(isOwn && listens) && !running.has(target)) return [];
    const where = isOwn ? "this host itself" : "a host that sends to it";
    return [
      {
        code: "forward-loop",
        message: `received messages are forwarded to ${forward.target}:${forward.port}, ${where}: they would go round for ever`,
        hint: isOwn ? "remove that forward" : "remove that forward, or let the store rule stop (stop: true)",
        at: positionOf(forward, model),
      },
    ];
  });
}

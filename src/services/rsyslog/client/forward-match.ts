import type { DesiredForward } from "../desired.ts";
import type { Forward, RsyslogModel } from "../in-force/in-force-model.ts";
import { canonicalAddress } from "../server/server-address.ts";
import { isDiskQueue, sizeInBytes } from "./forward.ts";
import { messageSet, sameMessages } from "./forward-selector.ts";
import { selectorSet } from "./selector-set.ts";

/** The selector of a declared forward in one text. */
export function selectorText(desired: DesiredForward): string {
  return desired.selector.join(";");
}

/** Whether a forward that is there goes to the host that is declared, whatever its protocol and port. */
export function goesTo(desired: DesiredForward, forward: Forward): boolean {
  const target = canonicalTarget(forward.target);
  return [desired.address, ...desired.aliases].some((name) => canonicalTarget(name) === target);
}

/** One spelling of a target: IPv6 addresses have several, names may end in a dot. */
function canonicalTarget(name: string): string {
  return (name.includes(":") ? canonicalAddress(name) : undefined) ?? name.toLowerCase().replace(/\.$/, "");
}

/**
 * Whether a forward that is there is what is declared: protocol, address, port, selector, disk queue or not,
 * retries; of the queue's details only those that the playbook writes out.
 */
export function satisfies(desired: DesiredForward, forward: Forward): boolean {
  return (
    goesTo(desired, forward) &&
    forward.protocol === desired.protocol &&
    forward.port === desired.port &&
    forward.retry === desired.retry &&
    sameMessages(messageSet(forward.filters), selectorSet(selectorText(desired))) &&
    queueSatisfies(desired, forward)
  );
}

function queueSatisfies({ queue }: DesiredForward, forward: Forward): boolean {
  if (isDiskQueue(forward.queue) !== (queue !== false)) return false;
  if (queue === false) return true;
  return queue.written.every((setting) => {
    if (setting === "file") return forward.queue.file === queue.file;
    if (setting === "saveOnShutdown") return forward.queue.saveOnShutdown === queue.saveOnShutdown;
    return (
      forward.queue.maxDisk !== undefined && sizeInBytes(forward.queue.maxDisk) === sizeInBytes(queue.maxDisk)
    );
  });
}

/** Forwards that the host's own messages reach: in their ruleset, or in one that it calls for every message. */
export function localForwards(model: RsyslogModel): Forward[] {
  const rulesets = new Set([model.localRuleset]);
  for (const called = [model.localRuleset]; called.length > 0; ) {
    const from = called.pop();
    for (const call of model.calls) {
      if (call.ruleset !== from || call.name === undefined || rulesets.has(call.name)) continue;
      if (!sameMessages(messageSet(call.filters), selectorSet("*.*"))) continue;
      rulesets.add(call.name);
      called.push(call.name);
    }
  }
  return model.forwards.filter((forward) => rulesets.has(forward.ruleset));
}

/** What of a declaration is there already, what must be written, and what is in its way. */
export interface ForwardMatch {
  missing: DesiredForward[];
  /** Goes to a declared target but differs: to be switched off. */
  different: Forward[];
  /** Says the same as a declared forward that another one satisfies already. */
  repeated: Forward[];
  /** Nothing of the playbook's: left alone. */
  others: Forward[];
}

/** Pairs declared forwards with those that are there. */
export function matchForwards(desired: readonly DesiredForward[], model: RsyslogModel): ForwardMatch {
  const local = new Set(localForwards(model));
  const used = new Set<Forward>();
  const missing = desired.filter((wanted) => {
    const found = [...local].find((forward) => !used.has(forward) && satisfies(wanted, forward));
    if (found) used.add(found);
    return !found;
  });
  const match: ForwardMatch = { missing, different: [], repeated: [], others: [] };
  for (const forward of model.forwards) {
    if (used.has(forward)) continue;
    const declared = local.has(forward) && desired.some((wanted) => goesTo(wanted, forward));
    if (!declared) match.others.push(forward);
    else if (desired.some((wanted) => satisfies(wanted, forward))) match.repeated.push(forward);
    else match.different.push(forward);
  }
  return match;
}

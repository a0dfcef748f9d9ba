import { displayText } from "../../core/byte-text.ts";
import type { LocatedFinding } from "../host-drift.ts";
import type { DesiredListener } from "./desired.ts";
import { placeIn } from "./drift-forwards.ts";
import { defaultRuleset, type Listener, type RsyslogModel } from "./in-force/in-force-model.ts";
import { isInServerBlock, isPlain, satisfiesListener, usesPort } from "./server/listener.ts";

/** How findings name a port from night to night: `tcp/514`. */
export function portItem({ protocol, port }: { protocol: string; port: number }): string {
  return `${protocol}/${Number.isNaN(port) ? "?" : port}`;
}

/** Whether the files open a declared port as declared. */
export function isOpened(wanted: DesiredListener, model: RsyslogModel): boolean {
  return model.listeners.some((one) => satisfies(one, wanted, model));
}

/**
 * Declared listeners that are not there or listen otherwise, and listeners beside them, as the files are now. A
 * listener of lfce's own block that was moved to another port is one finding.
 */
export function listenerFindings(
  declared: readonly DesiredListener[],
  model: RsyslogModel,
): LocatedFinding[] {
  const main = model.mainFile;
  const rest = new Set(model.listeners);
  const findings: LocatedFinding[] = [];
  const missing = declared.filter((wanted) => {
    const same = model.listeners.filter((one) => satisfies(one, wanted, model));
    for (const one of same) rest.delete(one);
    if (same.length > 1) findings.push(repeated(wanted, same, model));
    return same.length === 0;
  });
  for (const wanted of missing) {
    const found =
      [...rest].find((one) => usesPort(one, wanted)) ??
      [...rest].find((one) => isInServerBlock(one, model) && one.protocol === wanted.protocol) ??
      [...rest].find((one) => isInServerBlock(one, model));
    if (found) rest.delete(found);
    const item = portItem(wanted);
    const title = `${wanted.protocol} port ${wanted.port}`;
    if (!found) {
      const message = `no listener for ${title} is set up`;
      findings.push({ code: "listener-missing", item, message, covers: [main] });
      continue;
    }
    findings.push({
      code: "listener-differs",
      item,
      message: `the listener for ${title} ${difference(wanted, found, model)}`,
      covers: [main, found.file],
      at: placeIn(model, found),
    });
  }
  for (const listener of rest) {
    const port = Number.isNaN(listener.port) ? "a port that cannot be told" : `port ${listener.port}`;
    findings.push({
      code: "listener-undeclared",
      item: portItem(listener),
      message: `rsyslogd also listens on ${listener.protocol} ${port}, which the playbook does not declare`,
      covers: isInServerBlock(listener, model) ? [main] : [listener.file],
      at: placeIn(model, listener),
    });
  }
  return findings;
}

function satisfies(listener: Listener, wanted: DesiredListener, model: RsyslogModel): boolean {
  return satisfiesListener(listener, wanted) && isPlain(listener, model) && isLoaded(listener, model);
}

function isLoaded({ module }: Listener, { modules }: RsyslogModel): boolean {
  return modules.some(({ name }) => name === module);
}

function repeated(wanted: DesiredListener, same: readonly Listener[], model: RsyslogModel): LocatedFinding {
  const place = (same.find((one) => !isInServerBlock(one, model)) ?? same[1]) as Listener;
  return {
    code: "listener-repeated",
    item: portItem(wanted),
    message: `${wanted.protocol} port ${wanted.port} is opened more than once`,
    covers: [model.mainFile, place.file],
    at: placeIn(model, place),
  };
}

/** The first way in which a listener is not the declared one, in words that follow "the listener for X". */
function difference(wanted: DesiredListener, found: Listener, model: RsyslogModel): string {
  if (found.protocol !== wanted.protocol) return `speaks ${found.protocol}`;
  if (found.port !== wanted.port) {
    return `listens on ${Number.isNaN(found.port) ? "a port that cannot be told" : `port ${found.port}`}`;
  }
  if (!isLoaded(found, model)) return `has no module ${found.module} to work with`;
  if (!isPlain(found, model)) return "speaks only with encrypted senders";
  if (found.boundRuleset !== defaultRuleset) {
    return `hands its messages to the ruleset ${displayText(found.boundRuleset)}`;
  }
  const there = found.address === undefined ? "all addresses" : displayText(found.address);
  return `listens on ${there}, not on ${wanted.address ?? "all"}`;
}

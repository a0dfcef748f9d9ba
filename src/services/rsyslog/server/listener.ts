import type { LfceErrorData, Warning } from "../../../core/errors.ts";
import type { DesiredListener } from "../desired.ts";
import { defaultRuleset, type Listener, type Placed, type RsyslogModel } from "../in-force/in-force-model.ts";
import { parameterOf, type Statement } from "../syntax/statements.ts";
import { conditional, leftAlone, notAnAddress, portTaken, switchedOffToo } from "./listener-messages.ts";
import { canonicalAddress } from "./server-address.ts";

/** What it takes for a server to listen as declared. */
export interface ListenerNeeds {
  /** Lines for the role's block. */
  lines: string[];
  /** Modules that these lines use and that are loaded elsewhere: the lines must come later. */
  uses: Placed[];
  /** Listeners on a declared port that listen otherwise than declared. */
  switchOff: Listener[];
  warnings: Warning[];
  errors: LfceErrorData[];
}

/** Does this listener do what is declared? A listener of any module that speaks the protocol does. */
export function satisfiesListener(listener: Listener, declared: DesiredListener): boolean {
  return (
    listener.protocol === declared.protocol &&
    listener.port === declared.port &&
    sameAddress(listener.address, declared.address) &&
    listener.boundRuleset === defaultRuleset
  );
}

function sameAddress(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one === other || (canonicalAddress(one) ?? one) === canonicalAddress(other);
}

/**
 * Compares the declared listeners with those in force. What stands in the role's own block provides nothing,
 * because that is written anew.
 */
export function planListeners(declared: readonly DesiredListener[], model: RsyslogModel): ListenerNeeds {
  const isOwn = (placed: Placed) => isInServerBlock(placed, model);
  const needs: ListenerNeeds = { lines: [], uses: [], switchOff: [], warnings: [], errors: [] };
  const others = model.listeners.filter((listener) => !isOwn(listener));
  const kept = new Set<Listener>();
  const missing = declared.filter((wanted) => {
    const found = others.find((one) => satisfiesListener(one, wanted) && isPlain(one, model));
    if (found) kept.add(found);
    if (found && model.conditional.has(found.statement)) {
      needs.errors.push(
        conditional(`whether anything listens on ${wanted.protocol} ${wanted.port}`, found, model),
      );
    }
    return !found;
  });
  const loaded = new Set<string>();
  for (const wanted of missing) {
    if (wanted.address !== undefined && !/^[A-Za-z0-9.:_%-]+$/.test(wanted.address)) {
      needs.errors.push(notAnAddress(wanted.address));
      continue;
    }
    const inTheWay = others.filter((one) => !kept.has(one) && usesPort(one, wanted));
    const foreign = inTheWay.filter((one) => one.protocol !== wanted.protocol || !isPlain(one, model));
    for (const one of foreign) needs.errors.push(portTaken(one, isPlain(one, model), model));
    needs.switchOff.push(...inTheWay.filter((one) => !foreign.includes(one)));
    const module = moduleFor(wanted, model);
    const existing = model.modules.find((one) => one.name === module && !isOwn(one));
    if (existing && model.conditional.has(existing.statement)) {
      needs.errors.push(conditional(`whether ${module} is loaded`, existing, model));
    }
    if (existing) needs.uses.push(existing);
    else if (!loaded.has(module)) needs.lines.push(`module(load="${module}")`);
    loaded.add(module);
    needs.lines.push(renderInput(wanted, module, model));
  }
  const off = new Set(needs.switchOff);
  needs.switchOff = [...off];
  const statements = new Set(needs.switchOff.map(({ statement }) => statement));
  for (const other of others) {
    if (off.has(other) || declared.some((wanted) => satisfiesListener(other, wanted))) continue;
    needs.warnings.push(
      statements.has(other.statement) ? switchedOffToo(other, model) : leftAlone(other, model),
    );
  }
  return needs;
}

/** Does this stand in the role's own block? */
export function isInServerBlock({ file, range }: Placed, { mainFile, serverBlock }: RsyslogModel): boolean {
  return (
    file === mainFile &&
    serverBlock !== undefined &&
    serverBlock.start <= range.start &&
    range.end <= serverBlock.end
  );
}

/** Whether a listener takes the declared port; one for RELP takes a TCP port too. */
export function usesPort(listener: Listener, wanted: DesiredListener): boolean {
  const protocol = listener.protocol === "relp" ? "tcp" : listener.protocol;
  return listener.port === wanted.port && protocol === wanted.protocol;
}

/**
 * Whether a client without TLS or GSS-API can talk to a listener. imtcp speaks TLS on every port of the module,
 * or, since 8.2106, on those of an input().
 */
export function isPlain(listener: Listener, model: RsyslogModel): boolean {
  const { module, statement } = listener;
  if (module === "imgssapi") return false;
  if (module !== "imtcp") return true;
  const mode = statement.kind === "object" ? parameterOf(statement, "streamdriver.mode") : undefined;
  return mode === undefined ? !speaksTls(model) : mode === "0";
}

/** Whether imtcp as a module is set up for TLS. */
function speaksTls(model: RsyslogModel): boolean {
  return (
    model.modules.some((one) => one.name === "imtcp" && one.parameters["streamdriver.mode"] === "1") ||
    directives(model, "inputtcpserverstreamdrivermode").includes("1")
  );
}

/** imtcp, unless that is set up for TLS: then all its listeners would be, and imptcp is free of it. */
function moduleFor(wanted: DesiredListener, model: RsyslogModel): string {
  if (wanted.protocol === "udp") return "imudp";
  return speaksTls(model) ? "imptcp" : "imtcp";
}

/**
 * An `input()`: it works beside legacy listeners of the same module and takes nothing from a
 * `$InputTCPServerBindRuleset` before it. Its ruleset is named only where `$DefaultRuleset` has moved inputs
 * away from the one that lfce's rules are in.
 */
function renderInput(wanted: DesiredListener, module: string, model: RsyslogModel): string {
  const address = wanted.address === undefined ? "" : ` address="${wanted.address}"`;
  const ruleset = model.localRuleset === defaultRuleset ? "" : ` ruleset="${defaultRuleset}"`;
  return `input(type="${module}" port="${wanted.port}"${address}${ruleset})`;
}

/** Values of a legacy directive at the top level of any file, in order. */
export function directives(model: RsyslogModel, name: string): string[] {
  const values: string[] = [];
  for (const file of model.files) {
    for (const statement of model.parsed.get(file)?.statements ?? []) {
      if (statement.kind === "directive" && statement.name === name) values.push(statement.value);
    }
  }
  return values;
}

/** Every value that `$inputname` can have for messages that came over the network. */
export function receivedInputNames(model: RsyslogModel): string[] {
  const names = new Set(["imtcp", "imudp"]);
  for (const { module, statement } of model.listeners) names.add(customName(statement) ?? module);
  for (const directive of [
    "inputtcpserverinputname",
    "inputudpserverinputname",
    "inputptcpserverinputname",
  ]) {
    for (const name of directives(model, directive)) names.add(name);
  }
  return [...names].filter((name) => /^[\w.:/ -]+$/.test(name)).sort();
}

function customName(statement: Statement): string | undefined {
  return statement.kind === "object" ? parameterOf(statement, "name") : undefined;
}

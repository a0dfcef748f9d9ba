import { errorData, type LfceErrorData, type Warning } from "../../../core/errors.ts";
import type { DesiredListener } from "../desired.ts";
import { defaultRuleset, type Listener, type Placed, type RsyslogModel } from "../in-force/in-force-model.ts";
import { placeOf, positionOf } from "../in-force/position.ts";
import { type FoundBlock, findBlock } from "../syntax/block.ts";
import { type ParsedFile, parameterOf, type Statement } from "../syntax/statements.ts";
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
    const found = others.find((listener) => satisfiesListener(listener, wanted));
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
    needs.switchOff.push(...inTheWay.filter((one) => one.protocol === wanted.protocol));
    for (const relp of inTheWay.filter((one) => one.protocol === "relp"))
      needs.errors.push(portTaken(relp, model));
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

/** The block of each file, looked for once. */
const serverBlocks = new WeakMap<ParsedFile, FoundBlock | undefined>();

/** Does this stand in the role's own block? */
export function isInServerBlock(placed: Placed, model: RsyslogModel): boolean {
  if (placed.file !== model.mainFile) return false;
  const parsed = model.parsed.get(placed.file);
  if (!parsed) return false;
  if (!serverBlocks.has(parsed)) serverBlocks.set(parsed, findBlock(parsed.text, "syslog_server"));
  const block = serverBlocks.get(parsed);
  return (
    block !== undefined && block.range.start <= placed.range.start && placed.range.end <= block.range.end
  );
}

/** A RELP listener takes a TCP port too. */
function usesPort(listener: Listener, wanted: DesiredListener): boolean {
  const protocol = listener.protocol === "relp" ? "tcp" : listener.protocol;
  return listener.port === wanted.port && protocol === wanted.protocol;
}

/** imtcp, unless that is set up for TLS: then all its listeners would be, and imptcp is free of it. */
function moduleFor(wanted: DesiredListener, model: RsyslogModel): string {
  if (wanted.protocol === "udp") return "imudp";
  const tls = model.modules.some(
    (module) => module.name === "imtcp" && module.parameters["streamdriver.mode"] === "1",
  );
  const legacyTls = directives(model, "inputtcpserverstreamdrivermode").some((value) => value === "1");
  return tls || legacyTls ? "imptcp" : "imtcp";
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
  return model.files.flatMap((file) =>
    (model.parsed.get(file)?.statements ?? []).flatMap((statement) =>
      statement.kind === "directive" && statement.name === name ? [statement.value] : [],
    ),
  );
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

function leftAlone(listener: Listener, model: RsyslogModel): Warning {
  const port = Number.isNaN(listener.port) ? "a port that cannot be told" : `port ${listener.port}`;
  return {
    code: "other-listener",
    message: `${placeOf(listener, model)} listens on ${listener.protocol} ${port}, which the playbook does not declare; it is left as it is`,
    hint: "add it to listen, or remove it from the file",
  };
}

/** One `input()` can open several ports; it is switched off whole. */
function switchedOffToo(listener: Listener, model: RsyslogModel): Warning {
  return {
    code: "listener-switched-off-too",
    message: `${placeOf(listener, model)} listens on ${listener.protocol} port ${listener.port} as well, which goes off with the declared port beside it`,
    hint: `add port ${listener.port} to listen to keep it`,
  };
}

function conditional(what: string, placed: Placed, model: RsyslogModel): LfceErrorData {
  return errorData(
    "depends-on-environment",
    `${what} depends on the environment that rsyslogd is started with`,
    'write config.enabled="on" or "off" there, or take config.enabled out',
    positionOf(placed, model),
  );
}

function notAnAddress(address: string): LfceErrorData {
  return errorData(
    "address-invalid",
    `not an address to listen on: ${JSON.stringify(address)}`,
    "write an address of the server, or leave address out to listen on all",
  );
}

function portTaken(listener: Listener, model: RsyslogModel): LfceErrorData {
  return errorData(
    "port-taken",
    `port ${listener.port} is taken by the ${listener.protocol} listener of ${placeOf(listener, model)}`,
    "declare another port in listen, or remove that listener",
  );
}

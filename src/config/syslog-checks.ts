import { parseSelector } from "../services/rsyslog/facilities.ts";
import { parseFilePattern } from "../services/rsyslog/server/file-tokens.ts";
import { isAddress, looksNumeric, parseNetwork } from "./address.ts";
import {
  checkAddressOrName,
  checkNetwork,
  checkReference,
  chosen,
  entries,
  isObject,
  type RoleContext,
  report,
} from "./role-context.ts";
import { didYouMean, suggest } from "./suggestion.ts";
import { isTemplate } from "./template.ts";
import type { Path } from "./yaml-position.ts";

/** What a schema cannot say about the parameters of `syslog_server` and `syslog_client`. */
export function checkSyslogRole(parameters: Record<string, unknown>, context: RoleContext): void {
  checkListeners(context, entries(parameters.listen, ["listen"]));
  for (const { entry, path } of entries(parameters.store, ["store"])) {
    if (isObject(entry)) checkStore(context, entry, path);
  }
  for (const { entry, path } of entries(parameters.servers, ["servers"])) {
    if (isObject(entry)) checkTarget(context, entry, path);
  }
  checkSelectors(context, parameters.selector, ["selector"]);
}

function checkListeners(context: RoleContext, listeners: { entry: unknown; path: Path }[]): void {
  const seen = new Set<string>();
  for (const { entry, path } of listeners) {
    if (!isObject(entry)) continue;
    const { protocol = "tcp", port = 514, address = "" } = entry;
    if (typeof address === "string" && address !== "" && !isTemplate(address) && !isAddress(address)) {
      const message = `${address} is not an IP address to listen on`;
      report(context, "config.address", message, "write an address of the server, or leave it out", [
        ...path,
        "address",
      ]);
    }
    const key = `${protocol} ${port} ${address}`;
    if (seen.has(key)) {
      const message = `${protocol} port ${port} is listed twice`;
      report(context, "config.repeated", message, "take one of the two out", path);
    }
    seen.add(key);
  }
}

const knownTokens = ["host", "address", "hostname", "date", "year", "month", "day", "program"];

function checkStore(context: RoleContext, rule: Record<string, unknown>, path: Path): void {
  if (typeof rule.file === "string") checkFile(context, rule.file, [...path, "file"]);
  for (const { entry, path: inside } of entries(rule.from, [...path, "from"])) {
    if (typeof entry === "string") checkSenderText(context, entry, inside);
    else if (isObject(entry)) checkSender(context, entry, inside);
  }
}

function checkFile(context: RoleContext, file: string, path: Path): void {
  if (isTemplate(file) || !file.startsWith("/")) return;
  const parsed = parseFilePattern(file, context.locate(path));
  if (!("error" in parsed)) return;
  const unknown = [...file.matchAll(/\{([^{}]*)\}/g)]
    .map((match) => match[1] ?? "")
    .find((token) => !knownTokens.includes(token));
  const guess = unknown === undefined ? undefined : suggest(unknown, knownTokens);
  context.errors.push(
    guess === undefined ? parsed.error : { ...parsed.error, hint: `did you mean {${guess}}?` },
  );
}

function checkSender(context: RoleContext, entry: Record<string, unknown>, path: Path): void {
  const choice = chosen(entry, ["host", "group", "address", "hostname"]);
  if (choice === undefined) return;
  const inside = [...path, choice.kind];
  if (choice.kind === "address") checkNetwork(context, choice.value, inside);
  else if (choice.kind === "hostname") checkAddressOrName(context, choice.value, inside);
  else checkReference(context, choice.kind, choice.value, inside);
}

function checkSenderText(context: RoleContext, text: string, path: Path): void {
  if (text === "any" || text === "" || isTemplate(text) || parseNetwork(text) !== undefined) return;
  const inventory = context.inventory;
  const group = inventory?.groups.get(text);
  if (inventory?.hosts.has(text) || (group?.hosts.length ?? 0) > 0) return;
  if (group) {
    const message = `the group ${text} has no hosts`;
    report(context, "config.sender", message, "add hosts to it, or take this sender out", path);
    return;
  }
  if (looksNumeric(text)) {
    checkNetwork(context, text, path);
    return;
  }
  if (inventory === undefined) return;
  const guess = didYouMean(text, [...inventory.hosts.keys(), ...inventory.groups.keys(), "any"]);
  const hint = `for the name that a sender reports, write {hostname: ${text}}`;
  const message = `${text} is no host or group of the inventory, no address and no network`;
  report(context, "config.sender", message, guess === undefined ? hint : `${guess} Or, ${hint}`, path);
}

function checkTarget(context: RoleContext, target: Record<string, unknown>, path: Path): void {
  const choice = chosen(target, ["host", "group", "address"]);
  if (choice) {
    const inside = [...path, choice.kind];
    if (choice.kind === "address") checkAddressOrName(context, choice.value, inside);
    else checkReference(context, choice.kind, choice.value, inside);
  }
  checkSelectors(context, target.selector, [...path, "selector"]);
}

function checkSelectors(context: RoleContext, selector: unknown, path: Path): void {
  for (const { entry, path: inside } of entries(selector, path)) {
    if (typeof entry !== "string" || entry === "" || isTemplate(entry)) continue;
    const parsed = parseSelector(entry);
    if ("message" in parsed) report(context, "config.selector", parsed.message, parsed.hint, inside);
  }
}

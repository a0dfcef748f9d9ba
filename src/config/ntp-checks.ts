import { directiveNames, isDirective } from "../services/chrony/directives.ts";
import { ownedDirectives, untouchableDirectives } from "../services/chrony/owned-directives.ts";
import { canonicalAddress, looksNumeric } from "./address.ts";
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
import { didYouMean } from "./suggestion.ts";
import { isTemplate } from "./template.ts";
import type { Path } from "./yaml-position.ts";

/** What a schema cannot say about the parameters of `ntp_server` and `ntp_client`. */
export function checkNtpRole(parameters: Record<string, unknown>, context: RoleContext): void {
  for (const list of ["allow", "deny"]) {
    for (const { entry, path } of entries(parameters[list], [list])) checkAccess(context, entry, path);
  }
  for (const list of ["sources", "servers"]) {
    const given = entries(parameters[list], [list]);
    for (const { entry, path } of given) checkSource(context, entry, path);
    checkRepeated(context, given);
  }
  if (isObject(parameters.directives)) {
    for (const name of Object.keys(parameters.directives)) checkDirective(context, name);
  }
}

function checkAccess(context: RoleContext, entry: unknown, path: Path): void {
  if (typeof entry === "string") checkAccessText(context, entry, path);
  const choice = isObject(entry) ? chosen(entry, ["host", "group", "address"]) : undefined;
  if (choice === undefined) return;
  const inside = [...path, choice.kind];
  if (choice.kind === "address") checkAccessText(context, choice.value, inside);
  else checkReference(context, choice.kind, choice.value, inside);
}

function checkAccessText(context: RoleContext, text: string, path: Path): void {
  if (text === "all" || isTemplate(text)) return;
  if (looksNumeric(text)) checkNetwork(context, text, path);
  else checkName(context, text, path);
}

/** A bare name is a host; that it is only a group's name is taken for a slip. */
function checkName(context: RoleContext, name: string, path: Path): void {
  if (context.inventory?.groups.has(name) === true && !context.inventory.hosts.has(name)) {
    const message = `${name} is a group of the inventory, not a host`;
    report(context, "config.reference", message, `write {group: ${name}}`, path);
  } else checkAddressOrName(context, name, path);
}

const sourceKinds = ["server", "pool", "peer", "host", "group"] as const;

function checkSource(context: RoleContext, entry: unknown, path: Path): void {
  if (typeof entry === "string") checkName(context, entry, path);
  if (!isObject(entry)) return;
  const choice = chosen(entry, sourceKinds);
  if (choice) {
    const inside = [...path, choice.kind];
    if (choice.kind === "host" || choice.kind === "group") {
      checkReference(context, choice.kind, choice.value, inside);
    } else checkAddressOrName(context, choice.value, inside);
  }
  checkOrder(context, entry, "minpoll", "maxpoll", path);
  checkOrder(context, entry, "minsamples", "maxsamples", path);
  checkConflict(context, entry, "key", "nts", path);
  checkConflict(context, entry, "ipv4", "ipv6", path);
  if (choice?.kind === "peer" && entry.nts === true) {
    const hint = "use {server: …}, or key for a peer";
    report(context, "config.option", "a peer cannot be authenticated by NTS", hint, [...path, "nts"]);
  }
}

function checkOrder(
  context: RoleContext,
  entry: Record<string, unknown>,
  low: string,
  high: string,
  path: Path,
) {
  const [least, most] = [entry[low], entry[high]];
  // chrony takes maxsamples 0 for no limit.
  if (typeof least !== "number" || typeof most !== "number" || least <= most) return;
  if (high === "maxsamples" && most === 0) return;
  const message = `${low} ${least} is greater than ${high} ${most}`;
  report(context, "config.option", message, `make ${low} ${most} or less`, [...path, low]);
}

function checkConflict(
  context: RoleContext,
  entry: Record<string, unknown>,
  one: string,
  other: string,
  path: Path,
) {
  const given = (value: unknown) => value !== undefined && value !== false;
  if (!given(entry[one]) || !given(entry[other])) return;
  const message = `${one} and ${other} exclude each other`;
  report(context, "config.option", message, "keep one of the two", [...path, other]);
}

function checkRepeated(context: RoleContext, sources: { entry: unknown; path: Path }[]): void {
  const seen = new Set<string>();
  for (const { entry, path } of sources) {
    const choice = isObject(entry) ? chosen(entry, sourceKinds) : undefined;
    const value = choice?.value ?? (typeof entry === "string" ? entry : undefined);
    if (value === undefined || isTemplate(value)) continue;
    const kind = choice?.kind === "group" ? "group " : "";
    const key = kind + canonicalAddress(value);
    if (seen.has(key)) {
      report(context, "config.repeated", `${value} is listed twice`, "take one of the two out", path);
    }
    seen.add(key);
  }
}

function checkDirective(context: RoleContext, name: string): void {
  const key = name.toLowerCase();
  const path = ["directives", name];
  const at = context.locate(path, "key");
  const instead = Object.hasOwn(ownedDirectives, key) ? ownedDirectives[key] : undefined;
  const refuse = (message: string, hint: string) =>
    context.errors.push({ code: "config.directive", message, hint, at });
  if (instead !== undefined) {
    refuse(`${name} cannot be set under directives`, `use ${instead}`);
  } else if (untouchableDirectives.includes(key)) {
    refuse(`lfce does not write ${name} lines`, "write it into the host's file; lfce leaves it alone");
  } else if (!isDirective(key)) {
    refuse(`${name} is not a chrony directive`, didYouMean(name, directiveNames) ?? "see chrony.conf(5)");
  }
}

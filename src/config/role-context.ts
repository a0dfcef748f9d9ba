import { errorData, type LfceErrorData } from "../core/errors.ts";
import { isAddress, isHostName, looksNumeric, parseNetwork } from "./address.ts";
import type { Inventory } from "./inventory-model.ts";
import { didYouMean, shortList } from "./suggestion.ts";
import { isTemplate } from "./template.ts";
import type { Locate, Path } from "./yaml-position.ts";

/** What a check of one role's parameters works with. */
export interface RoleContext {
  /** Paths start at the role. */
  locate: Locate;
  /** Left out before the inventory is known: references are then not looked up. */
  inventory?: Inventory | undefined;
  errors: LfceErrorData[];
}

/** An empty text and a wrong type are the schema's to refuse; checks of meaning pass over them. */
export function report(context: RoleContext, code: string, message: string, hint: string, path: Path): void {
  context.errors.push(errorData(code, message, hint, context.locate(path)));
}

/** A `host:` must be a host of the inventory, a `group:` a group. */
export function checkReference(context: RoleContext, kind: "host" | "group", name: string, path: Path): void {
  if (context.inventory === undefined || name === "" || isTemplate(name)) return;
  const { hosts, groups } = context.inventory;
  const known = kind === "host" ? hosts : groups;
  if (known.has(name)) return;
  const other = kind === "host" ? groups : hosts;
  const otherKind = kind === "host" ? "group" : "host";
  const hint = other.has(name)
    ? `${name} is a ${otherKind}: write {${otherKind}: ${name}}`
    : (didYouMean(name, known.keys()) ?? `${kind}s of the inventory: ${shortList([...known.keys()])}`);
  report(context, "config.unknown-reference", `the inventory has no ${kind} ${name}`, hint, path);
}

/** An address or a name that a resolver could know. */
export function checkAddressOrName(context: RoleContext, text: string, path: Path): void {
  if (text === "" || isTemplate(text) || isAddress(text) || isHostName(text)) return;
  const message = looksNumeric(text) ? `${text} is not an IP address` : `${text} is not a host name`;
  const hint = text.includes("/")
    ? "give one address, not a network"
    : /^[^:]+:[0-9]+$/.test(text)
      ? "give the port by the key port"
      : "write an IPv4 or IPv6 address, or a host name";
  report(context, "config.address", message, hint, path);
}

/** A network, in the forms that chrony takes. */
export function checkNetwork(context: RoleContext, text: string, path: Path): void {
  if (text === "" || isTemplate(text) || parseNetwork(text) !== undefined) return;
  const hint = "write it as 10.0.0.0/8 or 2001:db8::/32 (0 to 32 bits for IPv4, 0 to 128 for IPv6)";
  report(context, "config.network", `${text} is not an IP network or address`, hint, path);
}

/** The value at the key that says what an entry refers to: `{host: …}`, `{server: …}` and so on. */
export function chosen<K extends string>(
  entry: object,
  kinds: readonly K[],
): { kind: K; value: string } | undefined {
  for (const kind of kinds) {
    const value = (entry as Record<string, unknown>)[kind];
    if (typeof value === "string") return { kind, value };
  }
  return undefined;
}

/** A parameter that may be one thing or a list, as a list with the path of each entry. */
export function entries(value: unknown, path: Path): { entry: unknown; path: Path }[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ entry: value, path }];
  return value.map((entry: unknown, index) => ({ entry, path: [...path, index] }));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";

export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Whether a text is one IPv4 address in four decimal parts, or one IPv6 address. */
export function isAddress(text: string): boolean {
  return isIPv4(text) || (text.includes(":") && ipaddr.IPv6.isValid(text));
}

/**
 * A network or single address: `10.0.0.0/8`, `2001:db8::/32`, an address alone, and chrony's short forms
 * (`10/8`, `172.16`: one to three decimal parts). Undefined when the text is none of them.
 */
export function parseNetwork(text: string): Network | undefined {
  const [base = "", prefix, rest] = text.split("/");
  if (rest !== undefined || (prefix !== undefined && !/^[0-9]{1,3}$/.test(prefix))) return undefined;
  const parts = base.split(".");
  const short = /^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$/.test(base);
  const full = short ? [...parts, "0", "0", "0"].slice(0, 4).join(".") : base;
  if (!isAddress(full)) return undefined;
  const address = ipaddr.parse(full);
  const size = address.kind() === "ipv6" ? 128 : 32;
  const bits = prefix === undefined ? (short ? parts.length * 8 : size) : Number(prefix);
  return bits <= size ? [address, bits] : undefined;
}

/** Whether an address lies in a network. IPv4 addresses inside IPv6 (`::ffff:…`) count as IPv4. */
export function contains(network: Network, address: string): boolean {
  if (!isAddress(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.kind() === network[0].kind() && parsed.match(network as [ipaddr.IPv4, number]);
}

/** The same address always spelt the same way; other texts as they are, in lower case. */
export function canonicalAddress(text: string): string {
  // Four decimal parts without leading zeros have one spelling only; most texts are that.
  if (isIPv4(text)) return text;
  return isAddress(text) ? ipaddr.process(text).toString() : text.toLowerCase();
}

/** Whether a text can only have been meant as an address or network, and not as a name. */
export function looksNumeric(text: string): boolean {
  return /^[0-9./]+$/.test(text) || text.includes(":") || text.includes("/");
}

/** Whether a text can be a host name (RFC 1123, and underscores, which are found in the field). */
export function isHostName(text: string): boolean {
  if (text.length > 253 || looksNumeric(text)) return false;
  const labels = text.replace(/\.$/, "").split(".");
  return labels.every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
}

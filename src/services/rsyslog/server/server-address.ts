import ipaddr from "ipaddr.js";

/** An address as rsyslog's `fromhost-ip` spells it (RFC 5952 for IPv6), or undefined when it is none. */
export function canonicalAddress(text: string): string | undefined {
  if (!ipaddr.isValid(text) || (!text.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(text)))
    return undefined;
  const address = ipaddr.process(text);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** True for the address that local messages carry as `fromhost-ip`, and its IPv6 sister. */
export function isLocalAddress(address: string): boolean {
  return address === "127.0.0.1" || address === "::1";
}

/** Order that does not hang on the order in which a name service answers: IPv4 first, then by number. */
export function compareAddresses(a: string, b: string): number {
  const [left, right] = [ipaddr.parse(a).toByteArray(), ipaddr.parse(b).toByteArray()];
  if (left.length !== right.length) return left.length - right.length;
  for (const [index, byte] of left.entries()) {
    const difference = byte - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A network in CIDR notation: its bytes and prefix length, or undefined when it is none. */
export function parseNetwork(network: string): { bytes: number[]; prefix: number } | undefined {
  if (!/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(network)) return undefined;
  const [address = "", length = ""] = network.split("/");
  const canonical = canonicalAddress(address);
  if (canonical === undefined) return undefined;
  const bytes = ipaddr.parse(canonical).toByteArray();
  const prefix = Number(length);
  if (prefix > bytes.length * 8) return undefined;
  return {
    bytes: bytes.map((byte, index) => byte & maskByte(prefix - index * 8)),
    prefix,
  };
}

function maskByte(bits: number): number {
  return bits >= 8 ? 255 : bits <= 0 ? 0 : (255 << (8 - bits)) & 255;
}

/** Does this network (CIDR) hold this address? False for networks and addresses that are none. */
export function networkContains(network: string, address: string): boolean {
  const parsed = parseNetwork(network);
  if (!parsed || canonicalAddress(address) === undefined) return false;
  const bytes = ipaddr.parse(address).toByteArray();
  return (
    bytes.length === parsed.bytes.length &&
    parsed.bytes.every((byte, index) => byte === ((bytes[index] ?? 0) & maskByte(parsed.prefix - index * 8)))
  );
}

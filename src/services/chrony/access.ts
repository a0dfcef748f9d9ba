import ipaddr from "ipaddr.js";

/** Everyone, in both address families: what `allow` without an argument means. */
const EVERYONE = ["0.0.0.0/0", "::/0"];

/** What an `allow` or `deny` line says. */
export interface AccessLine {
  /** `allow all …`: removes what earlier lines said about subnets of it. */
  overridesEarlier: boolean;
  /** Networks in one spelling (`10.0.0.0/8`), or `name:NAME`. Empty: chronyd would refuse the line. */
  networks: string[];
}

/** Reads the arguments of an `allow` or `deny` line as CPS_ParseAllowDeny of chrony does. */
export function readAccess(words: readonly string[], names: Record<string, string[]>): AccessLine {
  const overridesEarlier = words[0] === "all";
  const rest = overridesEarlier ? words.slice(1) : words;
  if (rest.length === 0) return { overridesEarlier, networks: EVERYONE };
  if (rest.length > 1) return { overridesEarlier, networks: [] };
  return { overridesEarlier, networks: networksOf(rest[0] ?? "", names) };
}

/**
 * An entry of the playbook, or a word of the file, as networks in one spelling. `names` are addresses that
 * names have on the host: a name with exactly one is that address; with several chronyd takes any of them.
 */
export function networksOf(entry: string, names: Record<string, string[]>): string[] {
  if (entry.toLowerCase() === "all") return EVERYONE;
  const network = normaliseNetwork(entry);
  if (network !== undefined) return [network];
  const addresses = names[entry] ?? [];
  const only = addresses.length === 1 ? normaliseNetwork(addresses[0] ?? "") : undefined;
  return [only ?? `name:${entry.toLowerCase()}`];
}

/** Whether an entry is a name that the host has to resolve. */
export function isName(entry: string): boolean {
  return entry.toLowerCase() !== "all" && normaliseNetwork(entry) === undefined;
}

const octet = "(0|[1-9][0-9]{0,2})";
const plainForm = new RegExp(`^${octet}(?:\\.${octet})?(?:\\.${octet})?(?:\\.${octet})?(?:/([0-9]{1,2}))?$`);

/** The usual IPv4 forms, of which a file can hold thousands; undefined for everything else. */
function plainNetwork(entry: string): string | undefined {
  const match = plainForm.exec(entry);
  if (!match) return undefined;
  const octets = match
    .slice(1, 5)
    .filter((part) => part !== undefined)
    .map(Number);
  const bits = match[5] === undefined ? octets.length * 8 : Number(match[5]);
  if (bits > 32 || octets.some((part) => part > 255)) return undefined;
  const masked = [0, 1, 2, 3].map((index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return (octets[index] ?? 0) & (0xff00 >> kept) & 0xff;
  });
  return `${masked.join(".")}/${bits}`;
}

/** `10/8`, `172.16/12`, `10.1.2.3`, `2001:DB8::/32` in their full form with the host bits cleared. */
function normaliseNetwork(entry: string): string | undefined {
  const plain = plainNetwork(entry);
  if (plain !== undefined) return plain;
  const [written = "", length, ...more] = entry.split("/");
  if (more.length > 0 || (length !== undefined && !/^\d+$/.test(length))) return undefined;
  const octets = /^\d{1,3}(\.\d{1,3}){0,2}$/.test(written) ? written.split(".") : undefined;
  const full = octets ? [...octets, "0", "0", "0"].slice(0, 4).join(".") : written;
  if (!ipaddr.isValid(full) || (!octets && !full.includes(":") && full.split(".").length !== 4)) {
    return undefined;
  }
  const address = ipaddr.parse(full);
  const bits = address.kind() === "ipv4" ? 32 : 128;
  const prefix = length === undefined ? (octets ? octets.length * 8 : bits) : Number(length);
  if (prefix > bits) return undefined;
  const network =
    address.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefix}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${prefix}`);
  return `${network}/${prefix}`;
}

/** What a `local` line says, with chronyd's defaults filled in. */
export interface LocalLine {
  stratum: number;
  orphan: boolean;
}

/** Reads the arguments of a `local` line (CPS_ParseLocal). */
export function readLocal(words: readonly string[]): LocalLine {
  const lower = words.map((word) => word.toLowerCase());
  const at = lower.lastIndexOf("stratum");
  return { stratum: at < 0 ? 10 : Number(lower[at + 1]), orphan: lower.includes("orphan") };
}

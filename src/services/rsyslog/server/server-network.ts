import { parseNetwork } from "./server-address.ts";

/**
 * A RainerScript condition that holds for senders in a network (CIDR). Every rsyslog since 7 knows the
 * operations used; a function for whole networks it does not have. Undefined when it is no network.
 */
export function networkCondition(network: string): string | undefined {
  const parsed = parseNetwork(network);
  if (!parsed) return undefined;
  if (parsed.bytes.length === 16) {
    // In double quotes rsyslog wants every $ escaped.
    return `re_match($fromhost-ip, '${ipv6Expression(parsed.bytes, parsed.prefix)}')`;
  }
  const spellings = ipv4Spellings(parsed.bytes, parsed.prefix);
  const values = spellings.map((spelling) => `"${spelling}"`).join(", ");
  const value = spellings.length === 1 ? values : `[${values}]`;
  if (parsed.prefix > 24) return `$fromhost-ip == ${value}`;
  return parsed.prefix === 0 ? `$fromhost-ip contains "."` : `$fromhost-ip startswith ${value}`;
}

/** Whole addresses, or beginnings that end in a dot; at most 128, because only one octet is ever cut. */
function ipv4Spellings(bytes: readonly number[], prefix: number): string[] {
  const whole = Math.floor(prefix / 8);
  const head = bytes.slice(0, whole).map((byte) => `${byte}.`);
  const rest = prefix % 8;
  if (rest === 0) return [whole === 4 ? bytes.join(".") : head.join("")];
  const first = bytes[whole] ?? 0;
  const end = whole === 3 ? "" : ".";
  return Array.from({ length: 2 ** (8 - rest) }, (_, index) => `${head.join("")}${first + index}${end}`);
}

interface Group {
  /** Extended regular expression of the group's spellings, leading zeros left out. */
  expression: string;
  canBeZero: boolean;
}

/**
 * An extended regular expression over the RFC 5952 spellings of a network's addresses. `::` can stand for
 * groups of the prefix, so each place where it may begin and end is one alternative.
 */
function ipv6Expression(bytes: readonly number[], prefix: number): string {
  const groups = prefixGroups(bytes, prefix);
  const any = "[0-9a-f]+";
  const join = (part: readonly Group[]) => part.map((group) => group.expression).join(":");
  const count = groups.length;
  if (count === 0) return ":";
  const alternatives = [`${join(groups)}(:.*)?$`];
  for (let left = 0; left < count; left++) {
    const zeros = zeroRun(groups, left);
    const begin = `${join(groups.slice(0, left))}::`;
    for (let run = 2; run < count - left && run <= zeros; run++) {
      const rest = 8 - count;
      alternatives.push(`${begin}${join(groups.slice(left + run))}${`:${any}`.repeat(rest)}$`);
    }
    if (zeros === count - left) {
      const rest = 8 - count;
      alternatives.push(rest > 0 ? `${begin}(${any}(:${any}){0,${rest - 1}})?$` : `${begin}$`);
    }
  }
  return `^(${alternatives.join("|")})`;
}

function zeroRun(groups: readonly Group[], from: number): number {
  const end = groups.findIndex((group, index) => index >= from && !group.canBeZero);
  return (end === -1 ? groups.length : end) - from;
}

function prefixGroups(bytes: readonly number[], prefix: number): Group[] {
  return Array.from({ length: Math.ceil(prefix / 16) }, (_, index) => {
    const value = ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0);
    return groupOf(value, Math.min(16, prefix - index * 16));
  });
}

/** The spellings of a group of which only the first `bits` bits are fixed. */
function groupOf(value: number, bits: number): Group {
  if (bits === 16) return { expression: value.toString(16), canBeZero: value === 0 };
  const freeDigits = Math.floor((16 - bits) / 4);
  const cut = bits % 4;
  const free = (count: number) => (count === 0 ? "" : `[0-9a-f]{${count}}`);
  const top = value >> (freeDigits * 4);
  const tops = Array.from({ length: cut === 0 ? 1 : 2 ** (4 - cut) }, (_, index) => top + index);
  const spelled = tops
    .filter((digits) => digits !== 0)
    .map((digits) => `${digits.toString(16)}${free(freeDigits)}`);
  if (tops.includes(0)) spelled.push(freeDigits === 0 ? "0" : `[0-9a-f]{1,${freeDigits}}`);
  return {
    expression: spelled.length === 1 ? (spelled[0] ?? "") : `(${spelled.join("|")})`,
    canBeZero: tops.includes(0),
  };
}

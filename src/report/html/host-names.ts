/** web2 before web10. */
const byNumber = new Intl.Collator("en", { numeric: true });

/** Names in the order in which people count. */
export function sortedNames(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => byNumber.compare(a, b) || (a < b ? -1 : 1));
}

/** Some names that count up, in the inventory's own way of writing them: `web[01:50].example.org`. */
export interface NameRange {
  text: string;
  hosts: number;
}

/** A name around the number by which it counts: the last one before the first dot. */
const COUNTED = /^([^.]*?)(\d{1,9})([^\d.]*(?:\..*)?)$/s;

/** Writes names as ranges where they count up one by one; the others stay as they are. */
export function nameRanges(names: readonly string[]): NameRange[] {
  const ranges: (NameRange & { next: string; first: string })[] = [];
  for (const name of sortedNames(names)) {
    const last = ranges[ranges.length - 1];
    const counted = countedName(name);
    if (last && counted && last.next === name) {
      last.hosts += 1;
      last.text = `${counted.before}[${last.first}:${counted.digits}]${counted.after}`;
      last.next = counted.next;
    } else {
      ranges.push({ text: name, hosts: 1, first: counted?.digits ?? "", next: counted?.next ?? "" });
    }
  }
  return ranges.map(({ text, hosts }) => ({ text, hosts }));
}

/** `web[01:50], db1 and 12 more`: at most so many ranges, and how many hosts are left. */
export function rangesText(names: readonly string[], limit: number): string {
  const ranges = nameRanges(names);
  const shown = ranges.slice(0, limit);
  const left = ranges.slice(limit).reduce((sum, { hosts }) => sum + hosts, 0);
  const text = shown.map((range) => range.text).join(", ");
  return left === 0 ? text : `${text} and ${left} more`;
}

/** The largest ranges, as many as so many characters hold, and `…` for the rest; the first may be cut. */
export function rangesTitle(ranges: readonly NameRange[], characters: number): string {
  const [first, ...rest] = [...ranges].sort((a, b) => b.hosts - a.hosts);
  if (!first) return "";
  if (rest.length === 0) return shortened(first.text, characters);
  let title = shortened(first.text, characters - 2);
  for (const [index, { text }] of rest.entries()) {
    const longer = `${title}, ${text}`;
    if (longer.length > characters - (index === rest.length - 1 ? 0 : 2)) return `${title} …`;
    title = longer;
  }
  return title;
}

export function shortened(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join("")}…`;
}

/** Indexes in few characters for the page's data: `0-2,7`. */
export function indexRanges(indexes: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = ranges[ranges.length - 1];
    if (last && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

function countedName(name: string) {
  const match = COUNTED.exec(name);
  if (!match) return undefined;
  const [, before = "", digits = "", after = ""] = match;
  const next = `${before}${String(Number(digits) + 1).padStart(digits.length, "0")}${after}`;
  return { before, digits, after, next };
}

import { isIPv4, isIPv6 } from "node:net";
import type { DesiredChrony, DesiredSource } from "../../src/services/chrony/desired.ts";
import type { Answer } from "./judge.ts";

/**
 * What is wrong with an edit, by what `chronyd -p` printed of the file before and after it. Nothing here uses
 * the code that made the edit: the lines are read anew, with chrony.conf(5) at hand.
 */
export function chronyObjections(desired: DesiredChrony, before: Answer, after: Answer): string[] {
  if (before.status !== 0) return [];
  if (after.status !== 0) return [`chronyd refuses the edited file: ${after.stderr.trim()}`];
  const had = linesOf(before);
  const has = linesOf(after);
  const owned = ownedNames(desired);
  return [
    ...sameLines("what is not declared", others(had, owned), others(has, owned)),
    ...sourceObjections(desired, had, has),
    ...accessObjections(desired, has),
    ...directiveObjections(desired, has),
  ];
}

/** A directive as chronyd prints it: comments and blank lines gone, white space collapsed. */
interface Line {
  name: string;
  words: string[];
  text: string;
}

function linesOf(answer: Answer): Line[] {
  return answer.stdout
    .split("\n")
    .map((text) => text.trim())
    .filter(Boolean)
    .map((text) => {
      const [name = "", ...words] = text.split(/\s+/);
      return { name: name.toLowerCase(), words, text };
    });
}

const SOURCES = ["server", "pool", "peer"];

function declaredSources(
  desired: DesiredChrony,
): { sources: DesiredSource[]; exclusive: boolean } | undefined {
  if (desired.client?.sources.length) return desired.client;
  const { server } = desired;
  return server?.sources ? { sources: server.sources, exclusive: server.exclusive } : undefined;
}

function ownedNames(desired: DesiredChrony): Set<string> {
  const names = new Set<string>();
  if (declaredSources(desired)) for (const name of [...SOURCES, "sourcedir"]) names.add(name);
  if (desired.server) for (const name of ["allow", "deny", "local"]) names.add(name);
  for (const role of [desired.server, desired.client]) {
    for (const directive of role?.directives ?? []) names.add(directive.name);
  }
  return names;
}

function others(lines: readonly Line[], owned: ReadonlySet<string>): string[] {
  return lines.filter(({ name }) => !owned.has(name)).map(({ text }) => text);
}

function sameLines(what: string, expected: readonly string[], actual: readonly string[]): string[] {
  if (expected.join("\n") === actual.join("\n")) return [];
  const gone = expected.filter((line) => !actual.includes(line));
  const added = actual.filter((line) => !expected.includes(line));
  return [`${what}: gone ${JSON.stringify(gone)}, added ${JSON.stringify(added)}`];
}

/** Exclusive: exactly the declared sources. Else: the declared ones, and every other line as it was. */
function sourceObjections(desired: DesiredChrony, before: readonly Line[], after: readonly Line[]): string[] {
  const declared = declaredSources(desired);
  if (!declared) return [];
  const isSource = ({ name }: Line) => SOURCES.includes(name) || name === "sourcedir";
  const had = before.filter(isSource);
  const has = after.filter(isSource);
  const means = (line: Line, source: DesiredSource) =>
    line.name === source.kind && line.words[0]?.toLowerCase() === source.address.toLowerCase();
  const isDeclared = (line: Line) => declared.sources.some((source) => means(line, source));
  const objections: string[] = [];
  for (const source of declared.sources) {
    const lines = has.filter((line) => means(line, source));
    if (lines.length === 0) objections.push(`${source.kind} ${source.address} is missing`);
    for (const line of lines) {
      for (const [option, value] of Object.entries(source.options)) {
        if (!hasOption(line, option, value)) objections.push(`"${line.text}" lacks ${option} ${value}`);
      }
    }
  }
  const expected = declared.exclusive ? [] : had.filter((line) => !isDeclared(line)).map(({ text }) => text);
  const rest = has.filter((line) => !isDeclared(line)).map(({ text }) => text);
  return [...objections, ...sameLines("sources that are left alone", expected, rest)];
}

function hasOption({ words }: Line, option: string, value: string | number | boolean): boolean {
  const at = words.findIndex((word, index) => index > 0 && word.toLowerCase() === option);
  if (typeof value === "boolean") return at > 0 === value;
  return at > 0 && Number(words[at + 1]) === Number(value);
}

/** Which sample addresses may ask, and the `local` line. */
function accessObjections({ server }: DesiredChrony, after: readonly Line[]): string[] {
  if (!server) return [];
  const objections: string[] = [];
  const declared = [
    ...server.allow.map((entry) => ({ name: "allow", words: [entry] })),
    ...server.deny.map((entry) => ({ name: "deny", words: [entry] })),
  ];
  const lines = after.filter(({ name }) => name === "allow" || name === "deny");
  for (const address of sampleAddresses) {
    const expected = isAllowed(address, declared);
    if (isAllowed(address, lines) !== expected) {
      objections.push(
        `${address} is ${expected ? "not allowed" : "allowed"}: ${lines.map(({ text }) => text)}`,
      );
    }
  }
  const undeclared = lines.filter(
    (line) => !declared.some(({ name, words }) => name === line.name && sameSubnet(words[0], line.words[0])),
  );
  objections.push(...undeclared.map(({ text }) => `"${text}" is not declared`));
  const locals = after.filter(({ name }) => name === "local");
  const wanted = server.localStratum === undefined ? [] : [`${server.localStratum} ${server.orphan}`];
  return [...objections, ...sameLines("local", wanted, locals.map(localOf))];
}

/** Addresses on both sides of the borders of every network that a setting names. */
const sampleAddresses = [
  "127.0.0.1",
  "127.0.0.2",
  "10.0.0.1",
  "10.8.255.255",
  "10.9.0.1",
  "10.9.255.255",
  "10.10.0.0",
  "172.31.95.255",
  "172.31.96.0",
  "172.31.111.255",
  "172.31.112.0",
  "192.168.0.0",
  "192.168.255.255",
  "192.167.255.255",
  "203.0.113.1",
];

/** The most specific subnet counts, of equal ones the last; `all` first forgets what was said of smaller ones. */
function isAllowed(address: string, lines: readonly { name: string; words: readonly string[] }[]): boolean {
  let known: { subnet: Subnet; allow: boolean }[] = [];
  for (const { name, words } of lines) {
    const all = words[0] === "all";
    const subnet = subnetOf(words[all ? 1 : 0] ?? "all");
    if (!subnet) continue;
    known = known.filter((one) => (all ? !contains(subnet, one.subnet) : !equal(subnet, one.subnet)));
    known.push({ subnet, allow: name === "allow" });
  }
  const value = subnetOf(address);
  const matching = known.filter(({ subnet }) => value && contains(subnet, value));
  const best = matching.sort((one, other) => other.subnet.length - one.subnet.length)[0];
  return best?.allow ?? false;
}

/** An IPv4 subnet; everything else is compared as text. */
interface Subnet {
  bits: string;
  length: number;
}

function subnetOf(text: string): Subnet | undefined {
  if (text === "all" || text === "0/0") return { bits: "", length: 0 };
  const [written = "", prefix] = text.split("/");
  const octets = written.split(".");
  const full = [...octets, "0", "0", "0"].slice(0, 4).join(".");
  if (isIPv6(written) || !isIPv4(full)) return undefined;
  const length = prefix === undefined ? octets.length * 8 : Number(prefix);
  const bits = full
    .split(".")
    .map((octet) => Number(octet).toString(2).padStart(8, "0"))
    .join("");
  return { bits: bits.slice(0, length), length };
}

function contains(outer: Subnet, inner: Subnet): boolean {
  return inner.bits.startsWith(outer.bits);
}

function equal(one: Subnet, other: Subnet): boolean {
  return one.bits === other.bits;
}

function sameSubnet(one: string | undefined, other: string | undefined): boolean {
  const left = subnetOf(one ?? "all");
  const right = subnetOf(other ?? "all");
  return left && right ? equal(left, right) : one === other;
}

/** A `local` line with chrony's default of stratum 10. */
function localOf({ words }: Line): string {
  const lower = words.map((word) => word.toLowerCase());
  const at = lower.indexOf("stratum");
  return `${at < 0 ? 10 : Number(lower[at + 1])} ${lower.includes("orphan")}`;
}

/** A directive that is declared by its name has exactly the declared values. */
function directiveObjections(desired: DesiredChrony, after: readonly Line[]): string[] {
  const declared = [...(desired.server?.directives ?? []), ...(desired.client?.directives ?? [])];
  return declared.flatMap(({ name, values }) => {
    const lines = after
      .filter((line) => line.name === name)
      .map(({ words }) => words.map(plainWord).join(" "));
    const wanted = values.map((value) => value.split(/\s+/).filter(Boolean).map(plainWord).join(" "));
    return sameLines(name, [...new Set(wanted)].sort(), [...new Set(lines)].sort());
  });
}

/** Numbers in one spelling. */
function plainWord(word: string): string {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(word) ? String(Number(word)) : word.toLowerCase();
}

import {
  addressIn,
  both,
  type Chain,
  type Match,
  negate,
  type Packet,
  portIn,
  type Rule,
  type Verdict,
} from "./firewall-rules.ts";

/** Reads the chains of `nft list ruleset` (nft(8)). What a rule says that lfce does not know makes it a `maybe`. */
export function parseNftables(ruleset: string): Chain[] {
  const chains: Chain[] = [];
  let table = "";
  let chain: Chain | undefined;
  // A long set goes on over several lines, each but the last ending in a comma.
  for (const raw of ruleset.replace(/,\n\s*/g, ", ").split("\n")) {
    const line = raw.trim();
    const opened = /^(table (\S+) (\S+)|chain (\S+)) \{$/.exec(line);
    if (opened?.[2]) table = `${opened[2]} ${opened[3]}`;
    else if (opened?.[4]) {
      chain = { table, name: opened[4], policy: "accept", rules: [] };
      chains.push(chain);
    } else if (line === "}") chain = undefined;
    else if (chain && line.startsWith("type ")) readHook(chain, line);
    else if (chain && line !== "" && !line.startsWith("#")) chain.rules.push(readRule(line));
  }
  return chains;
}

/** `type filter hook input priority filter; policy drop;` */
function readHook(chain: Chain, line: string): void {
  const hook = /\bhook (input|output)\b/.exec(line)?.[1] as "input" | "output" | undefined;
  if (hook && /^type filter\b/.test(line)) chain.hook = hook;
  if (/\bpolicy drop\b/.test(line)) chain.policy = "drop";
}

/** A part of a rule: a test of the packet, or nothing that decides (a counter, a log line). */
type Part = (packet: Packet) => Match;

function readRule(line: string): Rule {
  const text = line.replace(/ # handle \d+$/, "").replace(/ comment "[^"]*"/, "");
  const words = text.match(/\{[^}]*\}|"[^"]*"|\S+/g) ?? [];
  const parts: Part[] = [];
  let verdict: Verdict = { kind: "continue" };
  while (words.length > 0) {
    const found = readVerdict(words);
    if (found) {
      verdict = found;
      break;
    }
    const part = readPart(words);
    if (part) parts.push(part);
  }
  return { text, verdict, match: (packet) => parts.map((part) => part(packet)).reduce(both, "always") };
}

function readVerdict(words: string[]): Verdict | undefined {
  const [word, chain] = words;
  if (word === "accept") return { kind: "accept" };
  if (word === "drop" || word === "reject") return { kind: "drop" };
  if (word === "return") return { kind: "return" };
  if ((word === "jump" || word === "goto") && chain !== undefined) return { kind: word, chain };
  // A map from values to verdicts: like a jump to a chain that cannot be seen.
  if (word === "vmap") return { kind: "jump", chain: "" };
  return undefined;
}

/** Takes one part off the front of the words. */
function readPart(words: string[]): Part | undefined {
  const word = words.shift() as string;
  switch (word) {
    case "counter":
      if (words[0] === "packets") words.splice(0, 4);
      return undefined;
    case "log":
      while (["prefix", "level", "flags", "group", "snaplen", "queue-threshold"].includes(words[0] ?? "")) {
        words.splice(0, 2);
      }
      return undefined;
    case "ct":
      return connectionState(words);
    case "iif":
    case "iifname":
    case "oif":
    case "oifname":
      return device(word.startsWith("i"), words);
    case "tcp":
    case "udp":
    case "th":
      return transport(word, words);
    case "meta":
    case "ip":
    case "ip6":
      return header(word, words);
    case "fib":
      return destinationType(words);
    case "icmp":
    case "icmpv6":
    case "igmp":
      words.splice(0, 2);
      return () => "never";
    default:
      return () => "maybe";
  }
}

/** The operand of a test: words of a set, or one word, and whether `!=` stood before it. A map is left for readVerdict. */
function operand(words: string[]): { values: string[]; negated: boolean } {
  if (words[0] === "vmap") return { values: ["(a map)"], negated: false };
  const negated = words[0] === "!=";
  if (negated || words[0] === "==") words.shift();
  const text = words.shift() ?? "";
  const inner = text.startsWith("{") ? text.slice(1, -1) : text;
  return { negated, values: inner.split(",").map((value) => value.trim().replace(/^"(.*)"$/, "$1")) };
}

/** `ct state established,related`, `ct state { new, … }`, `ct state vmap { established : accept, … }`. */
function connectionState(words: string[]): Part {
  const [what] = words.splice(0, 1);
  if (what !== "state") return () => "maybe";
  if (words[0] === "vmap") {
    const match = /\bnew\b/.test(words[1] ?? "") ? "always" : "never";
    return () => match;
  }
  const { values, negated } = operand(words);
  return () => negate(values.includes("new") || values.includes("untracked") ? "always" : "never", negated);
}

function device(incoming: boolean, words: string[]): Part {
  const { values, negated } = operand(words);
  return (packet) => {
    if (incoming !== (packet.direction === "input")) return "maybe";
    return values.every((name) => name === "lo") ? negate("never", negated) : "maybe";
  };
}

/** `fib daddr type local`: what comes in is for this host. */
function destinationType(words: string[]): Part {
  const [field, type] = words.splice(0, 2);
  if (field !== "daddr" || type !== "type") return () => "maybe";
  const { values, negated } = operand(words);
  return (packet) =>
    packet.direction === "output" ? "maybe" : negate(values.includes("local") ? "always" : "never", negated);
}

function transport(protocol: string, words: string[]): Part {
  const [field] = words.splice(0, 1);
  const { values, negated } = operand(words);
  return (packet) => {
    if (protocol !== "th" && protocol !== packet.protocol) return "never";
    return field === "dport" ? negate(portIn(packet.port, values), negated) : "maybe";
  };
}

function header(family: string, words: string[]): Part {
  const [field = ""] = words.splice(0, 1);
  const { values, negated } = operand(words);
  const names = family === "meta" ? ["l4proto"] : ["protocol", "nexthdr"];
  return (packet) => {
    if (names.includes(field)) return negate(values.includes(packet.protocol) ? "always" : "never", negated);
    if (packet.peer !== undefined && family === (packet.peer.includes(":") ? "ip" : "ip6")) return "never";
    if (field === "nfproto")
      return packet.peer === undefined ? "maybe" : negate(isFamily(packet.peer, values), negated);
    if (field === (packet.direction === "input" ? "saddr" : "daddr")) {
      return negate(addressIn(packet.peer, values), negated);
    }
    return "maybe";
  };
}

function isFamily(address: string, values: readonly string[]): Match {
  return values.includes(address.includes(":") ? "ipv6" : "ipv4") ? "always" : "never";
}

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

const HOOKS: Record<string, "input" | "output"> = { INPUT: "input", OUTPUT: "output" };

/** Reads the filter table of `iptables-save` (iptables-extensions(8)). Unknown matches make a rule a `maybe`. */
export function parseIptables(text: string): Chain[] {
  const chains = new Map<string, Chain>();
  for (const line of text.split("\n")) {
    const declared = /^:(\S+) (\S+)/.exec(line);
    if (declared) {
      const [, name = "", policy] = declared;
      const hook = HOOKS[name];
      chains.set(name, {
        table: "ip filter",
        name,
        ...(hook ? { hook } : {}),
        policy: policy === "DROP" ? "drop" : "accept",
        rules: [],
      });
    }
    const appended = /^-A (\S+) (.*)$/.exec(line);
    if (appended) chains.get(appended[1] ?? "")?.rules.push(readRule(line, appended[2] ?? ""));
  }
  return [...chains.values()];
}

type Part = (packet: Packet) => Match;

function readRule(text: string, specification: string): Rule {
  const words = specification.match(/"[^"]*"|\S+/g) ?? [];
  const parts: Part[] = [];
  let verdict: Verdict = { kind: "continue" };
  while (words.length > 0) {
    const negated = words[0] === "!";
    if (negated) words.shift();
    const option = words.shift() ?? "";
    if (option === "-j" || option === "-g") {
      verdict = readTarget(option, words.shift() ?? "");
      break;
    }
    const value =
      words[0] === undefined || words[0].startsWith("-") || words[0] === "!" ? "" : (words.shift() as string);
    const part = readPart(option, value);
    if (part) parts.push((packet) => negate(part(packet), negated));
  }
  return { text, verdict, match: (packet) => parts.map((part) => part(packet)).reduce(both, "always") };
}

function readTarget(option: string, target: string): Verdict {
  if (option === "-g") return { kind: "goto", chain: target };
  if (target === "ACCEPT") return { kind: "accept" };
  if (target === "DROP" || target === "REJECT") return { kind: "drop" };
  if (target === "RETURN") return { kind: "return" };
  if (["LOG", "NFLOG", "MARK", "CONNMARK", "TRACE", "AUDIT"].includes(target)) return { kind: "continue" };
  return { kind: "jump", chain: target };
}

/** One option with its value; undefined for what decides nothing. */
function readPart(option: string, value: string): Part | undefined {
  const list = value.split(",");
  switch (option) {
    case "-p":
      return (packet) => (value === "all" || value === packet.protocol ? "always" : "never");
    case "--dport":
    case "--dports":
      return (packet) => portIn(packet.port, list);
    case "--state":
    case "--ctstate":
      return () => (list.includes("NEW") ? "always" : "never");
    case "-s":
      return (packet) => (packet.direction === "input" ? addressIn(packet.peer, list) : "maybe");
    case "-d":
      return (packet) => (packet.direction === "output" ? addressIn(packet.peer, list) : "maybe");
    case "-i":
      return (packet) => (value === "lo" && packet.direction === "input" ? "never" : "maybe");
    case "-o":
      return (packet) => (value === "lo" && packet.direction === "output" ? "never" : "maybe");
    case "--dst-type":
      // What comes in is for this host.
      return (packet) => (packet.direction === "output" ? "maybe" : value === "LOCAL" ? "always" : "never");
    case "--comment":
      return undefined;
    case "-m":
      // These matches decide by the options that follow them, which are read one by one.
      return ["tcp", "udp", "state", "conntrack", "multiport", "comment", "addrtype"].includes(value)
        ? undefined
        : () => "maybe";
    default:
      return () => "maybe";
  }
}

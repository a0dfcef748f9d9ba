import ipaddr from "ipaddr.js";

/** The first packet of a connection or request, as a packet filter sees it. */
export interface Packet {
  protocol: "tcp" | "udp";
  /** Destination port. */
  port: number;
  direction: "input" | "output";
  /** The other side's address where it is known; rules about addresses can then be decided. */
  peer?: string;
}

/** Whether a rule is about a packet, as far as lfce understands it. */
export type Match = "always" | "maybe" | "never";

export type Verdict =
  | { kind: "accept" | "drop" | "return" }
  | { kind: "jump" | "goto"; chain: string }
  /** Counting, logging, marking: the packet goes on. */
  | { kind: "continue" };

export interface Rule {
  text: string;
  match: (packet: Packet) => Match;
  verdict: Verdict;
}

/** A chain of nftables or iptables; one with `hook` is where the kernel starts. */
export interface Chain {
  /** Family and table, e.g. `inet filter`. Jumps stay inside it. */
  table: string;
  name: string;
  hook?: "input" | "output";
  policy: "accept" | "drop";
  rules: Rule[];
}

/** A base chain that drops the packet, and the rule that does it (none: its policy). */
export interface Obstacle {
  certain: boolean;
  chain: Chain;
  rule?: Rule;
}

type Ending = "accept" | "drop" | "continue";

interface Walk {
  endings: Set<Ending>;
  drop?: Rule;
}

/** The base chains that drop this packet, or may. A packet must pass all base chains of its hook. */
export function obstacles(chains: readonly Chain[], packet: Packet): Obstacle[] {
  return chains.flatMap((chain) => {
    if (chain.hook !== packet.direction || !isAsked(chain, packet)) return [];
    const walk = walkChain(chain, chains, packet, 0);
    const byPolicy = walk.endings.delete("continue");
    if (byPolicy) walk.endings.add(chain.policy);
    if (!walk.endings.has("drop")) return [];
    const certain = !walk.endings.has("accept");
    return [{ certain, chain, ...(walk.drop === undefined ? {} : { rule: walk.drop }) }];
  });
}

/** Whether packets of this kind come to a table's family; without a known peer, IPv4 is meant. */
function isAsked({ table }: Chain, { peer }: Packet): boolean {
  const [family] = table.split(" ");
  return family === "inet" || family === (peer?.includes(":") ? "ip6" : "ip");
}

/** All ways in which a walk through the chain can end. Jumps are followed to a depth that no real set reaches. */
function walkChain(chain: Chain, chains: readonly Chain[], packet: Packet, depth: number): Walk {
  const walk: Walk = { endings: new Set() };
  for (const rule of chain.rules) {
    const match = rule.match(packet);
    if (match === "never") continue;
    const taken = take(rule, chain, chains, packet, depth);
    if (taken.drop && !walk.drop) walk.drop = taken.drop;
    for (const ending of taken.endings) if (ending !== "continue") walk.endings.add(ending);
    // What returns, or goes to another chain for good, leaves this one, if it matches.
    const leaves: Iterable<Ending> =
      rule.verdict.kind === "return" ? ["continue"] : rule.verdict.kind === "goto" ? taken.endings : [];
    for (const ending of leaves) walk.endings.add(ending);
    if (match === "always" && (rule.verdict.kind === "return" || rule.verdict.kind === "goto")) return walk;
    if (match === "always" && !taken.endings.has("continue")) return walk;
  }
  walk.endings.add("continue");
  return walk;
}

function take(rule: Rule, chain: Chain, chains: readonly Chain[], packet: Packet, depth: number): Walk {
  const { verdict } = rule;
  if (verdict.kind === "accept") return { endings: new Set(["accept"]) };
  if (verdict.kind === "drop") return { endings: new Set(["drop"]), drop: rule };
  if (verdict.kind !== "jump" && verdict.kind !== "goto") return { endings: new Set(["continue"]) };
  const target = chains.find(({ table, name }) => table === chain.table && name === verdict.chain);
  if (!target || depth > 20) return { endings: new Set(["accept", "drop", "continue"]) };
  return walkChain(target, chains, packet, depth + 1);
}

/** All parts of a rule must match. */
export function both(one: Match, other: Match): Match {
  if (one === "never" || other === "never") return "never";
  return one === "maybe" || other === "maybe" ? "maybe" : "always";
}

export function negate(match: Match, negated: boolean): Match {
  if (!negated || match === "maybe") return match;
  return match === "always" ? "never" : "always";
}

const SERVICE_PORTS: Record<string, number> = {
  ntp: 123,
  syslog: 514,
  shell: 514,
  ssh: 22,
  "syslog-tls": 6514,
};

/** Whether a port is in a list such as `22`, `514-520`, `1024:65535` or `ntp` (names: /etc/services). */
export function portIn(port: number, list: readonly string[]): Match {
  let result: Match = "never";
  for (const item of list) {
    const [low = "", high = low] =
      item.split(/[-:]/).length === 2 && /^\d/.test(item) ? item.split(/[-:]/) : [item];
    const first = SERVICE_PORTS[low] ?? Number(low);
    const last = SERVICE_PORTS[high] ?? Number(high);
    if (Number.isNaN(first) || Number.isNaN(last)) result = "maybe";
    else if (port >= first && port <= last) return "always";
  }
  return result;
}

/** Whether an address is in a list of addresses and networks; `maybe` when either is not known. */
export function addressIn(address: string | undefined, list: readonly string[]): Match {
  if (address === undefined || !ipaddr.isValid(address)) return "maybe";
  const parsed = ipaddr.process(address);
  let result: Match = "never";
  for (const item of list) {
    if (ipaddr.isValidCIDR(item)) {
      const [network, bits] = ipaddr.parseCIDR(item);
      if (network.kind() === parsed.kind() && parsed.match(network, bits)) return "always";
    } else if (ipaddr.isValid(item)) {
      if (ipaddr.process(item).toString() === parsed.toString()) return "always";
    } else result = "maybe";
  }
  return result;
}

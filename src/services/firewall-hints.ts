import type { Warning } from "../core/errors.ts";
import type { ObservedFirewall, ObservedHost } from "../core/observed.ts";
import { parseIptables } from "./firewall-iptables.ts";
import { parseNftables } from "./firewall-nftables.ts";
import { type Chain, type Obstacle, obstacles, type Packet } from "./firewall-rules.ts";

/** What a firewall does to the first packet for a port. */
export interface FirewallVerdict {
  kind: ObservedFirewall["kind"];
  /** `maybe`: it depends on something that lfce does not know, such as an address or an interface. */
  blocks: "yes" | "maybe" | "no";
  /** Where the packet ends, for people: `nftables, chain input of table inet filter`. */
  where: string;
  /** The exact command that lets it through. */
  openCommand: string;
}

/** firewalld's services (firewall-cmd --info-service) that open the ports that lfce is about. */
const FIREWALLD_SERVICES: Record<string, string> = {
  "123/udp": "ntp",
  "514/udp": "syslog",
  "6514/tcp": "syslog-tls",
  "6514/udp": "syslog-tls",
};

/**
 * Judges one firewall of a host about one port. `peer` is the other side's address where it is known;
 * `direction` is `input` for a server, `output` for what a client sends.
 */
export function firewallVerdict(firewall: ObservedFirewall, packet: Packet): FirewallVerdict {
  switch (firewall.kind) {
    case "firewalld":
      return firewalld(firewall, packet);
    case "ufw":
      return ufw(firewall, packet);
    case "nftables":
      return filtered("nftables", parseNftables(firewall.rules), packet, nftCommand);
    case "iptables":
      return filtered("iptables", parseIptables(firewall.rules), packet, iptablesCommand);
  }
}

/**
 * The firewalls of a host that stand in the way of a packet, certain ones first. firewalld and ufw answer for
 * the tables that they write themselves.
 */
export function blockingFirewalls(firewalls: readonly ObservedFirewall[], packet: Packet): FirewallVerdict[] {
  const kinds = new Set(firewalls.map(({ kind }) => kind));
  const verdicts = firewalls.flatMap((firewall) => {
    if (firewall.kind === "iptables" && (kinds.has("firewalld") || kinds.has("ufw"))) return [];
    const rules = firewall.kind === "nftables" ? withoutOwned(firewall.rules, kinds) : firewall.rules;
    const verdict = firewallVerdict({ ...firewall, rules }, packet);
    return verdict.blocks === "no" ? [] : [verdict];
  });
  return verdicts.sort((a, b) => Number(b.blocks === "yes") - Number(a.blocks === "yes"));
}

/** Leaves out the nftables tables that another of the observed firewalls speaks for. */
function withoutOwned(ruleset: string, kinds: ReadonlySet<ObservedFirewall["kind"]>): string {
  return ruleset
    .split(/^(?=table )/m)
    .filter((table) => {
      const [, family, name] = /^table (\S+) (\S+)/.exec(table) ?? [];
      if (name === "firewalld") return !kinds.has("firewalld");
      const written = (family === "ip" || family === "ip6") && name === "filter";
      return !(written && (kinds.has("iptables") || kinds.has("ufw")));
    })
    .join("");
}

/** A port that hosts will be asked at. */
export interface NeededPort {
  protocol: "tcp" | "udp";
  port: number;
}

/** Warnings for a plan: ports that a role needs and that a firewall of the host certainly closes. */
export function firewallWarnings(
  observed: Pick<ObservedHost, "firewalls">,
  ports: readonly NeededPort[],
): Warning[] {
  return ports.flatMap(({ protocol, port }) =>
    blockingFirewalls(observed.firewalls, { protocol, port, direction: "input" })
      .filter(({ blocks }) => blocks === "yes")
      .map(({ where, openCommand }) => ({
        code: "firewall-closes-port",
        message: `${where} drops what other hosts send to ${protocol} port ${port}`,
        hint: `to open it, run on that host: ${openCommand}`,
      })),
  );
}

function firewalld(firewall: ObservedFirewall, { protocol, port, direction }: Packet): FirewallVerdict {
  const service = FIREWALLD_SERVICES[`${port}/${protocol}`];
  const zone = /^(?!default-zone:)(\S+)/m.exec(firewall.rules)?.[1];
  const defaultZone = /^default-zone: (\S+)/m.exec(firewall.rules)?.[1];
  const zoneOption = zone === undefined || zone === defaultZone ? "" : ` --zone=${zone}`;
  const what = service === undefined ? `--add-port=${port}/${protocol}` : `--add-service=${service}`;
  const open = (firewall.allowed ?? []).some((entry) => {
    const [range = "", kind] = entry.split("/");
    const [low, high = low] = range.split("-").map(Number);
    return entry === service || (kind === protocol && port >= Number(low) && port <= Number(high));
  });
  const rich = new RegExp(`\\bport="?${port}"?\\b|service name="${service ?? "-"}"`).test(firewall.rules);
  const blocks =
    open || direction === "output" || /^\s*target: ACCEPT/m.test(firewall.rules)
      ? "no"
      : rich
        ? "maybe"
        : "yes";
  return {
    kind: "firewalld",
    blocks,
    where: `firewalld${zone === undefined ? "" : ` (zone ${zone})`}`,
    openCommand: `firewall-cmd --permanent${zoneOption} ${what} && firewall-cmd --reload`,
  };
}

/** Reads `ufw status verbose`: columns To, Action, From; what is not listed goes by the default. */
function ufw(firewall: ObservedFirewall, { protocol, port, direction }: Packet): FirewallVerdict {
  const verdict = { kind: "ufw" as const, where: "ufw", openCommand: `ufw allow ${port}/${protocol}` };
  if (direction === "output" || !/^Status: active/m.test(firewall.rules)) return { ...verdict, blocks: "no" };
  let unclear = false;
  for (const line of firewall.rules.split("\n")) {
    if (line.includes("(v6)")) continue;
    const rule = /^(\S.*?)\s+(ALLOW|DENY|REJECT|LIMIT)(?: IN)?\s+(.*?)\s*$/.exec(line);
    const covers = rule ? ufwCovers(rule[1] ?? "", protocol, port) : "never";
    if (!rule || covers === "never") continue;
    if (covers === "maybe" || rule[3] !== "Anywhere") unclear = true;
    else
      return { ...verdict, blocks: /ALLOW|LIMIT/.test(rule[2] ?? "") ? (unclear ? "maybe" : "no") : "yes" };
  }
  const allowed = /^Default: allow \(incoming\)/m.test(firewall.rules);
  return { ...verdict, blocks: unclear ? "maybe" : allowed ? "no" : "yes" };
}

/** The To column: `123/udp`, `514`, `6000:6007/tcp`, `22,80/tcp`, `Anywhere`, an application's name. */
function ufwCovers(to: string, protocol: string, port: number): "always" | "maybe" | "never" {
  const ports = /^(\d[\d:,]*)(?:\/(tcp|udp))?$/.exec(to);
  if (!ports) return /^\S+$/.test(to) && /ntp|syslog|anywhere/i.test(to) ? "maybe" : "never";
  if (ports[2] !== undefined && ports[2] !== protocol) return "never";
  const inside = (ports[1] ?? "").split(",").some((range) => {
    const [low, high = low] = range.split(":").map(Number);
    return port >= Number(low) && port <= Number(high);
  });
  return inside ? "always" : "never";
}

function filtered(
  kind: "nftables" | "iptables",
  chains: readonly Chain[],
  packet: Packet,
  command: (obstacle: Obstacle, packet: Packet) => string,
): FirewallVerdict {
  const found = obstacles(chains, packet);
  const certain = found.filter((obstacle) => obstacle.certain);
  const shown = certain.length > 0 ? certain : found;
  const names = shown.map(({ chain }) => `chain ${chain.name} of table ${chain.table}`);
  return {
    kind,
    blocks: certain.length > 0 ? "yes" : found.length > 0 ? "maybe" : "no",
    where: names.length === 0 ? kind : `${kind} (${names.join(" and ")})`,
    openCommand: shown.map((obstacle) => command(obstacle, packet)).join(" && "),
  };
}

/** An explicit rule that drops must be preceded by the new one; where only the policy drops, it can be last. */
function nftCommand({ chain, rule }: Obstacle, { protocol, port }: Packet): string {
  const verb = rule === undefined ? "add" : "insert";
  return `nft ${verb} rule ${chain.table} ${chain.name} ${protocol} dport ${port} accept`;
}

function iptablesCommand({ chain }: Obstacle, { protocol, port }: Packet): string {
  return `iptables -I ${chain.name} -p ${protocol} --dport ${port} -j ACCEPT`;
}

import type { ObservedConnection, ObservedFirewall, ObservedListener } from "../core/observed.ts";
import type { Frame } from "./frames.ts";
import { setOwn } from "./own-property.ts";

/** Reads the listening sockets that `listeners` of scripts/network.sh printed (`ss -lntup`, or /proc/net). */
export function listenersOf(frames: readonly Frame[]): ObservedListener[] {
  return frames.flatMap(({ key, value }) => {
    if (key === "ss-listeners") return value.split("\n").flatMap(ssListener);
    const table = /^proc-(tcp|udp)(6?)$/.exec(key);
    if (!table) return [];
    return value.split("\n").flatMap((line) => procListener(line, table[1] as "tcp" | "udp"));
  });
}

/** One socket of ss: netid, state, receive queue, send queue, local address:port, peer address:port, process. */
function ssListener(line: string): ObservedListener[] {
  const [protocol, , , , local = "", , ...rest] = line.trim().split(/\s+/);
  const endpoint = splitEndpoint(local);
  if ((protocol !== "tcp" && protocol !== "udp") || !endpoint) return [];
  const process = /\(\("([^"]*)"/.exec(rest.join(" "))?.[1];
  return [{ protocol, ...endpoint, ...(process === undefined ? {} : { process }) }];
}

/** `127.0.0.1:323`, `[::]:514`, `*:514` or `0.0.0.0%lo:53` as address (without interface) and port. */
export function splitEndpoint(text: string): { address: string; port: number } | undefined {
  const match = /^(.*):(\d+)$/.exec(text);
  if (!match) return undefined;
  return { address: (match[1] ?? "").replace(/%[^\]]*/, "").replace(/^\[|\]$/g, ""), port: Number(match[2]) };
}

/** One line of /proc/net/tcp or udp (proc(5)): state 0A is listening for TCP, 07 unconnected for UDP. */
function procListener(line: string, protocol: "tcp" | "udp"): ObservedListener[] {
  const [, local = "", , state] = line.trim().split(/\s+/);
  const [hex = "", port = ""] = local.split(":");
  if (state !== (protocol === "tcp" ? "0A" : "07") || !/^[0-9A-F]{8}$|^[0-9A-F]{32}$/i.test(hex)) return [];
  return [{ protocol, address: kernelAddress(hex), port: Number.parseInt(port, 16) }];
}

const TABLES = ["tcp", "tcp6", "udp", "udp6"];
/** Of a busy host more than anybody asks about is left out. */
const MOST_CONNECTIONS = 2000;
/** proc(5) numbers them so; TIME_WAIT (06), CLOSE (07) and LISTEN (0A) are no connections, or end by themselves. */
const STATES: Readonly<Record<string, string>> = {
  "01": "established",
  "02": "syn-sent",
  "03": "syn-recv",
  "04": "fin-wait-1",
  "05": "fin-wait-2",
  "08": "close-wait",
  "09": "last-ack",
  "0B": "closing",
};

/** Listening sockets from the kernel's own tables (path → text). */
export function kernelListeners(tables: ReadonlyMap<string, string>): ObservedListener[] {
  return TABLES.flatMap((table) =>
    (tables.get(`/proc/net/${table}`) ?? "")
      .split("\n")
      .flatMap((line) => procListener(line, table.slice(0, 3) as "tcp" | "udp")),
  );
}

/** TCP connections to others from the kernel's own tables; undefined where there are none of these. */
export function kernelConnections(tables: ReadonlyMap<string, string>): ObservedConnection[] | undefined {
  const known = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => tables.get(path) ?? []);
  if (known.length === 0) return undefined;
  const connections: ObservedConnection[] = [];
  for (const line of known.flatMap((table) => table.split("\n"))) {
    if (connections.length === MOST_CONNECTIONS) break;
    const [, , remote = "", code = "", queues = ""] = line.trim().split(/\s+/);
    const [hex = "", port = ""] = remote.split(":");
    const state = STATES[code];
    if (state === undefined || !/^[0-9A-F]{8}$|^[0-9A-F]{32}$/i.test(hex)) continue;
    connections.push({
      protocol: "tcp",
      state,
      address: kernelAddress(hex),
      port: Number.parseInt(port, 16),
      sendQueue: Number.parseInt(queues, 16) || 0,
    });
  }
  return connections;
}

/** The kernel prints addresses as 32-bit words in the byte order of the machine (little-endian here). */
function kernelAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  if (bytes.every((byte) => byte === "00")) return "::";
  // An IPv4 address on a socket for both.
  if (/^(00){10}ffff/i.test(bytes.join(""))) {
    return bytes
      .slice(12)
      .map((byte) => Number.parseInt(byte, 16))
      .join(".");
  }
  return (bytes.join("").match(/.{4}/g) ?? [])
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

/** Reads the packet filters that `firewalls` of scripts/network.sh printed. */
export function firewallsOf(frames: readonly Frame[]): ObservedFirewall[] {
  return frames.flatMap(({ key, value }): ObservedFirewall[] => {
    if (key === "firewalld") return [firewalld(value)];
    if (key === "ufw" || key === "nftables" || key === "iptables") return [{ kind: key, rules: value }];
    return [];
  });
}

/** Keeps only the zone of the interface of the default route (else the default zone): that is where requests come in. */
function firewalld(text: string): ObservedFirewall {
  const line = (name: string): string => new RegExp(`^${name}: *(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
  const zones = text.split(/\n(?=\S)/).filter((zone) => /^\S[^:]*\n/.test(zone));
  const words = (zone: string, name: string): string[] =>
    (new RegExp(`^\\s+${name}: *(.*)$`, "m").exec(zone)?.[1] ?? "")
      .split(/\s+/)
      .filter((word) => word !== "");
  const device = line("default-interface");
  const zone =
    zones.find((text) => device !== "" && words(text, "interfaces").includes(device)) ??
    zones.find((text) => text.split(/\s/, 1)[0] === line("default-zone")) ??
    "";
  return {
    kind: "firewalld",
    rules: `default-zone: ${line("default-zone")}\n${zone.trimEnd()}\n`,
    allowed: [...words(zone, "services"), ...words(zone, "ports")],
  };
}

/** Reads `name NAME ADDRESS…` fields: name → addresses (none: it does not resolve). */
export function namesOf(frames: readonly Frame[]): Record<string, string[]> {
  const names: Record<string, string[]> = {};
  for (const { key, value } of frames) {
    if (key !== "name") continue;
    const [name = "", ...addresses] = value.split(" ").filter((word) => word !== "");
    setOwn(names, name, [...new Set(addresses)]);
  }
  return names;
}

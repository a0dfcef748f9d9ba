import type { HostLink } from "../../../../src/core/drift.ts";

export interface DemoHost {
  name: string;
  kind: "time" | "log" | "client";
  links: HostLink[];
  stratum: number;
}

/** Up to 12 hosts: one site without a suffix. Up to 100: one site with two servers of a kind. More: three sites. */
export function demoHosts(count: number): DemoHost[] {
  if (count <= 12) return site("", count, 1, 1);
  if (count <= 100) return site("", count, 2, 2);
  const places = ["ams", "fra", "sin"];
  return places.flatMap((place, index) => {
    const share = Math.floor(count / places.length) + (index < count % places.length ? 1 : 0);
    return site(`-${place}`, share, 2, 1);
  });
}

const POOL = [0, 1, 2, 3].map((number) => `${number}.pool.ntp.org`);

/** What clients are for, and how many of ten there are. */
const CLIENTS: readonly (readonly [string, number])[] = [
  ["web", 5],
  ["app", 3],
  ["db", 1],
  ["cache", 1],
];

function site(suffix: string, count: number, timeServers: number, logServers: number): DemoHost[] {
  const timeNames = names("time", timeServers, suffix);
  const logNames = names("log", logServers, suffix);
  const logs = logNames.map((to): HostLink => ({ kind: "syslog", to, state: "in-use" }));
  const time = (own: number): HostLink[] =>
    timeNames.map((to, index) => ({
      kind: "ntp",
      to,
      state: index === own % timeServers ? "in-use" : "standby",
    }));
  const servers: DemoHost[] = [
    ...timeNames.map((name): DemoHost => {
      const pool = POOL.map(
        (to, index): HostLink => ({ kind: "ntp", to, state: index === 0 ? "in-use" : "standby" }),
      );
      return { name, kind: "time", links: [...pool, ...logs], stratum: 3 };
    }),
    ...logNames.map((name): DemoHost => ({ name, kind: "log", links: time(0), stratum: 4 })),
  ];
  const left = count - servers.length;
  const clients = CLIENTS.flatMap(([kind, share], index) => {
    const before = CLIENTS.slice(0, index).reduce((sum, [, part]) => sum + Math.round((left * part) / 10), 0);
    const size = index === CLIENTS.length - 1 ? left - before : Math.round((left * share) / 10);
    return names(kind, Math.max(0, size), suffix).map(
      (name, own): DemoHost => ({ name, kind: "client", links: [...time(own), ...logs], stratum: 4 }),
    );
  });
  return [...servers, ...clients];
}

function names(kind: string, count: number, suffix: string): string[] {
  const width = String(count).length;
  return Array.from(
    { length: count },
    (_, index) => `${kind}${String(index + 1).padStart(width, "0")}${suffix}`,
  );
}

import { errorData, type LfceErrorData } from "../../core/errors.ts";
import { networksOf } from "./access.ts";
import type { DesiredChrony, DesiredDirective, DesiredSource } from "./desired.ts";
import { isDirective } from "./directives.ts";

export type NtpRole = "ntp_server" | "ntp_client";

/** The directive names that are time sources, and those that say who is served and when. */
export const SOURCE_NAMES: ReadonlySet<string> = new Set(["server", "pool", "peer"]);
export const ACCESS_NAMES: ReadonlySet<string> = new Set(["allow", "deny", "local"]);

/** Directives that `directives` cannot name: parameters own them, or they are never owned. */
const NEVER_CLAIMED = new Set([
  ...SOURCE_NAMES,
  ...ACCESS_NAMES,
  "sourcedir",
  "confdir",
  "include",
  "refclock",
]);

/** What the present roles own on one host: which settings, what they shall say, and whose block says it. */
export interface Claims {
  sources?: { role: NtpRole; wanted: DesiredSource[]; exclusive: boolean };
  access?: { allow: string[]; deny: string[]; local?: { stratum: number; orphan: boolean } };
  directives: Map<string, { role: NtpRole; values: string[] }>;
}

/**
 * Works out the claims. Errors: the two roles say different things about one setting, `directives` names
 * what it may not, `allow` and `deny` hold the same entry.
 */
export function claimsOf(desired: DesiredChrony): { claims: Claims; errors: LfceErrorData[] } {
  const errors: LfceErrorData[] = [];
  const claims: Claims = { directives: new Map() };
  const server = desired.server?.state === "present" ? desired.server : undefined;
  const client = desired.client?.state === "present" ? desired.client : undefined;
  const refuse = (code: string, message: string, hint: string) =>
    errors.push(errorData(code, message, hint, desired.at));

  if (server?.sources) {
    claims.sources = { role: "ntp_server", wanted: server.sources, exclusive: server.exclusive };
  }
  // A client that has no server left does nothing about sources, rather than switching all of them off.
  if (client && client.sources.length > 0) {
    if (claims.sources && !sameSources(claims.sources.wanted, client.sources)) {
      refuse(
        "chrony-sources-contradict",
        "ntp_server.sources and ntp_client.servers are one setting of this host, and differ",
        "give them the same sources, or leave one of the two out",
      );
    }
    claims.sources = { role: "ntp_client", wanted: client.sources, exclusive: client.exclusive };
  }
  if (server) {
    // The same network twice: whichever line chronyd reads last would count.
    const denied = new Set(server.deny.flatMap((entry) => networksOf(entry, {})));
    const both = server.allow.find((entry) => networksOf(entry, {}).some((network) => denied.has(network)));
    if (both !== undefined) {
      refuse("chrony-access-contradicts", `${both} is in allow and in deny`, "take it out of one of the two");
    }
    const local =
      server.localStratum !== undefined || server.orphan
        ? { stratum: server.localStratum ?? 10, orphan: server.orphan }
        : undefined;
    claims.access = { allow: server.allow, deny: server.deny, ...(local ? { local } : {}) };
  }
  const claim = (role: NtpRole, { name, values }: DesiredDirective) => {
    const key = name.toLowerCase();
    const other = claims.directives.get(key);
    if (NEVER_CLAIMED.has(key) || !isDirective(key)) {
      const hint = isDirective(key)
        ? "use the parameters of ntp_server and ntp_client; refclock and include lines are yours to keep"
        : "see chrony.conf(5) for the directives that there are";
      refuse("chrony-directive-refused", `${name} cannot be set under directives`, hint);
    } else if (other && other.values.join("\n") !== values.join("\n")) {
      refuse(
        "chrony-directive-contradicts",
        `ntp_server and ntp_client give ${name} different values on this host`,
        `write the same value for ${name} in both roles, or give it in one only`,
      );
    } else if (!other) claims.directives.set(key, { role, values });
  };
  for (const directive of server?.directives ?? []) claim("ntp_server", directive);
  for (const directive of client?.directives ?? []) claim("ntp_client", directive);
  return { claims, errors };
}

function sameSources(left: readonly DesiredSource[], right: readonly DesiredSource[]): boolean {
  const spell = (list: readonly DesiredSource[]) =>
    list
      .map((source) => JSON.stringify([source.kind, source.address, Object.entries(source.options).sort()]))
      .sort()
      .join("\n");
  return spell(left) === spell(right);
}

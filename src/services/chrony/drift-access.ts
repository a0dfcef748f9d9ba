import ipaddr from "ipaddr.js";
import type { LocatedFinding } from "../host-drift.ts";
import { networksOf, readAccess } from "./access.ts";
import type { Claims } from "./claims.ts";
import type { Decision } from "./decide.ts";
import { type LinesInQuestion, missingLine, wordsOf, wrongLine } from "./drift-lines.ts";

type Missing = Pick<Decision["missing"], "allow" | "deny" | "local">;

/** Who is served otherwise than declared. A network that was widened is told as what it has become. */
export function accessFindings(claims: Claims, found: LinesInQuestion, missing: Missing): LocatedFinding[] {
  if (!claims.access) return [];
  const { names } = found.observed;
  const said: Record<"allow" | "deny", string[]> = { allow: [], deny: [] };
  const findings = found.wrong.flatMap((loaded): LocatedFinding[] => {
    const { line } = loaded;
    if (line.name !== "allow" && line.name !== "deny") return [];
    const { networks } = readAccess(line.arguments, names);
    said[line.name].push(...networks);
    const item = wordsOf(`${line.name} ${title(networks, line.arguments)}`);
    const message = `${line.file} says "${item}", which the playbook does not declare`;
    return [wrongLine(found, loaded, "access-undeclared", item, message)];
  });
  for (const verb of ["allow", "deny"] as const) {
    const isWithin = within(said[verb]);
    for (const entry of missing[verb]) {
      const networks = networksOf(entry, names);
      if (networks.every(isWithin)) continue;
      const item = `${verb} ${title(networks, [entry])}`;
      const line = entry.toLowerCase() === "all" ? verb : `${verb} ${entry}`;
      findings.push(missingLine(found, "access-missing", item, `no file says "${item}"`, line));
    }
  }
  return findings;
}

/** Whether and how the server serves its own clock, otherwise than declared. */
export function localFindings(claims: Claims, found: LinesInQuestion, missing: Missing): LocatedFinding[] {
  if (!claims.access) return [];
  const { local } = claims.access;
  const declared = local && `local stratum ${local.stratum}${local.orphan ? " orphan" : ""}`;
  const lines = found.wrong.filter(({ line }) => line.name === "local");
  if (lines.length === 0 && declared !== undefined && missing.local) {
    return [missingLine(found, "local-missing", "local", `no file says "${declared}"`, declared)];
  }
  return lines.map((loaded) => {
    const written = wordsOf(["local", ...loaded.line.arguments].join(" "));
    return declared === undefined
      ? wrongLine(
          found,
          loaded,
          "local-undeclared",
          "local",
          `${loaded.line.file} says "${written}", and the playbook declares no local stratum`,
        )
      : wrongLine(
          found,
          loaded,
          "local-differs",
          "local",
          `${loaded.line.file} says "${written}", not "${declared}"`,
        );
  });
}

/** Networks in words: `all` for everyone. */
function title(networks: readonly string[], words: readonly string[]): string {
  if (networks.length > 1) return "all";
  return networks[0]?.replace(/^name:/, "") ?? words.join(" ");
}

/**
 * Tells of a network whether it lies in one of these; all in the spelling of `networksOf`. A server can have ten
 * thousand of them, so each is looked up under the lengths that there are, not compared with every other.
 */
function within(networks: readonly string[]): (network: string) => boolean {
  const known = new Set(networks);
  const lengths = [...new Set(networks.map((network) => network.slice(network.lastIndexOf("/") + 1)))];
  return (network) => {
    if (known.has(network)) return true;
    if (known.size === 0 || network.startsWith("name:")) return false;
    const [address, bits] = ipaddr.parseCIDR(network);
    const family = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
    return lengths
      .filter((length) => Number(length) < bits)
      .some((length) => known.has(`${family.networkAddressFromCIDR(`${address}/${length}`)}/${length}`));
  };
}

import ipaddr from "ipaddr.js";
import type { LocatedFinding } from "../host-drift.ts";
import { networksOf, readAccess } from "./access.ts";
import type { Claims } from "./claims.ts";
import type { Decision } from "./decide.ts";
import { type LinesInQuestion, missingLine, wrongLine } from "./drift-lines.ts";

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
    const item = `${line.name} ${title(networks, line.arguments)}`;
    const message = `${line.file} says "${item}", which the playbook does not declare`;
    return [wrongLine(found, loaded, "access-undeclared", item, message)];
  });
  for (const verb of ["allow", "deny"] as const) {
    for (const entry of missing[verb]) {
      const networks = networksOf(entry, names);
      const isWidened = networks.every((network) => said[verb].some((wider) => contains(wider, network)));
      if (isWidened) continue;
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
    const written = ["local", ...loaded.line.arguments].join(" ");
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

/** Whether all of the network `inner` lies in `outer`; both in the spelling of `networksOf`. */
function contains(outer: string, inner: string): boolean {
  if (outer === inner) return true;
  if (outer.startsWith("name:") || inner.startsWith("name:")) return false;
  const [wide, wideBits] = ipaddr.parseCIDR(outer);
  const [narrow, narrowBits] = ipaddr.parseCIDR(inner);
  return wide.kind() === narrow.kind() && wideBits <= narrowBits && narrow.match(wide, wideBits);
}

import type { NtpEvidence } from "../../core/evidence.ts";
import { type ChronycSource, parseSources } from "./chronyc.ts";
import type { DesiredSource } from "./desired.ts";
import { sameAddress } from "./source-line.ts";

/** A source as chronyd has it, under both of its names. */
export interface KnownSource extends ChronycSource {
  /** Undefined: the configured name has not resolved. */
  address?: string;
  /** The name in the configuration, where the version can tell. */
  configured?: string;
}

/**
 * Joins the two listings of one daemon (`-n` and `-N`, both `-a`): they have the same order. Where they do not
 * fit (an old version, a source that came or went between the two), the configured names stay unknown.
 */
export function knownSources(evidence: Pick<NtpEvidence, "sources" | "namedSources">): KnownSource[] {
  const numeric = parseSources(evidence.sources);
  const named = parseSources(evidence.namedSources);
  const fits =
    numeric.length === named.length && numeric.every((source, i) => source.mode === named[i]?.mode);
  return numeric.map((source, index) => {
    const configured = fits ? named[index]?.name : undefined;
    return {
      ...source,
      ...(source.name.startsWith("ID#") || source.mode === "refclock" ? {} : { address: source.name }),
      ...(configured === undefined ? {} : { configured }),
    };
  });
}

/** Whether chronyd's source is the declared one, under any spelling of it or an address that the host finds for it. */
export function isDeclared(
  declared: DesiredSource,
  source: KnownSource,
  names: Readonly<Record<string, string[]>>,
): boolean {
  if (source.mode === "refclock") return false;
  if (source.configured !== undefined && sameAddress(declared, source.configured)) return true;
  if (source.address === undefined) return false;
  if (sameAddress(declared, source.address)) return true;
  return [declared.address, ...declared.aliases].some((alias) =>
    names[alias]?.includes(source.address ?? ""),
  );
}

/** How messages call a declared source: its inventory name with the address, or what the playbook says. */
export function sourceTitle(declared: DesiredSource): string {
  return declared.host === undefined || declared.host === declared.address
    ? declared.address
    : `${declared.host} (${declared.address})`;
}

import type { Warning } from "../../core/errors.ts";
import { errorData } from "../../core/errors.ts";
import { positionOf } from "./base.ts";
import { type Claims, SOURCE_NAMES } from "./claims.ts";
import type { DesiredChrony, SourceKind } from "./desired.ts";
import type { Settlement } from "./settle.ts";
import { readSource } from "./source-line.ts";

/** How many servers chronyd takes from one pool unless `maxsources` says otherwise. */
const POOL_SIZE = 4;

/** Directives that were left as they are and keep what is declared from having an effect. */
export function idleAdvice(desired: DesiredChrony, claims: Claims, settlement: Settlement): Warning[] {
  return [
    ...(desired.server?.state === "present" ? serverAdvice(settlement, claims) : []),
    ...(claims.sources ? tooFewSources(claims.sources, desired, claims, settlement) : []),
  ];
}

/** The line that counts of a directive that has one value: the last. Undefined where the playbook owns it. */
function lastLine(name: string, settlement: Settlement, claims?: Claims) {
  if (claims?.directives.has(name)) return undefined;
  return settlement.loaded.lines.findLast(({ line }) => line.name === name)?.line;
}

function serverAdvice(settlement: Settlement, claims: Claims): Warning[] {
  const warnings: Warning[] = [];
  const port = lastLine("port", settlement, claims);
  if (port && Number(port.arguments[0]) === 0) {
    warnings.push(
      errorData(
        "chrony-port-closed",
        `"port 0" closes the NTP port: nobody is served, whatever allow says`,
        "remove that line, or set port under directives",
        positionOf(port),
      ),
    );
  }
  const bound = settlement.loaded.lines.filter(({ line }) => line.name === "bindaddress");
  const loopback = (address = "") => /^127\./.test(address) || address === "::1";
  const last = bound.at(-1)?.line;
  if (
    last &&
    !claims.directives.has("bindaddress") &&
    bound.every(({ line }) => loopback(line.arguments[0]))
  ) {
    warnings.push(
      errorData(
        "chrony-bound-to-loopback",
        `chronyd answers on ${last.arguments[0]} only, which no other host reaches`,
        "remove the bindaddress line, or set bindaddress under directives",
        positionOf(last),
      ),
    );
  }
  return warnings;
}

/** More sources asked for by `minsources` than there are: the clock is then never set. */
function tooFewSources(
  claim: NonNullable<Claims["sources"]>,
  desired: DesiredChrony,
  claims: Claims,
  settlement: Settlement,
): Warning[] {
  const line = lastLine("minsources", settlement, claims);
  const needed = Number(claims.directives.get("minsources")?.values.at(-1) ?? line?.arguments[0]);
  const there = settlement.loaded.lines
    .filter((one) => SOURCE_NAMES.has(one.line.name))
    .map((one) => readSource(one.line.name as SourceKind, one.line.arguments));
  const size = (kind: string | undefined, most: unknown) => (kind === "pool" ? Number(most ?? POOL_SIZE) : 1);
  const count =
    there.reduce((sum, source) => sum + size(source?.kind, source?.options.get("maxsources")), 0) +
    settlement.missing.sources.reduce((sum, { kind, options }) => sum + size(kind, options.maxsources), 0);
  if (claim.wanted.length === 0 || !(needed > count)) return [];
  return [
    errorData(
      "chrony-too-few-sources",
      `minsources ${needed} asks for more sources than the ${count} that there are: the clock is never set`,
      "declare more sources, or set a smaller minsources under directives",
      line ? positionOf(line) : desired.at,
    ),
  ];
}

import { facilities, facilityAliases, parseSelector, severities, severityAliases } from "./facilities.ts";

/** Facility name → bits of the severities that a selector lets through (bit 0: emerg … bit 7: debug). */
export type SelectorMask = Readonly<Record<string, number>>;

const everySeverity = 0xff;

/**
 * What a selector lets through, its parts applied from left to right as rsyslog does: a part adds the
 * severities it names and all graver ones, `=` only the one, `!` takes them away, `none` takes all away.
 * Several selectors are joined with `;`. Undefined for what is no selector.
 */
export function selectorMask(selector: string | readonly string[]): SelectorMask | undefined {
  const parts = parseSelector(typeof selector === "string" ? selector : selector.join(";"));
  if (!Array.isArray(parts)) return undefined;
  const mask: Record<string, number> = Object.fromEntries(Object.keys(facilities).map((name) => [name, 0]));
  for (const part of parts) {
    const bits = severityBits(part.severity, part.exact);
    const clears = part.negated !== (part.severity === "none");
    const names = part.facilities.includes("*") ? Object.keys(facilities) : part.facilities;
    for (const name of names) mask[name] = clears ? (mask[name] ?? 0) & ~bits : (mask[name] ?? 0) | bits;
  }
  return mask;
}

function severityBits(severity: string, exact: boolean): number {
  if (severity === "*" || severity === "none") return everySeverity;
  const number = severities[severity] ?? 0;
  return exact ? 1 << number : (1 << (number + 1)) - 1;
}

/** Does a selector let messages of `facility.severity` through? */
export function selectorMatches(selector: string | readonly string[], priority: string): boolean {
  const [facilityText = "", severityText = ""] = priority.toLowerCase().split(".");
  const facility = facilityAliases[facilityText] ?? facilityText;
  const severity = severities[severityAliases[severityText] ?? severityText];
  const bits = selectorMask(selector)?.[facility];
  return bits !== undefined && severity !== undefined && (bits & (1 << severity)) !== 0;
}

/** Quiet facilities first; kern is missing because logger(1) sends it as user. */
const probeFacilities = [
  "local6",
  "local5",
  "local4",
  "local3",
  "local2",
  "local1",
  "local0",
  "local7",
  "user",
  "daemon",
  "syslog",
  "auth",
  "authpriv",
  "cron",
  "ftp",
  "lpr",
  "mail",
  "news",
  "uucp",
];
/** Everyday severities first; emerg last because it is written to every terminal. */
const probeSeverities = ["info", "notice", "warning", "err", "debug", "crit", "alert", "emerg"];

/**
 * The `facility.severity` for a probe message that the selectors let through: local6.info where it can be,
 * otherwise the quietest that matches. Undefined when no message from logger(1) would pass.
 */
export function probePriority(selectors: readonly string[]): string | undefined {
  const mask = selectorMask(selectors);
  if (!mask) return undefined;
  for (const severity of probeSeverities) {
    const bit = 1 << (severities[severity] ?? 0);
    const facility = probeFacilities.find((name) => ((mask[name] ?? 0) & bit) !== 0);
    if (facility !== undefined) return `${facility}.${severity}`;
  }
  return undefined;
}

import { keptLately } from "../../../core/kept-lately.ts";
import { facilities, parseSelector, severities } from "../facilities.ts";

/**
 * Which messages pass: by facility number a bit mask of severities (bit 0 is emerg). Two selectors that
 * choose the same messages have equal masks, however they are written.
 */
export type MessageSet = readonly number[];

const facilityCount = 24;
/** The mask of a facility all of whose messages are in a set. */
export const everySeverity = 0xff;

/** Every message. */
export const everything: MessageSet = new Array<number>(facilityCount).fill(everySeverity);

/** What a selector chooses (rsyslog.conf(5): parts from left to right, the later one wins); undefined: nobody can say. */
export const selectorSet = keptLately(chosenBy);

function chosenBy(text: string): MessageSet | undefined {
  const parts = parseSelector(text.toLowerCase().replace(/;+$/, ""));
  if (!Array.isArray(parts)) return undefined;
  const masks = new Array<number>(facilityCount).fill(0);
  for (const part of parts) {
    const chosen = severityMask(part.severity, part.exact);
    const removes = part.negated !== (part.severity === "none");
    for (const name of part.facilities) {
      const numbers = name === "*" ? masks.keys() : [facilities[name] as number];
      for (const number of numbers) {
        const before = masks[number] as number;
        masks[number] = removes ? before & ~chosen : before | chosen;
      }
    }
  }
  return masks;
}

function severityMask(severity: string, exact: boolean): number {
  const number = severities[severity];
  if (number === undefined) return everySeverity;
  return exact ? 1 << number : (2 << number) - 1;
}

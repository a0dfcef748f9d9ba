import { facilities, parseSelector, severities } from "../facilities.ts";
import type { MessageFilter } from "../in-force/in-force-model.ts";

/**
 * Which messages pass: by facility number a bit mask of severities (bit 0 is emerg). Two selectors that
 * choose the same messages have equal masks, however they are written.
 */
export type MessageSet = readonly number[];

const facilityCount = 24;
const everySeverity = 0xff;

/** Every message. */
export const everything: MessageSet = new Array<number>(facilityCount).fill(everySeverity);

/** What a selector chooses (rsyslog.conf(5): parts from left to right, the later one wins); undefined: nobody can say. */
export function selectorSet(text: string): MessageSet | undefined {
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

/** What passes all `filters`; undefined when one of them looks at more than facility and severity. */
export function messageSet(filters: readonly MessageFilter[]): MessageSet | undefined {
  let passed = everything;
  for (const filter of filters) {
    const set = filterSet(filter);
    if (!set) return undefined;
    passed = passed.map((mask, number) => mask & (set[number] as number));
  }
  return passed;
}

function filterSet(filter: MessageFilter): MessageSet | undefined {
  if (filter.kind === "selector") return selectorSet(filter.text);
  if (filter.kind === "property") return undefined;
  const selector = /^\(?\s*prifilt\s*\(\s*(["'])([^"']*)\1\s*\)\s*\)?$/i.exec(filter.text)?.[2];
  return selector === undefined ? undefined : selectorSet(selector);
}

/** Whether two sets choose the same messages. */
export function sameMessages(one: MessageSet | undefined, other: MessageSet | undefined): boolean {
  if (!one || !other) return false;
  return one.every((mask, number) => mask === other[number]);
}

const senderProperties = /fromhost|inputname/i;

/** Whether the filters name a sender, and so have nothing to do with the host's own messages. */
export function isAboutSenders(filters: readonly MessageFilter[]): boolean {
  return filters.some((filter) => {
    if (filter.kind === "selector") return false;
    const text = filter.kind === "property" ? filter.property : filter.text;
    return senderProperties.test(text) && !/127\.0\.0\.1|localhost/.test(filter.text);
  });
}

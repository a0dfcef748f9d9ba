import type { MessageFilter } from "../in-force/in-force-model.ts";
import { expressionSet, propertySet } from "./expression-set.ts";
import { everySeverity, everything, type MessageSet, selectorSet } from "./selector-set.ts";

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
  if (filter.kind === "expression") return expressionSet(filter.text);
  const set = propertySet(filter.property, filter.operation, filter.value);
  return filter.negated ? set?.map((mask) => everySeverity & ~mask) : set;
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

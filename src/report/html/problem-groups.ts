import { withoutOwn } from "../grouping.ts";
import { type FleetRecord, type HostRecord, itemKey, type Problem } from "./fleet-record.ts";

/** One host that has, or had, a problem. */
export interface ProblemHost {
  /** Index in the report's list of hosts. */
  host: number;
  /** Whether the newest night's look found it. */
  now: boolean;
  /** Whether that look was the first to find it. */
  isNew: boolean;
  since?: string | undefined;
  looks?: number | undefined;
  returned?: number | undefined;
}

/** The same words about the same thing, with every host of which they are true. */
export interface ProblemVariant extends Pick<Problem, "message" | "detail" | "hint"> {
  id: number;
  hosts: ProblemHost[];
}

/** Everything that is called the same: a code and what it is about. */
export interface ProblemGroup extends Pick<Problem, "kind" | "code" | "item"> {
  id: number;
  variants: ProblemVariant[];
  /** Indexes of the hosts that have it now, and of those that had it once. */
  now: number[];
  before: number[];
  /** Of those that have it now: how many had not when they were looked at before. */
  fresh: number;
}

/** All problems of the report's nights, and how a host's own are found among them. */
export interface GroupedProblems {
  /** New ones first, then those of most hosts; errors after findings. */
  groups: ProblemGroup[];
  /** By `itemKey`. */
  groupOf(key: string): number | undefined;
  variantsOf(host: number): readonly number[];
}

/**
 * Puts together what is the same on many hosts, so that a package upgrade on 300 hosts reads as one thing with 300
 * names.
 */
export function groupProblems(record: FleetRecord, hosts: readonly HostRecord[]): GroupedProblems {
  const groups = new Map<string, ProblemGroup & { byText: Map<string, ProblemVariant> }>();
  const variantsOf: number[][] = hosts.map(() => []);
  let variants = 0;
  hosts.forEach((host, index) => {
    const standing = new Set(host.nights[record.nights.length - 1]?.items);
    for (const [key, problem] of host.problems) {
      const { kind, code, item, message, detail, hint } = problem;
      let group = groups.get(key);
      if (!group) {
        const id = groups.size;
        group = { id, kind, code, item, variants: [], now: [], before: [], fresh: 0, byText: new Map() };
        groups.set(key, group);
      }
      // An error's sentence names its own host and address: what several say is told without them.
      const alike = kind === "error" ? inCommon(message, host.name) : message;
      const text = JSON.stringify([alike, detail, hint]);
      let variant = group.byText.get(text);
      if (!variant) {
        variant = { id: variants++, message, detail, hint, hosts: [] };
        group.byText.set(text, variant);
        group.variants.push(variant);
      } else if (variant.message !== message) {
        variant.message = alike;
      }
      const now = standing.has(key);
      const isNew = now && isFresh(record, host, problem);
      const { since, looks, returned } = problem;
      variant.hosts.push({ host: index, now, isNew, since, looks, returned });
      variantsOf[index]?.push(variant.id);
      group[now ? "now" : "before"].push(index);
      if (isNew) group.fresh += 1;
    }
  });
  return {
    groups: [...groups.values()].map(({ byText: _, ...group }) => group).sort(inReadingOrder),
    groupOf: (key) => groups.get(key)?.id,
    variantsOf: (host) => variantsOf[host] ?? [],
  };
}

/** A sentence that is true of several hosts: without what only one of them would say. */
function inCommon(message: string, host: string): string {
  return withoutOwn(message, host)
    .replaceAll(/\bHOST\b/g, "the host")
    .replaceAll(/(?<=\w)OWN\b/g, "")
    .replaceAll(/\bOWN\b/g, "…");
}

/** What the history says; where it recorded nothing, what the nights of the report say. */
function isFresh(record: FleetRecord, host: HostRecord, problem: Problem): boolean {
  if (problem.looks !== undefined) return problem.looks <= 1;
  const newest = record.nights[record.nights.length - 1];
  if (problem.since !== undefined && newest) return problem.since >= newest.started;
  const before = host.nights.slice(0, -1).findLast((night) => night && night.state !== "unknown");
  const unknownBefore = problem.kind === "error" && host.nights.at(-2)?.state === "unknown";
  return !before?.items.includes(itemKey(problem)) && !unknownBefore;
}

function inReadingOrder(a: ProblemGroup, b: ProblemGroup): number {
  return (
    Number(b.now.length > 0) - Number(a.now.length > 0) ||
    Number(a.kind === "error") - Number(b.kind === "error") ||
    Number(b.fresh > 0) - Number(a.fresh > 0) ||
    b.now.length - a.now.length ||
    b.before.length - a.before.length ||
    (a.code < b.code ? -1 : 1)
  );
}

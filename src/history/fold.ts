import type { DriftFinding, ResolvedFinding } from "../core/drift.ts";
import type { HostFinished } from "../core/events.ts";
import {
  type HostHistory,
  type ItemHistory,
  isStanding,
  REMEMBERED_LOOKS,
  timesReturned,
} from "../core/history.ts";

/** What a run makes of a host: the event with what the history adds to it, and the host's history after it. */
export interface FoldedHost<Event> {
  event: Event;
  /** Absent: nothing is known of the host, and nothing was found out. */
  history?: HostHistory;
}

type Finished = Pick<HostFinished, "host" | "status" | "drift" | "resolved" | "unjudged" | "unknownSince">;

/**
 * Takes up what a run found on a host. A run that did not look at it (skipped, interrupted, unreachable, failed before
 * it was looked at: an event without `drift`) leaves its findings as they were: neither resolved nor new the next time.
 * @param started the start of the run (RFC 3339, UTC)
 */
export function foldHost<Event extends Finished>(
  before: HostHistory | undefined,
  event: Event,
  started: string,
): FoldedHost<Event> {
  if (event.drift !== undefined) return foldLook(before, event, event.drift, started);
  if (event.status === "skipped") return { event, ...(before ? { history: before } : {}) };
  const unknownSince = before?.unknownSince ?? event.unknownSince ?? started;
  const history = { ...(before ?? { host: event.host, looks: 0, items: [] }), met: started, unknownSince };
  return { event: { ...event, unknownSince }, history };
}

function foldLook<Event extends Finished>(
  before: HostHistory | undefined,
  event: Event,
  drift: readonly DriftFinding[],
  started: string,
): FoldedHost<Event> {
  const { resolved: given = [], unknownSince: lastUnknown, ...rest } = event;
  const looks = before?.looks ?? 0;
  const known = byKey(before?.items ?? []);
  const found = byKey(drift);
  // What a recorded run found gone is worked out anew.
  const mended = byKey(given.filter((one) => one.mended && !found.has(keyOf(one))));
  const take = (mark: "1" | "x") => (finding: ResolvedFinding) =>
    seenAgain(known.get(keyOf(finding)), finding, mark, looks, started);
  const standing = [...found.values()].map(take("1"));
  const mendedNow = [...mended.values()].map(take("x"));
  const missing = [...known.values()].filter((item) => !found.has(keyOf(item)) && !mended.has(keyOf(item)));
  const gone = missing.filter((item) => !isUnjudged(item, event.unjudged));
  const now = byKey(standing);
  const resolved = [
    ...mendedNow.map((item) => ({ ...ended(item), mended: true })),
    ...gone.filter(isStanding).map(ended),
  ];
  const unknownSince = before ? before.unknownSince : lastUnknown;
  return {
    event: {
      ...(rest as Event),
      drift: drift.map((finding) => annotated(now.get(keyOf(finding)), finding)),
      ...(resolved.length > 0 ? { resolved } : {}),
      ...(unknownSince === undefined ? {} : { unknownSince }),
    },
    history: {
      host: event.host,
      looks: Math.min(looks + 1, REMEMBERED_LOOKS),
      looked: started,
      met: started,
      items: [
        ...standing,
        ...mendedNow,
        ...gone.flatMap(notSeen),
        ...missing.filter((item) => isUnjudged(item, event.unjudged)),
      ],
    },
  };
}

/** Whether the run could say nothing of it, so that it stays as it was. */
function isUnjudged({ item }: ItemHistory, unjudged: readonly string[] = []): boolean {
  return unjudged.some((one) => item === one || item.startsWith(`${one}:`));
}

/** An item's history with one more look that found it. */
function seenAgain(
  known: ItemHistory | undefined,
  { code, item, message, since, looks }: ResolvedFinding,
  mark: "1" | "x",
  looksBefore: number,
  started: string,
): ItemHistory {
  const seen = `${known?.seen ?? "0".repeat(looksBefore)}${mark}`.slice(-REMEMBERED_LOOKS);
  const finding = { code, item, message, last: started, seen };
  if (known !== undefined && isStanding(known))
    return { ...finding, since: known.since, looks: known.looks + 1 };
  // The first look that is known: where it was recorded with its beginning, that still holds.
  if (looksBefore === 0) return { ...finding, since: since ?? started, looks: looks ?? 1 };
  return { ...finding, since: started, looks: 1 };
}

/** An item's history with one more look that did not find it; nothing once it was found in none. */
function notSeen(item: ItemHistory): ItemHistory[] {
  const seen = `${item.seen}0`.slice(-REMEMBERED_LOOKS);
  return /[1x]/.test(seen) ? [{ ...item, seen }] : [];
}

function annotated(item: ItemHistory | undefined, finding: DriftFinding): DriftFinding {
  if (item === undefined) return finding;
  const { since: _, looks: __, returned: ___, detail, ...rest } = finding;
  const returned = timesReturned(item);
  return {
    ...rest,
    ...(detail === undefined ? {} : { detail }),
    since: item.since,
    looks: item.looks,
    ...(returned > 0 ? { returned } : {}),
  };
}

function ended({ code, item, message, since, looks }: ItemHistory): ResolvedFinding {
  return { code, item, message, since, looks };
}

function keyOf({ code, item }: Pick<ItemHistory, "code" | "item">): string {
  return `${code}\n${item}`;
}

/** By what a finding is recognised; of two that are the same, the first. */
function byKey<Item extends Pick<ItemHistory, "code" | "item">>(items: readonly Item[]): Map<string, Item> {
  const byKey = new Map<string, Item>();
  for (const item of items) if (!byKey.has(keyOf(item))) byKey.set(keyOf(item), item);
  return byKey;
}

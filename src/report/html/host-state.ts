/** How a host stood on a night, as the history tells it apart. */
export type HostState = "drifted" | "unknown" | "absent" | "fine";

/** In the order in which a person wants to read. */
export const HOST_STATES: readonly HostState[] = ["drifted", "unknown", "absent", "fine"];

/** What a state is called, and the mark that stands beside its colour everywhere. */
export const STATE_WORDS: Readonly<Record<HostState, { word: string; mark: string; meaning: string }>> = {
  drifted: { word: "drifted", mark: "!", meaning: "something is not as the playbook declares" },
  unknown: {
    word: "unknown",
    mark: "?",
    meaning: "the host could not be looked at: neither fine nor drifted",
  },
  absent: { word: "not looked at", mark: "–", meaning: "no run of that night was for this host" },
  fine: { word: "as declared", mark: "✓", meaning: "looked at, and nothing found" },
};

/** How many hosts are in each state. */
export type StateCounts = Record<HostState, number>;

export function countStates(states: Iterable<HostState>): StateCounts {
  const counts: StateCounts = { drifted: 0, unknown: 0, absent: 0, fine: 0 };
  for (const state of states) counts[state] += 1;
  return counts;
}
